// Which element has the keyboard now, and whether one can see it.
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return { place: -1, seen: true };
  const rings = [element, element.nextElementSibling, element.parentElement, element.closest("label, .card, article, li")].filter(Boolean);
  const seen = rings.some((one) => { const style = getComputedStyle(one); return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2; });
  return { place: Number(element.dataset.tabbed ?? -2), seen };
}
