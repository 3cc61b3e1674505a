// The atlas: where one looks, what is under the pointer, what is searched, and what the address says of it.
{
  const root = document.querySelector("[data-atlas]");
  const $ = (name) => root.querySelector(`[data-${name}]`);
  const all = (name) => [...root.querySelectorAll(`[data-${name}]`)];
  const [canvas, card, list, search, options, said] = ["canvas", "card", "list", "find", "options", "said"].map($);
  const painter = new Atlas.Painter(canvas);
  const form = root.querySelector("form");
  const NEAREST = -.4;
  const FURTHEST = 8;
  const FLIGHT_MS = 750;
  const LISTED = 30;
  const BANDS = root.dataset.bands.split(" ").map(Number);
  const STATUS_NAMES = root.dataset.statuses.split("|");

  let points = null;
  let find = null;
  let [chosen, hovered] = [-1, -1];
  let [waiting, flight] = [0, 0];
  let [byKeys, isMoving] = [false, false];

  const view = painter.view;
  const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const bounded = (value, low, high) => Math.min(high, Math.max(low, value));
  const say = (text) => { said.textContent = text; };

  // --- painting

  const repaint = () => { if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; paint(); }); };

  function paint() {
    if (!points) return;
    const began = performance.now();
    painter.draw(chosen, byKeys, isMoving);
    root.dataset.frame = (performance.now() - began).toFixed(1);
    root.dataset.lit = painter.lit;
    Object.assign(root.dataset, { x: view.x.toFixed(4), y: view.y.toFixed(4), z: view.z.toFixed(2) });
    placeCard();
  }

  function moved() {
    view.x = bounded(view.x, -.1, 1.1);
    view.y = bounded(view.y, -.1, 1.1);
    view.z = bounded(view.z, NEAREST, FURTHEST);
    isMoving = true;
    repaint();
    later();
  }

  let settling = 0;
  function later() {
    clearTimeout(settling);
    settling = setTimeout(() => { isMoving = false; repaint(); fillList(); writeAddress(); }, 160);
  }

  function flyTo(x, y, z) {
    cancelAnimationFrame(flight);
    const from = { ...view };
    const far = Math.hypot(x - from.x, y - from.y) * 2 ** Math.min(from.z, z);
    const dip = bounded(far - .3, 0, 1.6);
    if (isStill()) { Object.assign(view, { x, y, z }); moved(); return; }
    const began = performance.now();
    const step = (now) => {
      const t = bounded((now - began) / FLIGHT_MS, 0, 1);
      const eased = t * t * (3 - 2 * t);
      view.x = from.x + (x - from.x) * eased;
      view.y = from.y + (y - from.y) * eased;
      view.z = from.z + (z - from.z) * eased - dip * Math.sin(Math.PI * t);
      moved();
      if (t < 1) flight = requestAnimationFrame(step);
    };
    flight = requestAnimationFrame(step);
  }

  function zoom(by, sx = painter.w / 2, sy = painter.h / 2) {
    cancelAnimationFrame(flight);
    const [x, y] = painter.toMap(sx, sy);
    view.z = bounded(view.z + by, NEAREST, FURTHEST);
    const [nx, ny] = painter.toMap(sx, sy);
    view.x += x - nx;
    view.y += y - ny;
    moved();
  }

  // What lies over the map at its sides hides no name.
  function size() {
    const over = (name, side) => { const box = root.querySelector(name).getBoundingClientRect(); const map = canvas.getBoundingClientRect(); return box.top >= map.bottom || box.bottom <= map.top ? 0 : Math.max(0, side(box, map)); };
    painter.inset = [over(".atlas__tools", (box, map) => box.right - map.left + 8), over(".atlas__side", (box, map) => map.right - box.left + 8)];
    painter.size();
  }

  // --- colours and filters

  const legendOf = (key) => root.querySelector(`[data-legend="${key}"]`);
  const color = () => form.elements.color.value;
  const column = (key) => (key === "score" ? points.band : points[key]);

  function colour() {
    for (const legend of all("legend")) legend.hidden = legend.dataset.legend !== color();
    const open = new Uint8Array(points.n).fill(1);
    for (const legend of all("legend")) {
      const boxes = [...legend.querySelectorAll("input")];
      const kept = Uint8Array.from(boxes, (box) => box.checked);
      if (!kept.includes(1)) continue;
      const of = column(legend.dataset.legend);
      for (let i = 0; i < points.n; i++) if (!kept[of[i]]) open[i] = 0;
    }
    const mine = form.elements.mine?.value;
    if (mine) for (let i = 0; i < points.n; i++) if ((points.status[i] > 0) !== (mine === "own")) open[i] = 0;
    const dots = [...legendOf(color()).querySelectorAll(".dot")];
    painter.roles();
    painter.colour(dots.map((dot) => getComputedStyle(dot).backgroundColor), column(color()), open);
    count(open);
    repaint();
    later();
  }

  function count(open) {
    let shown = 0;
    for (let i = 0; i < points.n; i++) shown += open[i];
    root.dataset.shown = shown;
    const number = (value) => value.toLocaleString("en");
    $("count").textContent = shown === points.n ? `${number(points.n)} titles` : `${number(shown)} of ${number(points.n)} titles`;
    $("clear").hidden = shown === points.n;
    const numbers = new Uint32Array(256);
    const of = column(color());
    for (let i = 0; i < points.n; i++) numbers[of[i]]++;
    legendOf(color()).querySelectorAll("[data-number]").forEach((place, shade) => { place.textContent = number(numbers[shade]); place.closest("label").hidden = !numbers[shade]; });
  }

  // --- the card, and the list of what is in view

  const link = (i) => root.dataset.title.replace("/0/", `/${points.ids[i]}/`);
  const nameOf = (i) => points.names?.[i] ?? "…";
  const shadeOf = (key, i) => legendOf(key)?.querySelectorAll("[data-name]")[column(key)[i]]?.textContent ?? "";

  const yearOf = (i) => (points.year[i] ? 1900 + points.year[i] : "");

  function factsOf(i) {
    return [shadeOf("type", i), yearOf(i), shadeOf("genre", i)].filter(Boolean).join(" · ");
  }

  function ownOf(i) {
    if (!points.status[i]) return "";
    return STATUS_NAMES[points.status[i] - 1] + (points.gave[i] ? `, you gave it a ${points.gave[i]}` : "");
  }

  function showCard(i) {
    if (card.dataset.id === String(points.ids[i]) && !card.hidden && card.dataset.name === nameOf(i)) return;
    card.dataset.id = points.ids[i];
    card.dataset.name = nameOf(i);
    card.querySelector("img").src = root.dataset.cover.replace("0", points.ids[i]);
    const name = card.querySelector("[data-card-name]");
    name.textContent = nameOf(i);
    name.href = link(i);
    const text = (part, words) => { const place = card.querySelector(`[data-card-${part}]`); place.textContent = words; place.hidden = !words; };
    text("facts", factsOf(i));
    text("own", ownOf(i));
    text("predicted", points.predicted?.[i] && !points.gave[i] ? `Predicted score ${(points.predicted[i] / 25).toFixed(1)}` : "");
    text("group", shadeOf("group", i) && points.group[i] < legendOf("group").querySelectorAll("label").length - 1 ? `Watched most by: ${shadeOf("group", i)}` : "");
    text("placed", points.placed[i] ? "Lies here by what it is: few have watched it." : "");
    card.hidden = false;
  }

  function placeCard() {
    const i = hovered >= 0 ? hovered : chosen;
    card.hidden = i < 0;
    if (i < 0) return;
    showCard(i);
    card.classList.toggle("atlas-card--chosen", i === chosen);
    const [sx, sy] = painter.toScreen(points.x[i], points.y[i]);
    const left = sx + 18 + card.offsetWidth > painter.w - 8 ? sx - 18 - card.offsetWidth : sx + 18;
    card.style.left = `${bounded(left, 8, Math.max(8, painter.w - card.offsetWidth - 8))}px`;
    card.style.top = `${bounded(sy - 40, 8, Math.max(8, painter.h - card.offsetHeight - 8))}px`;
  }

  function choose(i, tell = true) {
    chosen = i;
    hovered = -1;
    root.dataset.chosen = i < 0 ? "" : points.ids[i];
    if (i >= 0 && tell) say(`${nameOf(i)}. ${factsOf(i)}. ${ownOf(i)}`);
    repaint();
    later();
  }

  const goTo = (i) => { choose(i); flyTo(points.x[i], points.y[i], Math.max(view.z, points.n > 5000 ? 4.2 : 3)); };

  function fillList() {
    if (!points?.names) return;
    const [left, top, right, bottom] = painter.frame();
    const lines = [];
    let there = 0;
    for (let i = 0; i < points.n; i++) {
      if (!painter.open[i] || points.x[i] < left || points.x[i] > right || points.y[i] < top || points.y[i] > bottom) continue;
      there++;
      if (lines.length < LISTED) lines.push(line(i));
    }
    // What is being read or used by keyboard is not taken away.
    if (list.contains(document.activeElement)) return;
    list.replaceChildren(...lines);
    $("in-view").textContent = there.toLocaleString("en");
  }

  function line(i) {
    const item = document.createElement("li");
    const dot = document.createElement("span");
    dot.className = legendOf(color()).querySelectorAll(".dot")[column(color())[i]].className;
    const name = document.createElement("a");
    name.href = link(i);
    name.textContent = nameOf(i);
    name.dataset.id = points.ids[i];
    const facts = document.createElement("small");
    facts.textContent = [shadeOf("type", i), yearOf(i), ownOf(i).replace("you gave it a ", "")].filter(Boolean).join(" · ");
    item.append(dot, name, facts);
    return item;
  }

  // --- the address

  function writeAddress() {
    const asked = new URLSearchParams(new FormData(form));
    asked.delete("q");
    if (!asked.get("mine")) asked.delete("mine");
    if (color() === "genre") asked.delete("color");
    $("table").href = `${$("table").dataset.table}?${asked}`;
    if (chosen >= 0) asked.set("title", points.ids[chosen]);
    for (const name of ["x", "y", "z"]) asked.set(name, view[name].toFixed(name === "z" ? 2 : 4));
    history.replaceState(history.state, "", `?${asked}`);
  }

  function readAddress() {
    const asked = new URLSearchParams(location.search);
    const number = (name) => (asked.get(name) ? Number(asked.get(name)) : NaN);
    const at = ["x", "y", "z"].map(number);
    if (at.every(Number.isFinite)) Object.assign(view, { x: at[0], y: at[1], z: at[2] });
    const i = points.places.get(Number(root.dataset.asked)) ?? -1;
    if (i < 0) return;
    choose(i, false);
    if (!at.every(Number.isFinite)) Object.assign(view, { x: points.x[i], y: points.y[i], z: points.n > 5000 ? 4.2 : 3 });
  }

  // --- search

  const combobox = Atlas.combobox(search, options, {
    find: (text) => (find ? find(text, 8) : []),
    nameOf: (i) => nameOf(i),
    factsOf: (i) => [points.also[i], shadeOf("type", i), yearOf(i)].filter(Boolean).join(" · "),
    take: goTo,
    none: () => find && say("No title of that name is on the map. Enter searches the table, also with mistakes."),
  });

  // --- pointer, wheel, touch

  const fingers = new Map();
  let travelled = 0;
  const spot = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };

  function under([sx, sy], reach) {
    const [x, y] = painter.toMap(sx, sy);
    return points ? Atlas.nearest(points, x, y, reach / painter.scale, painter.open) : -1;
  }

  canvas.addEventListener("pointerdown", (event) => {
    cancelAnimationFrame(flight);
    byKeys = false;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, spot(event));
    if (fingers.size === 1) travelled = 0;
  });

  canvas.addEventListener("pointermove", (event) => {
    const now = spot(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") hover(under(now, 14));
      return;
    }
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    travelled += Math.hypot(dx, dy);
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]);
      zoom(Math.log2(Math.max(apart(now), 1) / Math.max(apart(before), 1)), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    }
    view.x -= dx / painter.scale / fingers.size;
    view.y -= dy / painter.scale / fingers.size;
    fingers.set(event.pointerId, now);
    canvas.classList.toggle("atlas__canvas--held", travelled > 6);
    moved();
  });

  const lift = (event) => {
    const isTap = event.type === "pointerup" && fingers.size === 1 && travelled < 7;
    fingers.delete(event.pointerId);
    canvas.classList.remove("atlas__canvas--held");
    if (isTap && points) choose(under(spot(event), event.pointerType === "mouse" ? 14 : 26));
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => hover(-1));
  canvas.addEventListener("dblclick", (event) => zoom(1, ...spot(event)));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 18 : 1;
    zoom(bounded(-event.deltaY * lines / (event.ctrlKey ? 60 : 320), -1.2, 1.2), ...spot(event));
  }, { passive: false });

  function hover(i) {
    if (i === hovered) return;
    hovered = i;
    canvas.classList.toggle("atlas__canvas--over", i >= 0);
    repaint();
  }

  // --- keyboard and buttons

  const turns = { "+": () => zoom(.7), "=": () => zoom(.7), "-": () => zoom(-.7), _: () => zoom(-.7), 0: () => flyTo(.5, .5, 0) };
  const sides = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const side = sides[event.key];
    if (side) {
      cancelAnimationFrame(flight);
      const far = (event.shiftKey ? .4 : .12) * Math.min(painter.w, painter.h) / painter.scale;
      view.x += side[0] * far;
      view.y += side[1] * far;
      moved();
    } else if (turns[event.key]) turns[event.key]();
    else if (event.key === "Enter" || event.key === " ") choose(under([painter.w / 2, painter.h / 2], 120));
    else if (event.key === "Escape") choose(-1);
    else return;
    byKeys = true;
    event.preventDefault();
    repaint();
  });
  canvas.addEventListener("blur", () => { byKeys = false; repaint(); });
  for (const button of all("turn")) button.addEventListener("click", () => turns[button.dataset.turn]());
  const close = () => { choose(-1); canvas.focus({ preventScroll: true }); };
  $("close").addEventListener("click", close);
  card.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

  // A title of the list is shown on the map while it is pointed at or in focus.
  for (const [kind, on] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]]) {
    list.addEventListener(kind, (event) => {
      const i = points?.places.get(Number(event.target.dataset?.id)) ?? -1;
      if (i >= 0) hover(on ? i : -1);
    });
  }

  form.addEventListener("change", (event) => { if (points && event.target !== search) colour(); });
  form.addEventListener("submit", (event) => { if (!search.value.trim() || combobox.found.length) event.preventDefault(); });
  $("clear").addEventListener("click", () => {
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = false;
    if (form.elements.mine) form.elements.mine.value = "";
    colour();
  });

  // --- loading

  async function takeMine() {
    if (!root.dataset.mine) return;
    const mine = await Atlas.matching(root.dataset.mine, points.order);
    for (const [i, status, score] of mine.own) { points.status[i] = status + 1; points.gave[i] = score; }
    points.own = mine.own.map(([i]) => i);
    points.predicted = mine.predicted ? Atlas.predicted(mine.predicted, points.n) : null;
    points.band.fill(BANDS.length + 1);
    points.predicted?.forEach((steps, i) => { if (steps) points.band[i] = BANDS.filter((low) => steps >= low * 25).length; });
    colour();
    root.dataset.own = points.own.length;
  }

  async function takeNames() {
    Object.assign(points, await Atlas.matching(root.dataset.names, points.order));
    find = Atlas.named(points);
    root.dataset.named = points.names.length;
    repaint();
    fillList();
    if (search.value) combobox.suggest();
  }

  async function begin() {
    const buffer = await (await Atlas.fetched(root.dataset.points)).arrayBuffer();
    points = Atlas.read(buffer);
    points.band = new Uint8Array(points.n).fill(BANDS.length + 1);
    size();
    painter.take(points);
    readAddress();
    colour();
    paint();
    root.dataset.ready = Math.round(performance.now());
    root.dataset.titles = points.n;
    await Promise.all([takeMine(), takeNames()]);
  }

  new ResizeObserver(() => { size(); if (points) paint(); }).observe(canvas);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => points && colour());
  root.classList.add("atlas--on");
  begin().catch(() => { $("failed").hidden = false; });
}
