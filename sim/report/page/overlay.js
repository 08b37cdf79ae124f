"use strict";
// What lies over the diagram: the thing under the pointer, the selection, its block's messages.

class Overlay {
  constructor(model, viewport, words, diagram, canvas) {
    this.model = model;
    this.viewport = viewport;
    this.words = words;
    this.diagram = diagram;
    this.canvas = canvas;
    this.hovered = null;
    this.tip = document.getElementById("tip");
  }

  // The mark or message nearest to a point of the canvas; null if none is near.
  find(x, y) {
    if (x < GUTTER || y < AXIS) return null;
    let best = null;
    let nearest = 9 * 9;
    for (const mark of this.diagram.drawnMarks) {
      const distance = (mark.x - x) ** 2 + (mark.y - y) ** 2;
      if (distance < nearest) {
        nearest = distance;
        best = {type: "mark", at: mark.i};
      }
    }
    if (best) return best;
    nearest = 5;
    for (const i of this.diagram.drawnMessages) {
      const distance = this.distanceTo(i, x, y, nearest);
      if (distance < nearest) {
        nearest = distance;
        best = {type: "message", at: i};
      }
    }
    return best;
  }

  distanceTo(i, x, y, enough) {
    const {diagram} = this;
    const x1 = diagram.x(this.model.messages.t[i]);
    if (x1 > x + enough) return Infinity;
    const y1 = diagram.y(this.model.messages.from[i]);
    const [x2, y2] = diagram.endOf(i);
    if (x2 < x - enough) return Infinity;
    const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
    const along = length === 0 ? 0 : ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length;
    const share = Math.min(1, Math.max(0, along));
    return Math.hypot(x - x1 - share * (x2 - x1), y - y1 - share * (y2 - y1));
  }

  hover(x, y, pageX, pageY) {
    this.hovered = this.find(x, y);
    this.draw();
    const lines = this.describe(x, y);
    if (lines) showTip(lines, pageX, pageY); else hideTip();
  }
  leave() {
    this.hovered = null;
    hideTip();
    this.draw();
  }

  describe(x, y) {
    const {hovered} = this;
    if (hovered?.type === "mark") {
      return [this.words.mark(hovered.at), "at " + formatTime(this.model.marks.t[hovered.at])];
    }
    if (hovered) {
      const sent = formatTime(this.model.messages.t[hovered.at]);
      return [this.words.message(hovered.at), `sent at ${sent}, ${this.words.fate(hovered.at)}`];
    }
    const r = this.viewport.replicas[this.diagram.laneAt(y)];
    if (y < AXIS || r === undefined) return null;
    if (x < GUTTER) {
      const does = this.model.byzantine.get(r);
      return [does ? `r${r} is Byzantine: ${does}` : `r${r}`, "click: only its messages"];
    }
    const t = this.diagram.timeAt(x);
    return [`r${r} is ${this.model.lives.describe(r, t)}`, "at " + formatTime(t)];
  }

  draw() {
    const {context, width, height} = prepareCanvas(this.canvas);
    context.save();
    context.beginPath();
    context.rect(GUTTER, AXIS, width - GUTTER, height - AXIS);
    context.clip();
    const {selected} = this.viewport;
    if (selected?.type === "block") this.drawBlock(context, selected.at);
    else if (selected) this.drawOne(context, selected, "--ink");
    if (this.hovered) this.drawOne(context, this.hovered, "--ink");
    context.restore();
  }

  // All that is about a block, whatever the filters say, and nothing else.
  drawBlock(context, block) {
    const {messages, marks} = this.model;
    this.highlighted = [];
    for (let i = 0; i < messages.t.length; ++i) {
      if (messages.block[i] !== block.id || messages.t[i] > this.viewport.to) continue;
      if (this.diagram.reach(i) < this.viewport.from) continue;
      if (this.diagram.hasLanes(i)) this.highlighted.push(i);
    }
    MESSAGE_GROUPS.forEach((group, g) => {
      const own = this.highlighted.filter(i => messages.group[i] === g);
      this.diagram.strokeMessages(context, own, theme.color(group.color), own.length < HEADS_MAX);
    });
    const until = lowerBound(marks.t, this.viewport.to + 1);
    for (let i = lowerBound(marks.t, this.viewport.from); i < until; ++i) {
      const about = marks.block[i] === block.id && this.model.markKind(i) !== "execute";
      if (!about || this.viewport.laneOf[marks.replica[i]] < 0) continue;
      this.diagram.drawMark(i, this.diagram.x(marks.t[i]), this.diagram.markY(i), context);
    }
  }

  drawOne(context, {type, at}, color) {
    context.strokeStyle = context.fillStyle = theme.color(color);
    if (type === "mark") {
      context.lineWidth = 1.6;
      disc(context, this.diagram.x(this.model.marks.t[at]), this.diagram.markY(at),
           this.diagram.radius * 1.9);
      context.stroke();
      return;
    }
    const {messages} = this.model;
    if (!this.diagram.hasLanes(at)) return;
    const [x, y] = [this.diagram.x(messages.t[at]), this.diagram.y(messages.from[at])];
    context.lineWidth = 2.2;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(...this.diagram.endOf(at));
    context.stroke();
    disc(context, x, y, 3);
    context.fill();
  }
}

function showTip([first, second], pageX, pageY) {
  const tip = document.getElementById("tip");
  tip.textContent = first;
  tip.append(Object.assign(document.createElement("small"), {textContent: second}));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = pageX + 14 + box.width > innerWidth ? pageX - box.width - 10 : pageX + 14;
  const top = pageY + 16 + box.height > innerHeight ? pageY - box.height - 10 : pageY + 16;
  tip.style.left = Math.max(4, left) + "px";
  tip.style.top = Math.max(4, top) + "px";
}
function hideTip() { document.getElementById("tip").hidden = true; }
