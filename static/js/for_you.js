// Where the keyboard goes after an action on a card, and how a reason is closed again.
document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.target;
  // A key pressed on the card's title moves on to what the key has brought; a button's place keeps its id.
  const isLost = document.activeElement === document.body || !document.activeElement;
  const score = place.matches?.(".on-card") && place.querySelector("[data-focus]");
  if (score) score.focus();
  else if (isLost) place.closest?.("[data-card]")?.querySelector("[data-focus]")?.focus();
});

function close(button) {
  const place = button.closest(".why-place");
  const asked = document.getElementById(`ask-${place.id}`);
  place.replaceChildren();
  asked?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-why-close]");
  if (button) close(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const button = document.activeElement?.closest(".why-place")?.querySelector("[data-why-close]");
  if (button) close(button);
});
