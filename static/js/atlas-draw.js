// Draws the atlas: dots from sprites made once, the glow beneath them, names where there is room.
{
  // The most watched are larger: shares of all titles, and radii in CSS pixels over the whole map.
  const CLASSES = [[.004, 4.6], [.03, 3], [.15, 2], [1, 1.35]];
  const HEAT = 112;
  const DIM = .1;
  const MOST_NAMES = 90;
  const FAR_AT = 1.7;
  const NAMES_FROM = .6;
  // Dots are drawn on a layer that is larger than the window by this share on each side, so that moving
  // the map moves a picture; while one zooms it is stretched, up to so much.
  const SPARE = .25;
  const STRETCH = .5;

  // Any colour a style sheet can say, as [r, g, b].
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    probe.canvas.width = probe.canvas.height = 1;
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    return probe.getImageData(0, 0, 1, 1).data;
  };

  Atlas.Painter = class {
    constructor(canvas) {
      this.canvas = canvas;
      this.ctx = canvas.getContext("2d", { alpha: false });
      [this.sprites, this.heat, this.layer] = [0, 0, 0].map(() => document.createElement("canvas"));
      this.widths = new Map();
      this.view = { x: .5, y: .5, z: 0 };
    }

    size() {
      const { clientWidth, clientHeight } = this.canvas;
      this.dpr = Math.min(devicePixelRatio || 1, 3);
      this.w = clientWidth;
      this.h = clientHeight;
      const [w, h] = [Math.round(clientWidth * this.dpr), Math.round(clientHeight * this.dpr)];
      if (this.canvas.width !== w || this.canvas.height !== h) { this.canvas.width = w; this.canvas.height = h; }
      this.layer.width = Math.round(w * (1 + 2 * SPARE));
      this.layer.height = Math.round(h * (1 + 2 * SPARE));
      this.drawn = null;
    }

    take(points) {
      this.points = points;
      this.class = new Uint8Array(points.n);
      for (let i = 0; i < points.n; i++) this.class[i] = CLASSES.findIndex(([share]) => i < Math.max(share * points.n, share < 1 ? 8 : Infinity));
      this.grown = Math.min(2, Math.max(1, (12000 / Math.max(points.n, 1)) ** .33));
    }

    // `of`: the shade of each title; `open`: 1 where a title passes the filters.
    colour(colours, of, open) {
      this.colours = colours;
      this.of = of;
      this.open = open;
      this.drawn = null;
      this.warm();
    }

    roles() {
      const style = getComputedStyle(this.canvas);
      const role = (name) => style.getPropertyValue(`--${name}`).trim();
      this.role = { bg: role("bg"), text: role("text"), muted: role("muted"), accent: role("accent") };
      this.fonts = { serif: role("serif"), sans: role("sans") };
      this.isLight = matchMedia("(prefers-color-scheme: light)").matches;
    }

    // `inset`: what lies over the map at its sides; the middle is the middle of what is free.
    get middle() { return (this.inset[0] + this.w - this.inset[1]) / 2; }
    scaleAt(z) { return Math.min(Math.max(this.w - this.inset[0] - this.inset[1], this.h * .55), this.h) * .97 * 2 ** z; }
    get scale() { return this.scaleAt(this.view.z); }
    toScreen(x, y) { return [(x - this.view.x) * this.scale + this.middle, (y - this.view.y) * this.scale + this.h / 2]; }
    toMap(sx, sy) { return [(sx - this.middle) / this.scale + this.view.x, (sy - this.h / 2) / this.scale + this.view.y]; }
    frame() { return [...this.toMap(this.inset[0], 0), ...this.toMap(this.w - this.inset[1], this.h)]; }
    radius(i) { return this.radii[this.class[i]]; }

    // The glow: how many titles of which colour lie in a small square, blurred.
    warm() {
      const { points: { n, x, y }, of, open } = this;
      const shades = this.colours.map(rgb);
      const sums = new Float32Array(HEAT * HEAT * 4);
      for (let i = 0; i < n; i++) {
        if (!open[i]) continue;
        const at = 4 * (Math.min(HEAT - 1, Math.floor(y[i] * HEAT)) * HEAT + Math.min(HEAT - 1, Math.floor(x[i] * HEAT)));
        const shade = shades[of[i]];
        for (let c = 0; c < 3; c++) sums[at + c] += shade[c];
        sums[at + 3]++;
      }
      // Few titles make spots where many make a glow.
      let soft = sums;
      for (let k = 0; k < (n > 8000 ? 2 : 6); k++) soft = blurred(soft);
      let most = 0;
      for (let k = 3; k < soft.length; k += 4) most = Math.max(most, soft[k]);
      const image = new ImageData(HEAT, HEAT);
      for (let k = 0; k < soft.length; k += 4) {
        const number = soft[k + 3];
        for (let c = 0; c < 3; c++) image.data[k + c] = number ? soft[k + c] / number : 0;
        image.data[k + 3] = most ? (number / most) ** .6 * (this.isLight ? 70 : 92) : 0;
      }
      this.heat.width = this.heat.height = HEAT;
      this.heat.getContext("2d").putImageData(image, 0, 0);
    }

    // One sheet of dots: a column for each colour and one for what is filtered out, a row for each size.
    makeSprites() {
      const growth = this.grown * 2 ** (Math.min(this.view.z, 7) * .42);
      this.radii = CLASSES.map(([, radius]) => Math.round(Math.min(radius * growth, 9 + radius) * 4) / 4);
      this.cell = 2 * Math.ceil(this.radii[0] * this.dpr) + 4;
      this.sprites.width = this.cell * (this.colours.length + 1);
      this.sprites.height = this.cell * CLASSES.length;
      const ctx = this.sprites.getContext("2d");
      [...this.colours, this.role.muted].forEach((colour, column) => {
        const isDim = column === this.colours.length;
        this.radii.forEach((radius, row) => {
          ctx.globalAlpha = isDim ? DIM * 2 : row === 3 ? .72 : .92;
          ctx.fillStyle = colour;
          ctx.beginPath();
          ctx.arc(column * this.cell + this.cell / 2, row * this.cell + this.cell / 2, (isDim ? Math.min(radius, 1.5) : radius) * this.dpr, 0, 7);
          ctx.fill();
        });
      });
    }

    draw(chosen, cross, isMoving) {
      const { ctx, dpr, canvas } = this;
      if (!this.fits(isMoving)) this.drawLayer();
      const { x, y, z } = this.drawn;
      const stretch = 2 ** (this.view.z - z);
      const [left, top] = this.toScreen(x, y);
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.fillStyle = this.role.bg;
      ctx.fillRect(0, 0, canvas.width, canvas.height);
      const [w, h] = [this.layer.width * stretch, this.layer.height * stretch];
      // Whole pixels, or every dot is blurred.
      const at = (value) => (stretch === 1 ? Math.round(value) : value);
      ctx.drawImage(this.layer, at(left * dpr - w / 2), at(top * dpr - h / 2), w, h);
      ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
      this.lightOwn();
      this.taken = [];
      if (chosen >= 0) this.mark(chosen);
      this.writeRegions();
      this.writeNames(chosen);
      if (cross) this.drawCross();
    }

    fits(isMoving) {
      const { drawn, view } = this;
      if (!drawn) return false;
      if (isMoving ? Math.abs(view.z - drawn.z) > STRETCH : view.z !== drawn.z) return false;
      // The layer covers what the window shows.
      const share = (view.z < drawn.z ? 2 ** (drawn.z - view.z) : 1) / 2;
      const reach = this.scaleAt(drawn.z);
      const spare = (side) => (side * (.5 + SPARE) - side * share) / reach;
      return isMoving && view.z !== drawn.z ? true : Math.abs(view.x - drawn.x) <= spare(this.w) && Math.abs(view.y - drawn.y) <= spare(this.h);
    }

    drawLayer() {
      this.makeSprites();
      this.drawn = { ...this.view };
      const ctx = this.layer.getContext("2d", { alpha: false });
      ctx.fillStyle = this.role.bg;
      ctx.fillRect(0, 0, this.layer.width, this.layer.height);
      const scale = this.scale * this.dpr;
      const [left, top] = [this.layer.width / 2 - this.view.x * scale, this.layer.height / 2 - this.view.y * scale];
      ctx.globalAlpha = Math.max(0, 1 - this.view.z / 4);
      if (ctx.globalAlpha) ctx.drawImage(this.heat, left, top, scale, scale);
      ctx.globalAlpha = 1;
      this.drawDots(ctx, scale, left, top);
    }

    drawDots(ctx, scale, left, top) {
      const { points: { n, x, y }, of, open, cell, sprites } = this;
      const [dim, half] = [this.colours.length, cell / 2];
      const [right, bottom] = [this.layer.width, this.layer.height];
      const tight = this.radii.map((radius) => Math.ceil(radius * this.dpr) + 1);
      // Backwards, so that the most watched lie on top.
      for (let i = n - 1; i >= 0; i--) {
        const reach = tight[this.class[i]];
        const sx = Math.round(x[i] * scale + left) - reach;
        const sy = Math.round(y[i] * scale + top) - reach;
        if (sx < -cell || sy < -cell || sx > right || sy > bottom) continue;
        const [size, inset] = [2 * reach, half - reach];
        ctx.drawImage(sprites, (open[i] ? of[i] : dim) * cell + inset, this.class[i] * cell + inset, size, size, sx, sy, size, size);
      }
    }

    lightOwn() {
      const { ctx, points: { own, x, y } } = this;
      this.lit = 0;
      if (!own.length) return;
      for (const [width, colour] of [[3.5, this.role.bg], [1.6, this.role.text]]) {
        ctx.lineWidth = width;
        ctx.strokeStyle = colour;
        ctx.beginPath();
        for (const i of own) {
          if (!this.open[i]) continue;
          const [sx, sy] = this.toScreen(x[i], y[i]);
          if (sx < -9 || sy < -9 || sx > this.w + 9 || sy > this.h + 9) continue;
          const radius = this.radius(i) + 1.4;
          ctx.moveTo(sx + radius, sy);
          ctx.arc(sx, sy, radius, 0, 7);
          this.lit += .5;
        }
        ctx.stroke();
      }
    }

    mark(i) {
      const { ctx } = this;
      const [sx, sy] = this.toScreen(this.points.x[i], this.points.y[i]);
      for (const [width, colour] of [[7, this.role.bg], [3, this.role.accent]]) {
        ctx.lineWidth = width;
        ctx.strokeStyle = colour;
        ctx.beginPath();
        ctx.arc(sx, sy, this.radius(i) + 6, 0, 7);
        ctx.stroke();
      }
    }

    drawCross() {
      const { ctx, w, h } = this;
      ctx.lineWidth = 2;
      ctx.strokeStyle = this.role.accent;
      ctx.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { ctx.moveTo(w / 2 + dx * 5, h / 2 + dy * 5); ctx.lineTo(w / 2 + dx * 14, h / 2 + dy * 14); }
      ctx.stroke();
    }

    // --- names

    writeRegions() {
      const near = this.view.z >= FAR_AT;
      if (this.view.z > 3.6) return;
      const size = near ? 15 : Math.min(21, Math.max(14, this.w / 60));
      for (const [level, name, x, y] of this.points.regions) {
        if (level === (near ? 1 : 0)) this.write(name, ...this.toScreen(x, y), `700 ${size}px ${this.fonts.serif}`, { colour: this.role.text, centred: true, spaced: true });
      }
    }

    writeNames(chosen) {
      const { points: { n, names, x, y } } = this;
      if (!names) return;
      if (chosen >= 0) this.name(chosen, names[chosen], 700, 15, true);
      const wanted = Math.min(MOST_NAMES, Math.round(this.w / 110 + Math.max(0, this.view.z - NAMES_FROM) * this.w / 45));
      let [written, tried] = [0, 0];
      const [left, top, right, bottom] = this.frame();
      for (let i = 0; i < n && written < wanted && tried < 400; i++) {
        if (!this.open[i] || i === chosen || x[i] < left || x[i] > right || y[i] < top || y[i] > bottom) continue;
        tried++;
        if (this.name(i, names[i], 500, this.class[i] < 2 ? 13 : 12)) written++;
      }
    }

    name(i, text, weight, size, always = false) {
      const [sx, sy] = this.toScreen(this.points.x[i], this.points.y[i]);
      const short = text.length > 34 ? `${text.slice(0, 33)}…` : text;
      return this.write(short, sx + this.radius(i) + (always ? 12 : 5), sy, `${weight} ${size}px ${this.fonts.sans}`, { colour: this.role.text, always });
    }

    // Whether there was room.
    write(text, sx, sy, font, { colour, centred = false, spaced = false, always = false }) {
      const { ctx } = this;
      ctx.font = font;
      ctx.letterSpacing = spaced ? ".5px" : "0px";
      const key = font + text;
      let width = this.widths.get(key);
      if (width === undefined) { if (this.widths.size > 4000) this.widths.clear(); this.widths.set(key, width = ctx.measureText(text).width); }
      const [first, last] = [this.inset[0] + 6, this.w - this.inset[1] - 6];
      const left = centred ? Math.min(Math.max(sx - width / 2, first), Math.max(first, last - width)) : sx;
      const box = [left - 4, sy - 9, left + width + 4, sy + 9];
      if (!always && (left < first || left + width > last + 30 || this.taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]))) return false;
      this.taken.push(box);
      ctx.textBaseline = "middle";
      ctx.lineJoin = "round";
      ctx.lineWidth = 3.5;
      ctx.strokeStyle = this.role.bg;
      ctx.globalAlpha = .85;
      ctx.strokeText(text, left, sy);
      ctx.globalAlpha = 1;
      ctx.fillStyle = colour;
      ctx.fillText(text, left, sy);
      return true;
    }
  };

  // A box blur over three by three cells, without weights.
  function blurred(sums) {
    const soft = new Float32Array(sums.length);
    for (let row = 1; row < HEAT - 1; row++) {
      for (let column = 1; column < HEAT - 1; column++) {
        const at = 4 * (row * HEAT + column);
        for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) {
          const other = at + 4 * (dy * HEAT + dx);
          for (let c = 0; c < 4; c++) soft[at + c] += sums[other + c];
        }
      }
    }
    return soft;
  }
}
