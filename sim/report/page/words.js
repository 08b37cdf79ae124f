"use strict";
// Messages, events and blocks in words.

const wholeNumber = new Intl.NumberFormat("en");

function formatTime(micros, step = 1) {
  if (step >= 1e6) return (micros / 1e6).toFixed(0) + " s";
  if (step >= 1e5) return (micros / 1e6).toFixed(1) + " s";
  if (step >= 1e3) return wholeNumber.format(Math.round(micros / 1e3)) + " ms";
  return (micros / 1e3).toLocaleString("en", {minimumFractionDigits: step >= 100 ? 1 : 3,
                                              maximumFractionDigits: 3}) + " ms";
}

function plural(count, one, many = one + "s") {
  return `${wholeNumber.format(count)} ${count === 1 ? one : many}`;
}

class Words {
  constructor(model) { this.model = model; }

  id(index) { return index < 0 ? "" : this.model.ids[index]; }
  short(index) { return index < 0 ? "?" : this.id(index).slice(0, 6); }
  replica(r) { return `r${r}` + (this.model.honest(r) ? "" : " (Byzantine)"); }

  blockOf(index) {
    const block = this.model.blocks.all.get(index);
    return `block ${this.short(index)}` + (block ? ` of view ${block.view}` : "");
  }

  message(i) {
    const {messages} = this.model;
    const kind = this.model.messageKind(i).replace("_", " ");
    const ofView = messages.view[i] > 0 ? ` of view ${messages.view[i]}` : "";
    const about = messages.block[i] < 0 ? ofView
      : kind === "timeout" ? `${ofView}, tip ${this.blockOf(messages.block[i])}`
      : " for " + this.blockOf(messages.block[i]);
    return `${kind}${about}, r${messages.from[i]} to r${messages.to[i]}`;
  }

  fate(i) {
    const {messages} = this.model;
    if (messages.outcome[i] === DROPPED) return `dropped: ${this.model.names[messages.why[i]]}`;
    if (messages.end[i] === Infinity) return "not arrived by the end of what is shown";
    return `${OUTCOMES[messages.outcome[i]]} after ${formatTime(messages.end[i] - messages.t[i])}`;
  }

  mark(i) {
    const {marks} = this.model;
    const who = `r${marks.replica[i]}`;
    const client = `client ${marks.replica[i]}`;
    const name = this.model.names[marks.name[i]];
    const block = () => this.blockOf(marks.block[i]);
    const view = marks.view[i];
    switch (this.model.markKind(i)) {
      case "propose":
        return `${who} proposes block ${this.short(marks.block[i])} of view ${view}, height ` +
          `${marks.height[i]}, on ${this.short(marks.parent[i])}, by a ${name.toUpperCase()}`;
      case "vote": return `${who} votes in view ${view} for ${block()}`;
      case "timeout": return `${who} gives up view ${view}; its tip is ${block()}`;
      case "qc": return `${who} knows a QC of view ${view} for block ${this.short(marks.block[i])}`;
      case "tc": return `${who} uses a TC of view ${view}`;
      case "view": return `${who} enters view ${view}, by ${name}`;
      case "suspend": return `${who} suspends the commit of ${block()} (5.2)`;
      case "commit": return `${who} commits ${block()}, height ${marks.height[i]}`;
      case "execute": return `${who} has executed height ${marks.height[i]}`;
      case "log": return `${who} logs: ${name}`;
      case "start":
        return `${who} starts` + (name ? `, to ${name}` : ` at height ${marks.height[i]}`);
      case "crash": return `${who} crashes: ${name}`;
      case "stop": return `${who} stops itself: ${name}`;
      case "pause": return `${who} is paused`;
      case "resume": return `${who} goes on`;
      case "disk": return `the disk of ${who}: ${name}`;
      case "clock": return `the clock of ${who} runs at ${marks.count[i] / 1e4}%`;
      case "cut": return `the link from ${who} to r${marks.peer[i]} is cut`;
      case "heal":
        return marks.replica[i] < 0 ? "all links are healed"
          : `the link from ${who} to r${marks.peer[i]} is healed`;
      case "gst": return "GST: from now on the network behaves";
      case "submit":
        return `${client} submits ${plural(marks.count[i], "command")}, from number ` +
          marks.number[i];
      case "ack": return `${client} believes the answer to its number ${marks.number[i]}`;
      case "reject": return `${client}: r${marks.peer[i]} rejects: ${name}`;
      case "violation": return `violation of ${name}`;
      default: return this.model.markKind(i);
    }
  }

  block(block) {
    if (block.view === 0) return "genesis";
    return `block ${this.short(block.id)} of view ${block.view}, ${block.state}`;
  }

  // Pairs of a name and a value, all that is known.
  messageFields(i) {
    const {messages} = this.model;
    return [
      ["kind", this.model.messageKind(i)],
      ["from", this.replica(messages.from[i])],
      ["to", this.replica(messages.to[i])],
      ["sent", formatTime(messages.t[i])],
      ["fate", this.fate(i)],
      ["view", messages.view[i] || ""],
      ["block", messages.block[i]],
      ["size", plural(messages.bytes[i], "byte")],
      ["transmission", messages.id[i]],
    ];
  }

  markFields(i) {
    const {marks} = this.model;
    const kind = this.model.markKind(i);
    const client = marks.group[i] === CLIENT_GROUP;
    const counted = {suspend: "suspensions", clock: "ppm", propose: "commands", submit: "commands"};
    const named = {view: "by", propose: "by", log: "text", violation: "property"};
    const digest = kind === "execute";
    return [
      ["kind", kind],
      [client ? "client" : "replica", marks.replica[i] < 0 ? "" : client ? marks.replica[i]
        : this.replica(marks.replica[i])],
      ["at", formatTime(marks.t[i])],
      [kind === "reject" ? "from" : "to", marks.peer[i] < 0 ? "" : `r${marks.peer[i]}`],
      ["view", marks.view[i] || ""],
      ["height", marks.height[i] || ""],
      [digest ? "state" : "block", digest ? this.id(marks.block[i]) : marks.block[i]],
      ["parent", marks.parent[i]],
      ["QC of view", marks.parent[i] < 0 ? "" : marks.qc[i]],
      ["number", client ? marks.number[i] : ""],
      [counted[kind] ?? "count", marks.count[i] || ""],
      [named[kind] ?? "why", this.model.names[marks.name[i]]],
    ];
  }

  blockFields(block) {
    const time = t => t === undefined ? "" : formatTime(t);
    const fields = [
      ["state", block.state],
      ["id", this.id(block.id)],
      ["view", block.view],
      ["height", block.height],
    ];
    if (block.view === 0) return fields;
    return fields.concat([
      ["proposer", this.replica(block.by)],
      ["form", block.form === "tc" ? "timeout form, with a TC (3.4)" : "fast form (3.3)"],
      ["parent", block.parentId],
      ["its QC", block.qc ? block.qc.id : ""],
      ["QC of view", block.qcView],
      ["commands", block.commands],
      ["proposed", time(block.proposedAt)],
      ["certified", time(block.certifiedTime)],
      ["committed", time(block.committedAt)],
      ["by", block.committedBy ? plural(block.committedBy, "honest replica") : ""],
      ["suspensions", block.suspensions || ""],
    ]);
  }
}
