"use strict";
// The block tree: views from left to right, a row per branch. A line goes to the parent, a dashed
// arc to the block that the QC names.

const VIEWS = 44;  // at first

class Tree {
  constructor(model, viewport, words, canvas) {
    this.model = model;
    this.blocks = model.blocks;
    this.viewport = viewport;
    this.words = words;
    this.canvas = canvas;
    this.from = this.first = this.blocks.views[0] - 0.6;
    this.last = Math.max(this.blocks.views[1] + 0.6, this.first + 4);
    this.to = Math.min(this.last, this.from + VIEWS);
    this.hovered = null;
    canvas.addEventListener("wheel", event => this.onWheel(event), {passive: false});
    canvas.addEventListener("pointermove", event => this.onMove(event));
    canvas.addEventListener("pointerleave", () => { this.hovered = null; hideTip(); this.draw(); });
    onDrag(canvas, {
      move: dx => this.set(this.from - dx / this.scale),
      click: event => {
        const block = this.find(...pointIn(canvas, event));
        this.viewport.select(block ? {type: "block", at: block} : null);
        if (block) this.showInDiagram(block);
      },
    });
  }

  // Keeps the span, inside of what there is.
  set(from, span = this.to - this.from) {
    this.place(from, Math.min(Math.max(span, 4), this.last - this.first));
    this.draw();
  }
  place(from, span) {
    this.from = Math.max(this.first, Math.min(from, this.last - span));
    this.to = this.from + span;
  }

  // The highest views at both ends of the diagram's window.
  shownViews() {
    const highest = time => Math.max(
      ...this.model.lives.views.map(spans => spans[spanAt(spans, time)].view));
    return [highest(this.viewport.from), highest(this.viewport.to)];
  }
  // Moves when the diagram has moved away.
  follow() {
    const [from, to] = this.shownViews();
    const span = this.to - this.from;
    if (to - from < span && (from < this.from || to > this.to)) {
      this.place((from + to - span) / 2, span);
    }
    this.draw();
  }

  onWheel(event) {
    event.preventDefault();
    const at = this.from + (pointIn(this.canvas, event)[0] - 14) / this.scale;
    const span = (this.to - this.from) * 1.0018 ** event.deltaY;
    this.set(at - (at - this.from) * span / (this.to - this.from), span);
  }

  onMove(event) {
    if (event.buttons !== 0) return;
    const block = this.find(...pointIn(this.canvas, event));
    if (block !== this.hovered) {
      this.hovered = block;
      this.draw();
    }
    if (!block) return hideTip();
    const fields = [`height ${block.height}`, block.by < 0 ? "" : `by r${block.by}`,
                    block.commands ? plural(block.commands, "command") : "",
                    block.view > 0 ? `QC of view ${block.qcView}` : ""];
    showTip([this.words.block(block), fields.filter(Boolean).join(", ")], event.clientX,
            event.clientY);
  }

  // Brings the block's life into the diagram's window.
  showInDiagram(block) {
    const begins = block.proposedAt;
    const ends = block.committedAt ?? block.certifiedTime ?? begins + 50000;
    const slack = (ends - begins) * 0.3 + 2000;
    if (begins < this.viewport.from || ends > this.viewport.to ||
        ends - begins < (this.viewport.to - this.viewport.from) / 30) {
      this.viewport.set(begins - slack, ends + slack);
    }
  }

  x(view) { return 14 + (view - this.from) * this.scale; }
  y(row) { return this.top + row * this.rowHeight; }

  find(x, y) {
    let best = null;
    let nearest = 14 ** 2;
    for (const block of this.blocks.list) {
      const distance = (this.x(block.view) - x) ** 2 + (this.y(block.row) - y) ** 2;
      if (distance < nearest) [nearest, best] = [distance, block];
    }
    return best;
  }

  draw() {
    const {context, width, height} = prepareCanvas(this.canvas);
    const bottom = 18;
    this.scale = (width - 28) / Math.max(this.to - this.from, 1);
    this.rowHeight = Math.min(42, (height - bottom - 42) / Math.max(this.blocks.rows - 1, 1));
    const used = this.rowHeight * (this.blocks.rows - 1);
    this.top = 24 + Math.max(0, (height - bottom - 42 - used) / 2);
    this.radius = Math.max(1.5, Math.min(6, this.scale * 0.3, Math.max(3, this.rowHeight * 0.3)));
    this.drawWindow(context, height - bottom);
    this.drawAxis(context, width, height - bottom);
    const visible = this.blocks.list.filter(block => this.touches(block));
    for (const block of visible) this.drawEdges(context, block);
    for (const block of visible) this.drawOne(context, block);
    this.drawn = visible.length;
  }

