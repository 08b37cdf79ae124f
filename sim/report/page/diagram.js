"use strict";
// The space-time diagram: a lane per replica, messages between them, marks on them. Draws only
// what is in the window, and of crowds as much as can be told apart.

const AXIS = 20;          // height of the time axis
const GUTTER = 52;        // width of the lanes' names
const FOOT = 16;          // below the lanes: what is drawn
const LANE_MIN = 9;
const MESSAGES_MAX = 12000;  // lines of one drawing; of more every k-th is drawn, and said so
const HEADS_MAX = 700;       // arrows have heads if there are no more

class Diagram {
  constructor(model, viewport, canvas, note) {
    this.model = model;
    this.viewport = viewport;
    this.canvas = canvas;
    this.note = note;
    this.scroll = 0;
    this.drawnMessages = new Int32Array(0);
    this.drawnMarks = [];
    this.indexMessages();
  }

  // The latest arrival among each hundred messages: those of old times are skipped by hundreds.
  indexMessages() {
    const {end} = this.model.messages;
    this.latest = [];
    for (let i = 0; i < end.length; ++i) {
      const chunk = i >> 7;
      const until = end[i] === Infinity ? this.reach(i) : end[i];
      this.latest[chunk] = Math.max(this.latest[chunk] ?? 0, until);
    }
  }

  // Until when a message is drawn: to its arrival, or a little way if it never arrives.
  reach(i) {
    const {messages} = this.model;
    const known = messages.end[i] !== Infinity && messages.end[i] > messages.t[i];
    return known ? messages.end[i] : messages.t[i] + 2000;
  }

  layOut(width, height) {
    const lanes = this.viewport.replicas.length + (this.viewport.clients ? 1 : 0);
    this.width = width;
    this.height = height;
    this.lane = Math.max(LANE_MIN, (height - AXIS - FOOT) / Math.max(lanes, 1));
    this.scroll = Math.min(Math.max(this.scroll, 0),
                           Math.max(0, this.lane * lanes - (height - AXIS - FOOT)));
    this.body = Math.min(this.lane, 60);  // of it, what is drawn on
    this.scale = (width - GUTTER - 8) / (this.viewport.to - this.viewport.from);
    this.radius = Math.max(1.7, Math.min(this.lane * 0.22, 6, this.viewWidth() * 0.16));
  }
  // Of the busiest lane, on average: marks shrink before they cover each other.
  viewWidth() {
    let most = 1;
    for (const r of this.viewport.replicas) {
      const views = this.model.lives.views[r];
      most = Math.max(most, spanAt(views, this.viewport.to) - spanAt(views, this.viewport.from));
    }
    return (this.width - GUTTER) / most;
  }
  x(time) { return GUTTER + (time - this.viewport.from) * this.scale; }
  timeAt(x) { return this.viewport.from + (x - GUTTER) / this.scale; }
  yOfLane(lane) { return AXIS + (lane + 0.5) * this.lane - this.scroll; }
  y(replica) { return this.yOfLane(this.viewport.laneOf[replica]); }
  laneAt(y) { return Math.floor((y - AXIS + this.scroll) / this.lane); }
  markY(i) {
    const {marks} = this.model;
    const group = MARK_GROUPS[marks.group[i]];
    if (marks.group[i] === CLIENT_GROUP) return this.yOfLane(this.viewport.replicas.length);
    if (marks.replica[i] < 0) return AXIS + 8;
    return this.y(marks.replica[i]) + group.at * this.body * 0.5;
  }

  draw() {
    const {context, width, height} = prepareCanvas(this.canvas);
    this.context = context;
    this.layOut(width, height);
    context.save();
    context.beginPath();
    context.rect(GUTTER, AXIS, width - GUTTER, height - AXIS);
    context.clip();
    this.drawLanes();
    this.drawMessages();
    this.drawMarks();
    if (this.viewport.selected?.type === "block") this.dim();
    context.restore();
    this.drawWorld();
    this.drawAxis();
    this.drawNames();
    this.tell();
  }

  // So that what lies above stands out.
  dim() {
    this.context.globalAlpha = 0.74;
    this.context.fillStyle = theme.color("--panel");
    this.context.fillRect(GUTTER, AXIS, this.width, this.height);
    this.context.globalAlpha = 1;
  }

