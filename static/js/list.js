// My list: a field is sent as soon as it is changed, and its row comes back. Without this file a button saves the page.
const form = () => document.getElementById("edit");
const rowOf = (element) => element.closest("[data-rows] tr[data-at]");
const ticks = () => [...document.querySelectorAll("[data-rows] input[name=pick]")];
// What is sent for a row waits for what was sent before: its answer takes the row's place.
const sending = new Map();

// The verbs of a title stand below its address.
function send(row, verb, values) {
  const id = row.id;
  const go = () => {
    const now = document.getElementById(id);
    const said = now && (typeof values === "function" ? values(now) : values);
    if (!said) return null;
    const { next, csrfmiddlewaretoken } = Object.fromEntries(new FormData(form()));
    const beside = now.nextElementSibling ?? now.previousElementSibling;
    const had_focus = now.contains(document.activeElement);
    return htmx.ajax("POST", `${now.dataset.at}${verb}/`, {
      source: now, target: now, swap: "outerHTML",
      values: { ...said, shape: "row", next, csrfmiddlewaretoken },
    }).then(() => {
      const there = document.getElementById(id) ?? beside;
      if (had_focus && document.activeElement === document.body) there?.querySelector("th a")?.focus();
      told();
    });
  };
  const sent = (sending.get(id) ?? Promise.resolve()).then(go, go);
  sending.set(id, sent);
}

document.addEventListener("change", (event) => {
  const { verb, field } = event.target.dataset;
  const row = rowOf(event.target);
  if (row && verb) send(row, verb, { [field]: event.target.value });
  if (event.target.closest("[data-tick-page]")) for (const tick of ticks()) tick.checked = event.target.checked;
  told();
});

let last = null;
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const row = rowOf(event.target);
  if (row && button?.matches(".list__plus")) {
    event.preventDefault();
    // Which is the next is known once the answers before are here; after the last one there is none.
    send(row, "episodes", (now) => { const { value } = now.querySelector(".list__plus"); return value && { episodes: value }; });
  } else if (row && button && "off" in button.dataset) {
    event.preventDefault();
    if (confirm(button.dataset.ask)) send(row, "forget", {});
  } else if (event.target.name === "pick") {
    // With Shift: all from the one before to this one.
    const all = ticks(), here = all.indexOf(event.target), from = all.indexOf(last);
    if (event.shiftKey && from >= 0) for (const tick of all.slice(Math.min(here, from), Math.max(here, from) + 1)) tick.checked = event.target.checked;
    last = event.target;
    told();
  }
});

// Enter saves the field it is pressed in, and nothing else of the page.
document.addEventListener("keydown", (event) => {
  const row = rowOf(event.target);
  if (event.key !== "Enter" || !row || event.target.dataset.verb !== "episodes") return;
  event.preventDefault();
  event.target.blur();
  row.querySelector("th a")?.focus();
});

// A row that is refused comes back as it is, and says why.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 400 && event.detail.target.matches("[data-at]")) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
document.addEventListener("htmx:afterSwap", told);

function told() {
  const number = ticks().filter((tick) => tick.checked).length;
  const said = document.querySelector("[data-ticked]");
  if (said) said.textContent = number ? `${number} ticked` : "";
}
told();