  touches(block) {
    const oldest = Math.min(block.parent?.view ?? block.view, block.qc?.view ?? block.view);
    return block.view >= this.from - 1 && oldest <= this.to + 1;
  }

  // A shade behind what the diagram shows, unless that is everything.
  drawWindow(context, bottom) {
    const [from, to] = this.shownViews();
    const [left, right] = [Math.max(0, this.x(from - 0.5)), this.x(to + 0.5)];
    if (from <= this.from + 1 && to >= this.to - 1) return;
    context.fillStyle = theme.color("--shade");
    context.fillRect(left, 0, right - left, bottom);
  }

  drawAxis(context, width, y) {
    context.fillStyle = theme.color("--line");
    context.fillRect(0, y, width, 1);
    const step = Math.max(1, roundStep(this.to - this.from, width / 60));
    context.font = `10.5px ${theme.sans}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = theme.color("--muted");
    for (let v = Math.ceil(this.from / step) * step; v <= this.to; v += step) {
      const x = this.x(v);
      context.fillRect(x - 0.5, y, 1, 4);
      if (x > 40 && x < width - 20) context.fillText(v, x, y + 10);
    }
    context.textAlign = "left";
    context.fillText("view", 6, y + 10);
  }

  drawEdges(context, block) {
    const [x, y] = [this.x(block.view), this.y(block.row)];
    if (block.parent) {
      const [px, py] = [this.x(block.parent.view), this.y(block.parent.row)];
      context.strokeStyle = theme.color(block.state === "committed" ? "--green" : "--muted");
      context.lineWidth = block.state === "committed" ? 2 : 1.2;
      context.beginPath();
      context.moveTo(px, py);
      if (py !== y) context.bezierCurveTo(px + (x - px) * 0.5, py, px + (x - px) * 0.3, y, x, y);
      else context.lineTo(x, y);
      context.stroke();
    }
    const strong = block === this.hovered || block === this.viewport.selected?.at;
    if (!block.qc || (this.scale < 7 && !strong)) return;
    const [qx, qy] = [this.x(block.qc.view), this.y(block.qc.row)];
    const lift = Math.min(22, 5 + (x - qx) * 0.12);
    context.strokeStyle = theme.color("--purple");
    context.globalAlpha = strong ? 1 : 0.7;
    context.lineWidth = strong ? 2 : 1;
    context.setLineDash([3, 2.5]);
    context.beginPath();
    context.moveTo(qx, qy - this.radius);
    context.quadraticCurveTo((x + qx) / 2, Math.min(y, qy) - this.radius - lift * 1.6, x,
                             y - this.radius);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  drawOne(context, block) {
    const [x, y] = [this.x(block.view), this.y(block.row)];
    drawBlock(context, x, y, this.radius, block.state, block.certifiedTime !== undefined);
    if (block.suspensions > 0 && block.state === "committed") {
      context.fillStyle = theme.color("--orange");
      disc(context, x, y + this.radius + 4, 2);
      context.fill();
    }
    if (block === this.hovered || block === this.viewport.selected?.at) {
      context.strokeStyle = theme.color("--ink");
      context.lineWidth = 2;
      disc(context, x, y, this.radius + 3.5);
      context.stroke();
    }
  }

  fillLegend(box) {
    const counts = this.blocks.counts();
    box.replaceChildren();
    for (const {key, label} of BLOCK_STATES) {
      if (counts[key] === 0) continue;
      const item = element("span");
      item.append(icon(context => drawBlock(context, 8, 8, 4.5, key, false)),
                  `${label} ${wholeNumber.format(counts[key])}`);
      box.append(item);
    }
    const edges = [["parent", "--muted", []], ["QC", "--purple", [3, 2.5]]];
    for (const [label, color, dash] of edges) {
      const item = element("span");
      item.append(icon(context => {
        context.strokeStyle = theme.color(color);
        context.lineWidth = 1.5;
        context.setLineDash(dash);
        context.beginPath();
        context.moveTo(1, 8);
        context.lineTo(15, 8);
        context.stroke();
      }), label);
      box.append(item);
    }
  }
}
