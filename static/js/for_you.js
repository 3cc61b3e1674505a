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

// The list has changed: what fits now comes by itself while nobody is at work here, else when asked for.
{
  const offer = document.querySelector("[data-new-list]"), AT_WORK = 10000, A_MOMENT = 300;
  let touched = 0, told = 0;
  for (const way of ["pointerdown", "keydown", "wheel", "touchmove"]) addEventListener(way, () => { touched = Date.now(); }, { passive: true });
  const isAtWork = () => !document.hidden && (Date.now() - touched < AT_WORK || document.querySelector("#results .why-place > *, #results :focus"));
  const isShown = () => told <= Number(document.querySelector("[data-found-of]")?.dataset.foundOf);
  const show = () => htmx.ajax("GET", location.href, { target: "#results", swap: "innerHTML" });

  function look() {
    if (isShown()) return offer.replaceChildren();
    if (!isAtWork()) return show();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.textContent = "Your list has changed: show what fits now";
    button.addEventListener("click", () => show().then(() => document.getElementById("content").focus()));
    offer.replaceChildren(button);
  }

  // What this page did itself comes with its own answer in a moment.
  document.body.addEventListener("live:list", ({ detail }) => { told = detail; setTimeout(look, A_MOMENT); });
  document.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target.id === "results" && isShown()) offer.replaceChildren(); });
}