  drawLanes() {
    const {context} = this;
    const {lives} = this.model;
    const strip = Math.max(3, this.body * 0.56);
    for (const r of this.viewport.replicas) {
      const y = this.y(r);
      if (y < AXIS - this.lane || y > this.height + this.lane) continue;
      this.drawViews(lives.views[r], y, strip);
      for (const span of lives.down[r]) this.shade(span, y, strip, "--panel", "--grey");
      for (const span of lives.paused[r]) this.shade(span, y, strip, "--strip-a", "--orange");
      context.fillStyle = theme.color("--orange");
      for (const span of lives.cuts[r]) {
        const [x, w] = this.extent(span.from, span.to);
        if (w > 0) context.fillRect(x, y - strip / 2 - 2, w, 2);
      }
    }
    if (this.viewport.clients) {
      context.fillStyle = theme.color("--strip-a");
      const y = this.yOfLane(this.viewport.replicas.length);
      context.fillRect(GUTTER, y - 0.5, this.width - GUTTER, 1);
    }
  }

  // Views alternate between two shades, with their number where there is room.
  drawViews(spans, y, strip) {
    const {context} = this;
    context.font = `${Math.min(10, strip * 0.8).toFixed(1)}px ${theme.sans}`;
    context.textBaseline = "middle";
    context.textAlign = "left";
    let i = spanAt(spans, this.viewport.from);
    let drawnTo = -Infinity;
    for (; i < spans.length && spans[i].t <= this.viewport.to; ++i) {
      const [x, w] = this.extent(spans[i].t, spans[i + 1]?.t ?? this.viewport.max);
      if (w <= 0 || x + w - drawnTo < 0.5) continue;
      drawnTo = x + w;
      context.fillStyle = theme.color(spans[i].view % 2 ? "--strip-a" : "--strip-b");
      context.fillRect(x, y - strip / 2, Math.max(w, 0.5), strip);
      if (w > 34 && strip >= 9) {
        context.fillStyle = theme.color("--muted");
        context.fillText(spans[i].view, x + this.radius + 3, y + 0.5);
      }
    }
  }

  // The part of a span that is in the window.
  extent(from, to) {
    const left = Math.max(this.x(from), GUTTER);
    return [left, Math.min(this.x(to), this.width) - left];
  }

  shade(span, y, strip, fill, lines) {
    const {context} = this;
    const [x, w] = this.extent(span.from, span.to);
    if (w <= 0) return;
    context.save();
    context.beginPath();
    context.rect(x, y - strip / 2, w, strip);
    context.fillStyle = theme.color(fill);
    context.fill();
    context.clip();
    context.strokeStyle = theme.color(lines);
    context.lineWidth = 1;
    context.beginPath();
    for (let at = x - strip - x % 7; at < x + w; at += 7) {
      context.moveTo(at, y + strip / 2);
      context.lineTo(at + strip, y - strip / 2);
    }
    context.stroke();
    context.restore();
  }

  // Messages of the window that pass the filters, in the order of time.
  visibleMessages() {
    const {messages} = this.model;
    const visible = [];
    const until = lowerBound(messages.t, this.viewport.to);
    for (let i = 0; i < until; ++i) {
      if ((i & 127) === 0 && this.latest[i >> 7] < this.viewport.from) {
        i += 127;
        continue;
      }
      if (this.reach(i) >= this.viewport.from && this.viewport.showsMessage(i)) visible.push(i);
    }
    return visible;
  }

  drawMessages() {
    const visible = this.visibleMessages();
    this.every = Math.ceil(visible.length / MESSAGES_MAX) || 1;
    // The choice hangs on the message, not on the window: nothing flickers while one pans.
    const hash = i => Math.imul(i, 0x9e3779b1) >>> 12;
    const chosen = this.every === 1 ? visible : visible.filter(i => hash(i) % this.every === 0);
    this.visibleCount = visible.length;
    this.drawnMessages = Int32Array.from(chosen);
    this.context.globalAlpha = Math.min(0.85, Math.max(0.16, 900 / (chosen.length + 1)));
    MESSAGE_GROUPS.forEach((group, g) => {
      const own = chosen.filter(i => this.model.messages.group[i] === g);
      this.strokeMessages(this.context, own, theme.color(group.color), chosen.length <= HEADS_MAX);
    });
    this.context.globalAlpha = 1;
  }

