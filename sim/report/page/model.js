"use strict";
// The trace as the page knows it: columns of messages and events in the order of time, and what
// replicas were up to in between. sim/report/data.hpp describes the data.

const OUTCOMES = ["delivered", "dropped", "on its way", "delivered once more"];
const DELIVERED = 0;
const DROPPED = 1;

// Times come as differences to the one before.
function summed(differences) {
  let at = 0;
  return Float64Array.from(differences, difference => at += difference);
}

// Columns in another order of rows.
function reordered(columns, order) {
  const sorted = {};
  for (const [name, column] of Object.entries(columns)) {
    sorted[name] = column.constructor.from(order, row => column[row]);
  }
  return sorted;
}

class Model {
  constructor(data) {
    this.data = data;
    this.names = data.names;
    this.ids = data.blocks;
    this.n = data.n;
    [this.from, this.to] = data.range;
    this.byzantine = new Map(data.byzantine);
    this.messages = this.readMessages(data.messages);
    this.marks = this.readMarks(data.marks);
    this.blocks = new Blocks(this);
    this.lives = new Lives(this);
  }

  readMessages(columns) {
    const sent = summed(columns.t);
    const kind = Uint16Array.from(columns.kind);
    const groups = this.names.map(name => groupOf(MESSAGE_GROUPS, name));
    const all = {
      t: sent,
      end: Float64Array.from(columns.took, (took, row) => took < 0 ? Infinity : sent[row] + took),
      kind,
      group: Uint8Array.from(kind, name => groups[name]),
      outcome: Uint8Array.from(columns.outcome),
      why: Uint16Array.from(columns.why),
      from: Uint16Array.from(columns.from),
      to: Uint16Array.from(columns.to),
      view: Float64Array.from(columns.v),
      block: Int32Array.from(columns.b),
      bytes: Float64Array.from(columns.bytes),
      id: Float64Array.from(columns.id),
    };
    const order = Array.from(sent.keys()).sort((a, b) => sent[a] - sent[b] || a - b);
    return reordered(all, order);
  }

  readMarks(columns) {
    const kind = Uint8Array.from(columns.k);
    const groups = this.data.kinds.map(name => groupOf(MARK_GROUPS, name));
    return {
      t: summed(columns.t),
      kind,
      group: Uint8Array.from(kind, one => groups[one]),
      replica: Int32Array.from(columns.r),
      peer: Int32Array.from(columns.peer),
      view: Float64Array.from(columns.v),
      height: Float64Array.from(columns.h),
      qc: Float64Array.from(columns.q),
      block: Int32Array.from(columns.b),
      parent: Int32Array.from(columns.p),
      number: Float64Array.from(columns.number),
      count: Float64Array.from(columns.count),
      name: Uint16Array.from(columns.name),
    };
  }

  markKind(i) { return this.data.kinds[this.marks.kind[i]]; }
  messageKind(i) { return this.names[this.messages.kind[i]]; }
  // Clients and what is nobody's have no lane of a replica.
  hasLane(i) { return this.marks.group[i] !== CLIENT_GROUP && this.marks.replica[i] >= 0; }
  honest(replica) { return !this.byzantine.has(replica); }
}

// The first index whose time is at least `time`.
function lowerBound(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1; else high = middle;
  }
  return low;
}

// The span that holds a time, of spans that begin at `t` and end with the next.
function spanAt(spans, time) {
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (spans[middle].t <= time) low = middle; else high = middle - 1;
  }
  return low;
}

// What each replica was up to: spans of views, of being down or paused, of links that are cut.
class Lives {
  constructor(model) {
    this.model = model;
    const before = model.data.before;
    this.views = Array.from({length: model.n}, (_, r) => [{t: model.from, view: before.views[r]}]);
    this.down = Array.from({length: model.n}, () => []);
    this.paused = Array.from({length: model.n}, () => []);
    this.cuts = Array.from({length: model.n}, () => []);
    this.cut = new Set();
    this.cutCount = new Uint32Array(model.n);
    for (const r of before.down) this.begin(this.down[r], model.from);
    for (const r of before.paused) this.begin(this.paused[r], model.from);
    for (const [a, b] of before.cuts) this.change(a, b, 1, model.from);
    for (let i = lowerBound(model.marks.t, model.from); i < model.marks.t.length; ++i) this.see(i);
    for (const spans of [...this.down, ...this.paused, ...this.cuts]) this.end(spans, model.to);
  }

  see(i) {
    const {marks} = this.model;
    const t = marks.t[i];
    const r = marks.replica[i];
    switch (this.model.markKind(i)) {
      case "view": this.views[r].push({t, view: marks.view[i]}); break;
      case "crash": this.begin(this.down[r], t); this.end(this.paused[r], t); break;
      case "start": this.end(this.down[r], t); break;
      case "pause": this.begin(this.paused[r], t); break;
      case "resume": this.end(this.paused[r], t); break;
      case "cut": this.change(r, marks.peer[i], 1, t); break;
      case "heal":
        if (r >= 0) this.change(r, marks.peer[i], -1, t); else this.healAll(t);
        break;
    }
  }

  begin(spans, t) {
    const last = spans[spans.length - 1];
    if (!last || last.to !== undefined) spans.push({from: t});
  }
  end(spans, t) {
    const last = spans[spans.length - 1];
    if (last && last.to === undefined) last.to = t;
  }

  // A trace notes every cut of a link, and its healing once.
  change(from, to, by, t) {
    const key = from * this.model.n + to;
    if (by > 0 ? this.cut.has(key) : !this.cut.delete(key)) return;
    if (by > 0) this.cut.add(key);
    for (const r of [from, to]) {
      this.cutCount[r] += by;
      if (by > 0) this.begin(this.cuts[r], t);
      else if (this.cutCount[r] === 0) this.end(this.cuts[r], t);
    }
  }
  healAll(t) {
    this.cut.clear();
    this.cutCount.fill(0);
    for (const spans of this.cuts) this.end(spans, t);
  }

  // In words, at one time.
  describe(r, t) {
    const inside = spans => spans.some(span => span.from <= t && t < span.to);
    if (inside(this.down[r])) return "down";
    const views = this.views[r];
    return `in view ${views[spanAt(views, t)].view}` + (inside(this.paused[r]) ? ", paused" : "") +
      (inside(this.cuts[r]) ? ", some of its links cut" : "");
  }
}
