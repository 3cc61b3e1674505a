// The list has changed: what fits now comes by itself while nobody is at work on the page, else when asked for.
{
  const offer = document.querySelector("[data-new-list]"), A_MOMENT = 300;
  let told = 0;
  // The browser knows who pressed or clicked in the last seconds.
  const isAtWork = () => !document.hidden && (navigator.userActivation?.isActive || document.querySelector("#results .why-place > *, #results :focus"));
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
