// What is wrong with the layout of this page at this width, as sentences.
() => {
  const faults = [];
  const LEAST = 24;
  const view = document.documentElement.clientWidth;
  const called = (element) => {
    const words = (element.getAttribute("aria-label") || element.textContent || element.value || element.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> “${words}”`;
  };
  const isHidden = (element) => !element.checkVisibility({ opacityProperty: false, visibilityProperty: true, contentVisibilityAuto: true }) || element.closest("[inert], dialog:not([open]), .visually-hidden, .skip");
  const scrolls = (element, seen = getComputedStyle(element)) => /auto|scroll|hidden|clip/.test(seen.overflowX);
  const scroller = (element) => { for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) if (scrolls(up)) return up; return null; };

  if (document.documentElement.scrollWidth > view) faults.push(`the page is ${document.documentElement.scrollWidth} wide on ${view}`);
  for (const element of document.body.querySelectorAll("*")) {
    if (isHidden(element) || element.closest("svg, canvas, .js-plotly-plot") || scroller(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > view + 1 || box.left < -1)) faults.push(`out of the window by ${Math.round(Math.max(box.right - view, -box.left))}: ${called(element)}`);
  }

  const INTERACTIVE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex='0']";
  const inline = (element) => element.tagName === "A" && getComputedStyle(element).display === "inline" && [...element.parentElement.childNodes].some((node) => node !== element && node.nodeType === Node.TEXT_NODE && node.textContent.trim().length > 1);
  const target = (element) => (element.matches("input") && element.closest("label")) || element;
  const targets = [...new Set([...document.body.querySelectorAll(INTERACTIVE)].filter((element) => !isHidden(element) && !element.closest("svg, canvas, .js-plotly-plot")).map(target))];
  const boxes = new Map();
  for (const element of targets) {
    const box = element.getBoundingClientRect();
    const inside = scroller(element)?.getBoundingClientRect();
    // What is scrolled out of its container is not there to be pressed.
    if (!box.width || (inside && (box.left >= inside.right || box.right <= inside.left || box.top >= inside.bottom || box.bottom <= inside.top))) continue;
    boxes.set(element, box);
  }
  const list = [...boxes];
  // Line by line: a link that is broken into two lines does not cover the corners between them.
  const meet = (one, other) => [...one.getClientRects()].some((box) => [...other.getClientRects()].some((its) => Math.min(box.right, its.right) - Math.max(box.left, its.left) > 2 && Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top) > 2));
  for (const [element, box] of list) {
    if ((box.width >= LEAST && box.height >= LEAST) || inline(element)) continue;
    // Too small is allowed where a circle of 24 px about the middle meets no other target.
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const near = list.find(([other, its]) => other !== element && !other.contains(element) && !element.contains(other) && Math.hypot(Math.max(its.left - x, 0, x - its.right), Math.max(its.top - y, 0, y - its.bottom)) < LEAST / 2);
    if (near) faults.push(`${Math.round(box.width)}x${Math.round(box.height)} is too small beside ${called(near[0])}: ${called(element)}`);
  }
  for (let a = 0; a < list.length; a += 1) {
    const [one] = list[a];
    if (getComputedStyle(one).position === "sticky" || one.closest(".header")) continue;
    for (let b = a + 1; b < list.length; b += 1) {
      const [other] = list[b];
      if (one.contains(other) || other.contains(one) || other.closest(".header")) continue;
      if (meet(one, other)) faults.push(`${called(one)} lies over ${called(other)}`);
    }
  }
  return faults.slice(0, 12);
}
