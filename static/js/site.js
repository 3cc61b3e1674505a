// In braces: page scripts may use these names.
{
  const on = (name, heard, early) => document.addEventListener(name, heard, early);
  // A remote cover that does not arrive gives way to the drawn one beneath it.
  on("error", ({ target }) => { if (target.matches?.(".cover__remote")) target.remove(); }, true);

  // A whole page (of an ended session) belongs in the window, not in a fragment.
  on("htmx:beforeSwap", ({ detail }) => {
    if (!/^\s*<!doctype/i.test(detail.xhr.responseText)) return;
    detail.shouldSwap = false;
    if (detail.xhr.status < 400) location.reload();
  });

  // What could not be done is said in a sentence, over the page that stays as it was.
  const toast = document.querySelector("[data-toast]");
  const say = (words) => { if (toast) toast.textContent = words; };
  const BAD = { 403: "That was refused. Reload the page.", 404: "That is not there any more. Reload the page.", 429: "That was a lot at once. Wait a minute." };
  on("htmx:responseError", ({ detail: { xhr: { status } } }) => say(BAD[status] || (status < 500 ? "That did not work. Reload the page." : "Something broke on our side. Try again in a moment.")));
  for (const lost of ["sendError", "timeout"]) on(`htmx:${lost}`, () => say("No answer from the site. Try again."));

  // What takes long is seen, and heard after a second.
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

  // A form is sent once, however often pressed; Back finds it ready.
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if ("sent" in form.dataset) event.preventDefault(); else form.dataset.sent = "";
  });
  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent; });

  // The menu closes when one goes elsewhere.
  const menu = document.querySelector("[data-menu]");
  for (const way of ["click", "focusin"]) on(way, ({ target }) => { if (menu && !menu.contains(target)) menu.open = false; });
  menu?.addEventListener("keydown", (event) => { if (event.key === "Escape" && menu.open) { menu.open = false; menu.firstElementChild.focus(); } });
  for (const now of document.querySelectorAll(".header__nav [aria-current], .tabs [aria-current]")) now.parentElement.scrollLeft = now.offsetLeft - now.parentElement.offsetLeft - 64;

  // A field that the form does not need is left out of the address.
  on("htmx:configRequest", ({ target, detail: { formData } }) => {
    if (!target.matches(".filters")) return;
    for (const [name, value] of [...formData.entries()]) {
      if (value === "" || value === target.elements[name]?.dataset?.neutral) formData.delete(name);
    }
  });

  // Hours are told by the reader's own clock.
  const clock = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  for (const time of document.querySelectorAll("time[data-clock]")) time.textContent = clock.format(new Date(time.dateTime));
}
