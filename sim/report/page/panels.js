"use strict";
// Around the diagram: header, legend with its filters, details of what is selected.

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function fillHeader(model, viewport) {
  const {data} = model;
  const byId = id => document.getElementById(id);
  document.title = `${data.scenario}, seed ${data.seed}: ${data.verdict || "broken off"}`;
  byId("scenario").textContent = data.scenario;
  const verdict = byId("verdict");
  verdict.textContent = data.verdict || "broken off";
  verdict.classList.add(data.verdict || "unknown");
  const fact = (name, value, className) => {
    const row = element("div", undefined, className);
    row.append(element("dt", name), element("dd", value));
    byId("facts").append(row);
    return row;
  };
  fact("seed", data.seed);
  fact("core", data.core);
  fact("replicas", `n ${data.n}, f ${data.f}`);
  fact("time", formatTime(model.to, 1e3));
  fact("events", wholeNumber.format(data.events));
  const committed = model.blocks.head;
  fact("committed", committed ? `to height ${wholeNumber.format(committed.height)}` : "nothing");
  if (model.byzantine.size > 0) {
    const liars = [...model.byzantine].map(([r, does]) => `r${r} ${does.replaceAll("_", " ")}`);
    fact("Byzantine", liars.join(", "), "wrap").lastChild.classList.add("byzantine");
  }
  byId("reproduce").textContent = data.reproduce || "waggle-sim replay " + data.trace;
  byId("copy").addEventListener("click", () => {
    navigator.clipboard?.writeText(byId("reproduce").textContent);
    byId("copy").textContent = "Copied";
  });
  byId("notice").textContent = [
    data.whole ? "" : `Only from ${formatTime(model.from)} to ${formatTime(model.to)}.`,
    data.complete ? "" : "The trace is broken off.",
  ].join(" ");
  fillViolations(model, viewport, byId("violations"));
}

function fillViolations(model, viewport, list) {
  list.hidden = model.data.violations.length === 0;
  for (const [property, detail] of model.data.violations) {
    const item = element("li");
    item.append(element("b", property), detail);
    item.title = "Go to the end of the run";
    item.addEventListener("click", () => {
      const span = (viewport.max - viewport.min) / 20;
      viewport.set(viewport.max - span, viewport.max);
    });
    list.append(item);
  }
}

// The legend is the filter: a chip per group.
function fillChips(model, viewport) {
  const add = (box, groups, shown, counts, draw) => groups.forEach((group, g) => {
    if (counts[g] === 0) return;
    const chip = element("button", undefined, "chip");
    chip.type = "button";
    chip.setAttribute("aria-pressed", shown[g]);
    chip.dataset.group = group.key;
    const paint = () => icon(context => draw(context, group));
    chip.append(paint(), element("span", group.label), element("small", compact(counts[g])));
    chip.addEventListener("click", () => {
      shown[g] = !shown[g];
      chip.setAttribute("aria-pressed", shown[g]);
      viewport.changed("filter");
    });
    viewport.onChange(what => { if (what === "theme") chip.firstChild.replaceWith(paint()); });
    document.getElementById(box).append(chip);
  });
  const count = (groups, column) => {
    const counts = groups.map(() => 0);
    for (const g of column) ++counts[g];
    return counts;
  };
  add("message-chips", MESSAGE_GROUPS, viewport.messageGroups,
      count(MESSAGE_GROUPS, model.messages.group), (context, group) => {
        context.strokeStyle = theme.color(group.color);
        context.lineWidth = 2;
        context.beginPath();
        context.moveTo(2, 13);
        context.lineTo(14, 3);
        context.stroke();
      });
  add("mark-chips", MARK_GROUPS, viewport.markGroups, count(MARK_GROUPS, model.marks.group),
      (context, group) => drawGlyph(context, group.kinds[0], 8, 8, 5, theme.color(group.color)));
}

function compact(count) {
  return count < 10000 ? wholeNumber.format(count) : Math.round(count / 1000) + "k";
}

function fillFilters(viewport) {
  const bind = (id, parse, apply) => {
    const input = document.getElementById(id);
    input.addEventListener("input", () => {
      const parsed = input.value.trim() === "" ? null : parse(input.value);
      input.classList.toggle("wrong", parsed === undefined);
      if (parsed !== undefined) apply(parsed);
    });
  };
  bind("views", parseRange, views => viewport.showViews(views));
  bind("replicas", text => parseList(text, viewport.model.n), list => viewport.showReplicas(list));
  document.getElementById("filters").addEventListener("submit", event => event.preventDefault());
}

// "12" or "12-20"; undefined if it is neither.
function parseRange(text) {
  const match = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(text);
  if (!match) return undefined;
  const range = [Number(match[1]), Number(match[2] ?? match[1])];
  return range[0] <= range[1] ? range : undefined;
}
// "0,2-5" as replicas below n; undefined if it is no such list.
function parseList(text, n) {
  const list = new Set();
  for (const part of text.split(",")) {
    const range = parseRange(part);
    if (range === undefined || range[1] >= n) return undefined;
    for (let r = range[0]; r <= range[1]; ++r) list.add(r);
  }
  return [...list].sort((a, b) => a - b);
}

// What is selected, with all its fields.
class Details {
  constructor(model, viewport, words, panel) {
    this.model = model;
    this.viewport = viewport;
    this.words = words;
    this.panel = panel;
  }

  show() {
    const {selected} = this.viewport;
    this.panel.replaceChildren();
    if (!selected) return this.help();
    const {type, at} = selected;
    const titles = {message: "Message", mark: "Event", block: "Block"};
    const sentence = type === "block" ? this.words.block(at) : this.words[type](at);
    this.panel.append(element("h3", titles[type]), element("p", sentence + "."));
    const fields = {message: "messageFields", mark: "markFields", block: "blockFields"};
    this.table(this.words[fields[type]](at));
  }

  table(fields) {
    const table = element("table");
    const blocks = new Set(["block", "parent", "its QC"]);
    for (const [name, value] of fields) {
      const cell = element("td");
      if (blocks.has(name) && typeof value === "number") {
        if (value < 0) continue;
        this.link(cell, value);
      } else {
        if (value === "" || value === undefined) continue;
        cell.textContent = value;
      }
      const row = element("tr");
      row.append(element("td", name), cell);
      table.append(row);
    }
    this.panel.append(table);
  }

  link(cell, id) {
    const block = this.model.blocks.all.get(id);
    cell.append(element("span", this.words.id(id) + " ", "mono"));
    if (!block) return;
    const button = element("button", `view ${block.view}`);
    button.type = "button";
    button.addEventListener("click", () => this.viewport.select({type: "block", at: block}));
    cell.append(button);
  }

  help() {
    this.panel.append(element("h3", "Nothing selected"));
    this.panel.append(element("p", "Point at anything to read what it is; click it for all its " +
      "fields. A block of the tree below lights up its messages."));
    const table = element("table");
    const keys = [["wheel, + -", "zoom"], ["drag, ← →", "move in time"],
                  ["shift wheel, ↑ ↓", "move lanes"], ["n p", "next, previous event"],
                  ["0", "all of it"], ["Esc", "select nothing"]];
    for (const [key, does] of keys) {
      const row = element("tr");
      row.append(element("td", key), element("td", does));
      table.append(row);
    }
    this.panel.append(table);
  }
}