  strokeMessages(context, list, color, heads) {
    const {messages} = this.model;
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = this.lane > 30 ? 1.2 : 1;
    const lost = [];
    context.beginPath();
    for (const i of list) {
      if (messages.outcome[i] === DROPPED || messages.end[i] === Infinity) {
        lost.push(i);
        continue;
      }
      context.moveTo(this.x(messages.t[i]), this.y(messages.from[i]));
      context.lineTo(this.x(messages.end[i]), this.y(messages.to[i]));
    }
    context.stroke();
    if (heads) for (const i of list) if (messages.outcome[i] !== DROPPED) this.drawHead(context, i);
    if (lost.length > 0) this.strokeLost(context, lost);
  }

  drawHead(context, i) {
    const {messages} = this.model;
    if (messages.end[i] === Infinity) return;
    const x = this.x(messages.end[i]);
    const y = this.y(messages.to[i]);
    const angle = Math.atan2(y - this.y(messages.from[i]), x - this.x(messages.t[i]));
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x - 6 * Math.cos(angle - 0.35), y - 6 * Math.sin(angle - 0.35));
    context.lineTo(x - 6 * Math.cos(angle + 0.35), y - 6 * Math.sin(angle + 0.35));
    context.fill();
  }

  // What never arrives: a dashed line on half the way, with a cross if it was dropped.
  strokeLost(context, list) {
    const {messages} = this.model;
    context.setLineDash([3, 3]);
    context.beginPath();
    for (const i of list) {
      context.moveTo(this.x(messages.t[i]), this.y(messages.from[i]));
      context.lineTo(...this.lostAt(i));
    }
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1.4;
    if (list.length > 2000) return;
    for (const i of list) {
      if (messages.outcome[i] === DROPPED) cross(context, ...this.lostAt(i), 2.6);
    }
  }
  lostAt(i) {
    const {messages} = this.model;
    const reach = this.reach(i);
    const share = messages.outcome[i] === DROPPED && messages.end[i] > messages.t[i] ? 0.92 : 0.45;
    const y = this.y(messages.from[i]);
    return [this.x(messages.t[i] + (reach - messages.t[i]) * share),
            y + (this.y(messages.to[i]) - y) * share];
  }

  // Both ends are on lanes that are shown.
  hasLanes(i) {
    const {messages} = this.model;
    const {laneOf} = this.viewport;
    return laneOf[messages.from[i]] >= 0 && laneOf[messages.to[i]] >= 0;
  }

  // Where a message's line ends.
  endOf(i) {
    const {messages} = this.model;
    const arrives = messages.outcome[i] !== DROPPED && messages.end[i] !== Infinity;
    return arrives ? [this.x(messages.end[i]), this.y(messages.to[i])] : this.lostAt(i);
  }

  // Marks of one kind on one lane that would cover each other are drawn once.
  drawMarks() {
    const {marks} = this.model;
    const lanes = this.model.n + 1;
    const lastX = new Float64Array(lanes * this.model.data.kinds.length).fill(-Infinity);
    this.drawnMarks = [];
    this.visibleMarks = 0;
    const until = lowerBound(marks.t, this.viewport.to + 1);
    for (let i = lowerBound(marks.t, this.viewport.from); i < until; ++i) {
      if (!this.viewport.showsMark(i) || marks.kind[i] === this.gstKind()) continue;
      const y = this.markY(i);
      if (y < AXIS - 6 || y > this.height + 6) continue;
      ++this.visibleMarks;
      const x = this.x(marks.t[i]);
      const lane = this.model.hasLane(i) ? marks.replica[i] : this.model.n;
      const slot = marks.kind[i] * lanes + lane;
      if (x - lastX[slot] < 1.2) continue;
      lastX[slot] = x;
      this.drawnMarks.push({i, x, y});
    }
    // Bold ones on top of the others.
    for (const bold of [false, true]) {
      for (const {i, x, y} of this.drawnMarks) {
        const key = MARK_GROUPS[marks.group[i]].key;
        if (["fault", "propose", "world"].includes(key) === bold) this.drawMark(i, x, y);
      }
    }
  }

  gstKind() { return this.model.data.kinds.indexOf("gst"); }

  drawMark(i, x, y, context = this.context) {
    const kind = this.model.markKind(i);
    const group = MARK_GROUPS[this.model.marks.group[i]];
    const small = group.at === 0 ? 1 : 0.8;
    drawGlyph(context, kind, x, y, this.radius * small,
              theme.color(MARK_COLORS[kind] ?? group.color));
  }

  // Lines through all lanes: GST, the end of the run, violations.
  drawWorld() {
    const {marks} = this.model;
    const line = (time, color, text) => {
      const x = this.x(time);
      if (x < GUTTER || x > this.width) return;
      this.context.fillStyle = theme.color(color);
      this.context.fillRect(x - 0.75, AXIS, 1.5, this.height - AXIS);
      this.context.font = `600 10.5px ${theme.sans}`;
      this.context.textAlign = x > this.width - 90 ? "right" : "left";
      this.context.textBaseline = "top";
      this.context.fillText(text, x + (x > this.width - 90 ? -5 : 5), AXIS + 3);
    };
    if (!this.viewport.markGroups[MARK_GROUPS.findIndex(group => group.key === "world")]) return;
    for (let i = lowerBound(marks.t, this.viewport.from); i < marks.t.length; ++i) {
      const kind = this.model.markKind(i);
      if (kind === "gst") line(marks.t[i], "--blue", "GST");
      if (kind === "violation") {
        line(marks.t[i], "--vermillion", this.model.names[marks.name[i]]);
      }
    }
    const {end, violations} = this.model.data;
    if (violations.length > 0 && end >= 0 && end <= this.viewport.to) {
      line(end, "--vermillion", violations[0][0]);
    }
  }

  drawAxis() {
    const {context, width} = this;
    context.fillStyle = theme.color("--panel");
    context.fillRect(0, 0, width, AXIS);
    const step = roundStep(this.viewport.to - this.viewport.from, (width - GUTTER) / 110);
    context.font = `10.5px ${theme.sans}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (let t = Math.ceil(this.viewport.from / step) * step; t <= this.viewport.to; t += step) {
      const x = Math.round(this.x(t));
      context.fillStyle = theme.color("--faint");
      context.fillRect(x, AXIS - 6, 1, 6);
      context.fillStyle = theme.color("--shade");
      context.fillRect(x, AXIS, 1, this.height - AXIS);
      context.fillStyle = theme.color("--muted");
      if (x < width - 60) context.fillText(formatTime(t, step), x + 4, AXIS / 2 - 1);
    }
    context.fillStyle = theme.color("--line");
    context.fillRect(0, AXIS, width, 1);
  }

  drawNames() {
    const {context} = this;
    context.fillStyle = theme.color("--panel");
    context.fillRect(0, AXIS + 1, GUTTER - 2, this.height);
    const size = Math.min(12, Math.max(8.5, this.lane - 1.5));
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const r of this.viewport.replicas) {
      const y = this.y(r);
      if (y < AXIS + 3 || y > this.height) continue;
      const lies = !this.model.honest(r);
      const bold = lies || this.viewport.focus === r;
      context.font = `${bold ? 700 : 400} ${size}px ${theme.sans}`;
      context.fillStyle = theme.color(lies ? "--vermillion" : this.viewport.focus === r ? "--blue"
        : "--ink");
      context.fillText((lies ? "B " : "") + "r" + r, GUTTER - 8, y + 0.5);
    }
    if (!this.viewport.clients) return;
    context.font = `400 ${Math.min(size, 10.5)}px ${theme.sans}`;
    context.fillStyle = theme.color("--muted");
    context.fillText("clients", GUTTER - 8, this.yOfLane(this.viewport.replicas.length));
  }

  tell() {
    const shown = this.every === 1 ? plural(this.visibleCount, "message")
      : `1 in ${this.every} of ${wholeNumber.format(this.visibleCount)} messages: zoom in for all`;
    this.note.textContent = `${shown}, ${plural(this.visibleMarks, "event")}`;
  }
}
