// Single keys. They act on the page, never while something is typed, and can be turned off (WCAG 2.1.4).
const sheet = document.getElementById("keys");
const STORED = "animerec-keys";
// How long the second key of a pair is waited for.
const PAIR_MS = 1500;
let waiting = -1e9;

const isOff = () => { try { return localStorage.getItem(STORED) === "off"; } catch { return false; } };
const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");

if (sheet) {
  const toggle = sheet.querySelector("[data-keys-on]");
  toggle.checked = !isOff();
  toggle.addEventListener("change", () => { try { localStorage.setItem(STORED, toggle.checked ? "on" : "off"); } catch { /* private windows keep nothing */ } });
  for (const button of document.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  }
}

const cards = () => [...document.querySelectorAll("[data-card]")];
const cardAt = (element) => element.closest("[data-card]");

function step(by) {
  const all = cards();
  if (!all.length) return;
  const here = all.indexOf(cardAt(document.activeElement)), next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  all[next].querySelector("a, button").focus();
  all[next].scrollIntoView({ block: "nearest" });
}

// What a key does to the card in focus is said by the card: data-key on the control it presses.
function press(key) {
  const control = cardAt(document.activeElement)?.querySelector(`[data-key="${key}"]`);
  if (!control) return false;
  // An option is not pressed but chosen.
  if (control.matches("option")) {
    const field = control.closest("select");
    if (!control.selected) { control.selected = true; field.dispatchEvent(new Event("change", { bubbles: true })); }
  } else control.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  if (event.key === "?" && sheet) { sheet.showModal(); event.preventDefault(); return; }
  if (isOff() || document.querySelector("dialog[open]")) return;
  const isPair = event.timeStamp - waiting < PAIR_MS;
  waiting = -1e9;
  if (isPair) {
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  if (event.key === "g") { waiting = event.timeStamp; return; }
  const field = event.key === "/" && document.querySelector("[data-search]");
  if (field) { field.focus(); event.preventDefault(); return; }
  if (/^[jk]$/.test(event.key)) { step(event.key === "j" ? 1 : -1); return; }
  // Between rows of a table also with the arrows; elsewhere they scroll.
  if (/^Arrow(Up|Down)$/.test(event.key) && event.target.closest("tr[data-card]")) { step(event.key === "ArrowDown" ? 1 : -1); event.preventDefault(); return; }
  if (/^[a-z0-9+]$/.test(event.key) && press(event.key)) event.preventDefault();
});
