// The titles of the atlas as columns: read from the points file, found by place, id and name.
globalThis.Atlas = {};

Atlas.CELLS = 96;
Atlas.WHOLE = 65535;

// The file: length of the header, header (JSON), then column after column; see recommender/atlas/files.py.
Atlas.read = (buffer) => {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const n = header.titles;
  let at = 4 + length;
  const column = (Type) => { const found = new Type(buffer, at, n); at += found.byteLength; return found; };
  const points = { ...header, n, ids: column(Uint32Array) };
  points.x = Float32Array.from(column(Uint16Array), (value) => value / Atlas.WHOLE);
  points.y = Float32Array.from(column(Uint16Array), (value) => value / Atlas.WHOLE);
  for (const name of ["year", "genre", "era", "type", "group", "placed"]) points[name] = column(Uint8Array);
  points.places = new Map();
  points.ids.forEach((id, place) => points.places.set(id, place));
  points.grid = Atlas.gridOf(points);
  points.status = new Uint8Array(n);
  points.gave = new Uint8Array(n);
  points.own = [];
  return points;
};

// Cells of a square grid, each with its titles, the most watched first.
Atlas.gridOf = ({ n, x, y }) => {
  const size = Atlas.CELLS;
  const cell = new Uint32Array(n);
  const starts = new Uint32Array(size * size + 1);
  for (let i = 0; i < n; i++) {
    cell[i] = Math.min(size - 1, Math.floor(y[i] * size)) * size + Math.min(size - 1, Math.floor(x[i] * size));
    starts[cell[i] + 1]++;
  }
  for (let c = 0; c < size * size; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const members = new Uint32Array(n);
  for (let i = 0; i < n; i++) members[next[cell[i]]++] = i;
  return { starts, members };
};

// Calls `visit` with each title in the cells that a rectangle touches.
Atlas.within = ({ grid }, left, top, right, bottom, visit) => {
  const size = Atlas.CELLS;
  const bound = (value) => Math.min(size - 1, Math.max(0, Math.floor(value * size)));
  for (let row = bound(top); row <= bound(bottom); row++) {
    const from = grid.starts[row * size + bound(left)];
    const to = grid.starts[row * size + bound(right) + 1];
    for (let k = from; k < to; k++) visit(grid.members[k]);
  }
};

Atlas.nearest = (points, x, y, reach, open) => {
  let found = -1;
  let least = reach * reach;
  Atlas.within(points, x - reach, y - reach, x + reach, y + reach, (i) => {
    const away = (points.x[i] - x) ** 2 + (points.y[i] - y) ** 2;
    if (away < least && open[i]) { least = away; found = i; }
  });
  return found;
};

// Names without case, accents and signs: "Mushi-Shi" is found by "mushishi" and by "mushi shi".
Atlas.plain = (text) => text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

Atlas.named = ({ names, also }) => {
  const texts = names.map((name, i) => { const one = Atlas.plain(`${name} | ${also[i]}`); return `${one}\n${one.replaceAll(" ", "")}`; });
  return (asked, most) => {
    const wanted = Atlas.plain(asked);
    if (!wanted) return [];
    const short = wanted.replaceAll(" ", "");
    const starts = [];
    const rest = [];
    // The most watched stand first, so nothing needs to be sorted.
    for (let i = 0; i < texts.length && starts.length < most; i++) {
      if (texts[i].startsWith(wanted)) starts.push(i);
      else if (rest.length < most && (texts[i].includes(` ${wanted}`) || texts[i].includes(short))) rest.push(i);
    }
    return [...starts, ...rest].slice(0, most);
  };
};

// Bytes of predicted scores, 25 to a point; 0 is none.
Atlas.predicted = (text, n) => {
  const scores = new Uint8Array(n);
  const bytes = atob(text);
  for (let i = 0; i < Math.min(n, bytes.length); i++) scores[i] = bytes.charCodeAt(i);
  return scores;
};

Atlas.fetched = async (address, how = {}) => {
  const answer = await fetch(address, how);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer;
};

// The files of a map belong together: one that a cache kept from another map is asked for anew.
Atlas.matching = async (address, order) => {
  for (const how of [{}, { cache: "reload" }]) {
    const one = await (await Atlas.fetched(address, how)).json();
    if (one.order === order) return one;
  }
  throw new Error("changed");
};
