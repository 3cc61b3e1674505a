// What Tab should reach on this page, in order; each is numbered for `focused.js`.
() => {
  const CAN = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const isThere = (element) => !element.disabled && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert], dialog:not([open])");
  const names = new Set();
  const isChosen = (element) => {
    if (element.type !== "radio") return true;
    // One of a group is reached, the others with the arrows.
    const group = [...document.getElementsByName(element.name)].filter((one) => one.form === element.form && isThere(one));
    return element === (group.find((one) => one.checked) || group[0]);
  };
  const found = [...document.querySelectorAll(CAN)].filter((element) => isThere(element) && isChosen(element) && !names.has(element));
  found.forEach((element, place) => { element.dataset.tabbed = place; });
  return found.map((element) => `<${element.tagName.toLowerCase()}> ${(element.getAttribute("aria-label") || element.textContent || element.name).trim().replace(/\s+/g, " ").slice(0, 40)}`);
}
