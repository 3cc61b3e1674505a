// A remote cover that does not arrive gives way to the drawn one beneath it.
document.addEventListener("error", (event) => {
  if (event.target.matches && event.target.matches(".cover__remote")) event.target.remove();
}, true);

// An answer that is a whole page (an ended session) belongs in the window, not in a fragment.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!/^\s*<!doctype/i.test(event.detail.xhr.responseText)) return;
  event.detail.shouldSwap = false;
  if (event.detail.xhr.status < 400) window.location.reload();
});

// Names in braces: a page's own script may use the same.
{
  const on = (name, heard) => document.addEventListener(name, heard);
  // What could not be done is said in a sentence, over the page that stays as it was.
  const toast = document.querySelector("[data-toast]");
  const say = (words) => { if (toast) toast.textContent = words; };
  const BAD = { 403: "That was refused. Reload the page and try again.", 404: "That is not there any more. Reload the page.", 429: "That was a lot at once. Wait a minute and try again." };
  on("htmx:responseError", ({ detail: { xhr: { status } } }) => say(BAD[status] || (status < 500 ? "That did not work. Reload the page and try again." : "Something broke on our side. Try again in a moment.")));
  for (const lost of ["sendError", "timeout"]) on(`htmx:${lost}`, () => say("No answer from the site. Check the connection and try again."));

  // What takes long is seen at the top, and heard after a second.
  const busy = document.querySelector("[data-busy]");
  let running = 0, later;
  const count = (by) => {
    if (!busy) return;
    running = Math.max(0, running + by);
    busy.classList.toggle("busy--on", running > 0);
    clearTimeout(later);
    const tell = (words) => { busy.firstElementChild.textContent = words; };
    if (running) later = setTimeout(tell, 1000, "Loading"); else tell("");
  };
  on("htmx:beforeRequest", () => { say(""); count(1); });
  on("htmx:afterRequest", () => count(-1));

  // A form is sent once, however often it is pressed; Back finds it ready again.
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if ("sent" in form.dataset) event.preventDefault(); else form.dataset.sent = "";
  });
  window.addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent; });

  // The menu closes when one goes elsewhere.
  const menu = document.querySelector("[data-menu]");
  const leave = (to) => { if (menu && to && !menu.contains(to)) menu.open = false; };
  on("click", (event) => leave(event.target));
  on("focusin", (event) => leave(event.target));
  menu?.addEventListener("keydown", (event) => { if (event.key === "Escape" && menu.open) { menu.open = false; menu.firstElementChild.focus(); } });
  document.querySelector(".header__nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

// A field that the form does not need is left out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches(".filters")) return;
  for (const [name, value] of [...event.detail.formData.entries()]) {
    const field = event.target.elements[name];
    if (value === "" || value === field?.dataset?.neutral) event.detail.formData.delete(name);
  }
});

// Hours are told by the reader's own clock.
const clock = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
for (const time of document.querySelectorAll("time[data-clock]")) time.textContent = clock.format(new Date(time.dateTime));
