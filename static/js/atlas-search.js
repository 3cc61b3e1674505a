// A field with suggestions, by mouse and by keyboard (the pattern "combobox" of the ARIA practices).
Atlas.combobox = (input, options, { find, nameOf, factsOf, take, none }) => {
  const box = { found: [], suggest };
  let active = -1;

  function suggest() {
    box.found = find(input.value);
    active = -1;
    options.replaceChildren(...box.found.map((i, n) => {
      const option = document.createElement("li");
      option.id = `${options.id}-${n}`;
      option.role = "option";
      option.dataset.place = i;
      const facts = document.createElement("small");
      facts.textContent = factsOf(i);
      option.append(nameOf(i), " ", facts);
      return option;
    }));
    show(box.found.length > 0);
    if (input.value.trim() && !box.found.length) none();
  }

  function show(isOpen) {
    options.hidden = !isOpen;
    input.setAttribute("aria-expanded", isOpen);
    if (!isOpen) input.removeAttribute("aria-activedescendant");
  }

  function activate(n) {
    active = (n + box.found.length) % box.found.length;
    [...options.children].forEach((option, k) => option.setAttribute("aria-selected", k === active));
    input.setAttribute("aria-activedescendant", options.children[active].id);
    options.children[active].scrollIntoView({ block: "nearest" });
  }

  function choose(i) {
    input.value = nameOf(i);
    show(false);
    take(i);
  }

  input.addEventListener("input", suggest);
  input.addEventListener("blur", () => setTimeout(() => show(false), 150));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { show(false); return; }
    if (!box.found.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      show(true);
      activate(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    }
    if (event.key === "Enter") { event.preventDefault(); choose(box.found[Math.max(active, 0)]); }
  });
  options.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-place]");
    if (option) { event.preventDefault(); choose(Number(option.dataset.place)); }
  });
  return box;
};
