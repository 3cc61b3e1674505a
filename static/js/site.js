// A remote cover that does not arrive gives way to the drawn one beneath it.
document.addEventListener("error", (event) => {
  if (event.target.matches && event.target.matches(".cover__remote")) event.target.remove();
}, true);

// An answer that is a whole page (an ended session, an error) belongs in the window, not in a fragment.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (/^\s*<!doctype/i.test(event.detail.xhr.responseText)) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});

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
