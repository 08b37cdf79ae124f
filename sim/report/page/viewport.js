"use strict";
// What of the trace is looked at: a window of time, lanes, filters, a selection. Whoever draws
// listens.

const READABLE = 60;  // messages of one window, for each replica

class Viewport {
  constructor(model) {
    this.model = model;
    this.min = model.from;
    this.max = Math.max(model.to, model.from + 1);
    this.from = this.min;
    this.to = this.max;
    this.messageGroups = MESSAGE_GROUPS.map(group => group.on);
    this.markGroups = MARK_GROUPS.map(group => group.on);
    this.views = null;       // [first, last]
    this.focus = null;       // a lane whose messages alone are shown
    this.selected = null;    // {type: "message" | "mark" | "block", at: index or block}
    this.listeners = [];
    this.showReplicas(null);
  }

  // Clients have one lane, below those of the replicas.
  get clients() { return this.markGroups[CLIENT_GROUP]; }

  onChange(listener) { this.listeners.push(listener); }
  changed(what) { for (const listener of this.listeners) listener(what); }

  set(from, to) {
    this.place(from, Math.min(Math.max(to - from, 20), this.max - this.min));
  }
  // By so many of its widths.
  pan(share) {
    const span = this.to - this.from;
    this.place(this.from + span * share, span);
  }
  place(from, span) {
    this.from = Math.min(Math.max(from, this.min), this.max - span);
    this.to = this.from + span;
    this.changed("view");
  }
  zoom(factor, at = (this.from + this.to) / 2) {
    this.set(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }
  fit() { this.set(this.min, this.max); }
  // What a page opens with: as much as can be read, at the end if something went wrong there.
  start(hash) {
    const wanted = new URLSearchParams(hash.slice(1));
    if (wanted.has("from") && wanted.has("to")) {
      return this.set(Number(wanted.get("from")), Number(wanted.get("to")));
    }
    const {t} = this.model.messages;
    const shown = Array.from(t.keys()).filter(i => this.showsMessage(i));
    const span = Math.max((this.max - this.min) / 400, 1000);
    const some = READABLE * this.model.n;
    if (shown.length <= some) return this.fit();
    if (this.model.data.verdict === "ok") {
      const first = t[shown[0]];
      this.set(first - span * 0.1, Math.max(t[shown[some]], first + span));
    } else {
      this.set(Math.min(t[shown.at(-some)], this.max - span), this.max);
    }
  }
  // Moves so that the time is well inside.
  reveal(time) {
    const span = this.to - this.from;
    if (time < this.from + span * 0.05 || time > this.to - span * 0.05) {
      this.set(time - span / 2, time + span / 2);
    }
  }

  // Null: all.
  showReplicas(replicas) {
    this.replicas = replicas ?? Array.from({length: this.model.n}, (_, r) => r);
    this.laneOf = new Int32Array(this.model.n).fill(-1);
    this.replicas.forEach((r, lane) => { this.laneOf[r] = lane; });
    this.changed("lanes");
  }
  // The views, and the time that replicas spent in them.
  showViews(views) {
    this.views = views;
    if (views) {
      let from = Infinity;
      let to = -Infinity;
      for (const spans of this.model.lives.views) {
        spans.forEach((span, i) => {
          if (span.view < views[0] || span.view > views[1]) return;
          from = Math.min(from, span.t);
          to = Math.max(to, i + 1 < spans.length ? spans[i + 1].t : this.max);
        });
      }
      if (from < to) this.set(from - (to - from) * 0.05, to + (to - from) * 0.05);
    }
    this.changed("filter");
  }
  select(selection) {
    this.selected = selection;
    this.changed("selection");
  }

  inViews(view) {
    return this.views === null || (view >= this.views[0] && view <= this.views[1]);
  }
  showsMessage(i) {
    const {messages} = this.model;
    return this.messageGroups[messages.group[i]] && this.inViews(messages.view[i]) &&
      this.laneOf[messages.from[i]] >= 0 && this.laneOf[messages.to[i]] >= 0 &&
      (this.focus === null || messages.from[i] === this.focus || messages.to[i] === this.focus);
  }
  showsMark(i) {
    const {marks} = this.model;
    if (!this.markGroups[marks.group[i]]) return false;
    if (marks.group[i] === CLIENT_GROUP) return true;
    if (marks.replica[i] >= 0 && this.laneOf[marks.replica[i]] < 0) return false;
    return marks.view[i] === 0 || this.inViews(marks.view[i]);
  }
}

// Round steps for axes: about `count` of them.
function roundStep(span, count) {
  const raw = span / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find(one => one * power >= raw);
  return factor * power;
}
