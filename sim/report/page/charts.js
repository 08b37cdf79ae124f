"use strict";
// Commits and their latency over time, as SVG.

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Blocks that were committed in the range, by intervals of round length.
class Series {
  constructor(model) {
    this.from = model.from;
    this.to = Math.max(this.lastEffort(model), model.from + 1);
    this.step = roundStep(this.to - this.from, 40);
    const first = Math.floor(this.from / this.step);
    const count = Math.floor(this.to / this.step) - first + 1;
    const bin = i => ({t: (first + i) * this.step, latencies: []});
    this.bins = Array.from({length: count}, (_, i) => bin(i));
    for (const block of model.blocks.list) {
      const {proposedAt, committedAt} = block;
      if (block.view === 0 || committedAt === undefined || committedAt < this.from) continue;
      const i = Math.floor(committedAt / this.step) - first;
      this.bins[i]?.latencies.push((committedAt - proposedAt) / 1000);
    }
    for (const bin of this.bins) bin.latencies.sort((a, b) => a - b);
  }
  // A long silence at the end is not worth the width.
  lastEffort({marks, ...model}) {
    const efforts = ["vote", "timeout", "commit"].map(kind => model.data.kinds.indexOf(kind));
    let last = marks.t.length - 1;
    while (last >= 0 && !efforts.includes(marks.kind[last])) --last;
    return last < 0 ? model.to : marks.t[last];
  }
  quantile(bin, share) {
    const {latencies} = bin;
    return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  }
}

class Chart {
  constructor(figure, series, viewport) {
    this.figure = figure;
    this.series = series;
    this.viewport = viewport;
    this.svg = figure.querySelector("svg");
    this.svg.addEventListener("pointermove", event => this.onMove(event));
    this.svg.addEventListener("pointerleave", hideTip);
  }

  unit(text) { this.figure.querySelector(".unit").textContent = text; }

  keys(list) {
    const box = this.figure.querySelector(".keys");
    box.replaceChildren(...list.map(([label, color]) => {
      const key = element("b", label);
      key.style.color = `var(${color})`;
      return key;
    }));
  }

  layOut(highest) {
    const box = this.svg.getBoundingClientRect();
    this.width = Math.max(box.width, 50);
    this.height = Math.max(box.height, 50);
    this.left = 42;
    this.bottom = this.height - 20;
    this.top = 10;
    this.highest = highest > 0 ? highest : 1;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren();
    this.drawAxes();
  }
  x(t) {
    const {from, to} = this.series;
    return this.left + (t - from) / (to - from) * (this.width - this.left - 10);
  }
  y(value) { return this.bottom - value / this.highest * (this.bottom - this.top); }

  add(tag, attributes, text) { this.svg.append(svg(tag, attributes, text)); }

  drawAxes() {
    const {from, to} = this.series;
    this.band = svg("rect", {y: this.top, height: this.bottom - this.top, fill: "var(--shade)"});
    this.svg.append(this.band);
    this.moveBand();
    const up = Math.max(roundStep(this.highest, 4), this.least);
    for (let value = 0; value <= this.highest; value += up) {
      const y = this.y(value);
      this.add("line", {x1: this.left, x2: this.width - 10, y1: y, y2: y, stroke: "var(--line)"});
      this.add("text", {x: this.left - 6, y: y + 3.5, "text-anchor": "end"},
               up < 1 ? value.toFixed(1) : wholeNumber.format(value));
    }
    const across = roundStep(to - from, (this.width - this.left) / 70);
    for (let t = Math.ceil(from / across) * across; t <= to; t += across) {
      const x = this.x(t);
      const [y1, y2] = [this.bottom, this.bottom + 4];
      this.add("line", {x1: x, x2: x, y1, y2, stroke: "var(--muted)"});
      if (x < this.width - 14) {
        this.add("text", {x, y: this.bottom + 15, "text-anchor": "middle"}, formatTime(t, across));
      }
    }
  }

  note(text) {
    this.add("text", {x: (this.left + this.width) / 2, y: (this.top + this.bottom) / 2,
                      "text-anchor": "middle"}, text);
  }

  // The window of the diagram.
  moveBand() {
    const {from, to} = this.series;
    const inside = t => this.x(Math.min(Math.max(t, from), to));
    const left = inside(this.viewport.from);
    const whole = this.viewport.from <= from && this.viewport.to >= to;
    this.band.setAttribute("x", left);
    this.band.setAttribute("width", whole ? 0 : Math.max(1, inside(this.viewport.to) - left));
  }

  onMove(event) {
    const {from, to, step, bins} = this.series;
    const [x] = pointIn(this.svg, event);
    const t = from + (x - this.left) / (this.width - this.left - 10) * (to - from);
    const bin = bins.find(one => one.t <= t && t < one.t + step);
    if (!bin) return hideTip();
    showTip([this.describe(bin), `${formatTime(bin.t)} to ${formatTime(bin.t + step)}`],
            event.clientX, event.clientY);
  }
}

class Throughput extends Chart {
  least = 1;  // Between lines of the grid.
  draw() {
    const {bins, step} = this.series;
    this.unit(`blocks per ${formatTime(step, 1e3)}`);
    this.layOut(Math.max(...bins.map(bin => bin.latencies.length)));
    if (bins.every(bin => bin.latencies.length === 0)) this.note("nothing committed");
    for (const bin of bins) {
      const count = bin.latencies.length;
      if (count === 0) continue;
      const x = Math.max(this.x(bin.t), this.left);
      const width = Math.max(1, Math.min(this.x(bin.t + step), this.width - 10) - x - 1);
      this.add("rect", {x, y: this.y(count), width, height: this.bottom - this.y(count),
                        fill: "var(--green)"});
    }
  }
  describe(bin) { return plural(bin.latencies.length, "block") + " committed"; }
}

class Latency extends Chart {
  least = 0.1;
  draw() {
    const {bins, step} = this.series;
    this.unit("ms since the proposal");
    this.layOut(Math.max(...bins.map(bin => this.series.quantile(bin, 1) ?? 0)) * 1.04);
    if (bins.every(bin => bin.latencies.length === 0)) this.note("nothing committed");
    const {from, to} = this.series;
    const middle = bin => this.x(Math.min(Math.max(bin.t + step / 2, from), to));
    const lines = [["p99", 0.99, "--orange", "4 3"], ["p50", 0.5, "--blue", ""]];
    for (const [, share, color, dash] of lines) {
      let path = "";
      bins.forEach((bin, i) => {
        if (bin.latencies.length === 0) return;
        const [cx, cy] = [middle(bin), this.y(this.series.quantile(bin, share))];
        path += `${bins[i - 1]?.latencies.length > 0 ? "L" : "M"}${cx} ${cy}`;
        this.add("circle", {cx, cy, r: 2, fill: `var(${color})`});
      });
      this.add("path", {d: path, fill: "none", stroke: `var(${color})`, "stroke-width": 1.6,
                        "stroke-dasharray": dash});
    }
    this.keys(lines.map(([label, , color]) => [label, color]).reverse());
  }
  describe(bin) {
    if (bin.latencies.length === 0) return "nothing committed";
    const shown = share => this.series.quantile(bin, share).toFixed(1) + " ms";
    return `p50 ${shown(0.5)}, p99 ${shown(0.99)} of ${plural(bin.latencies.length, "block")}`;
  }
}
