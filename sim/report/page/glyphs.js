"use strict";
// The marks of events. Each differs in shape, not in colour alone.

function polygon(context, x, y, r, corners, turn) {
  context.beginPath();
  for (let i = 0; i < corners; ++i) {
    const angle = turn + 2 * Math.PI * i / corners;
    context.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  context.closePath();
}

function disc(context, x, y, r) {
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
}

function cross(context, x, y, r) {
  context.beginPath();
  context.moveTo(x - r, y - r);
  context.lineTo(x + r, y + r);
  context.moveTo(x - r, y + r);
  context.lineTo(x + r, y - r);
  context.stroke();
}

const DOWN = Math.PI / 2;
const RIGHT = 0;

const GLYPHS = {
  propose(c, x, y, r) { polygon(c, x, y, r * 1.25, 4, 0); c.fill(); },
  vote(c, x, y, r) { disc(c, x, y, r * 0.75); c.fill(); },
  timeout(c, x, y, r) { c.lineWidth = Math.max(1.5, r * 0.45); cross(c, x, y, r * 0.8); },
  qc(c, x, y, r) { c.lineWidth = 1.3; disc(c, x, y, r * 0.7); c.stroke(); },
  tc(c, x, y, r) { polygon(c, x, y, r, 6, 0); c.fill(); },
  view(c, x, y, r) { c.fillRect(x - 0.5, y - r * 1.2, 1, r * 2.4); },
  suspend(c, x, y, r) { c.lineWidth = 1.4; polygon(c, x, y, r, 3, DOWN); c.stroke(); },
  commit(c, x, y, r) { polygon(c, x, y, r, 3, DOWN); c.fill(); },
  execute(c, x, y, r) { c.fillRect(x - r * 0.5, y - r * 0.5, r, r); },
  crash(c, x, y, r) { c.lineWidth = Math.max(2, r * 0.6); cross(c, x, y, r * 1.1); },
  stop(c, x, y, r) { polygon(c, x, y, r * 1.3, 8, Math.PI / 8); c.fill(); },
  start(c, x, y, r) { polygon(c, x, y, r * 1.1, 3, RIGHT); c.fill(); },
  pause(c, x, y, r) {
    c.fillRect(x - r * 0.8, y - r, r * 0.6, r * 2);
    c.fillRect(x + r * 0.2, y - r, r * 0.6, r * 2);
  },
  disk(c, x, y, r) {
    c.lineWidth = 1.5;
    disc(c, x, y, r);
    c.stroke();
    c.beginPath();
    c.moveTo(x - r * 0.7, y + r * 0.7);
    c.lineTo(x + r * 0.7, y - r * 0.7);
    c.stroke();
  },
  clock(c, x, y, r) {
    c.lineWidth = 1.5;
    disc(c, x, y, r);
    c.stroke();
    c.beginPath();
    c.moveTo(x, y - r * 0.6);
    c.lineTo(x, y);
    c.lineTo(x + r * 0.5, y);
    c.stroke();
  },
  cut(c, x, y, r) {
    c.lineWidth = 1.5;
    c.beginPath();
    c.moveTo(x - r * 0.6, y + r);
    c.lineTo(x + r * 0.6, y - r);
    c.stroke();
  },
  heal(c, x, y, r) { c.lineWidth = 1.5; disc(c, x, y, r * 0.5); c.stroke(); },
  submit(c, x, y, r) { polygon(c, x, y, r, 3, -DOWN); c.fill(); },
  ack(c, x, y, r) {
    c.lineWidth = 1.6;
    c.beginPath();
    c.moveTo(x - r, y);
    c.lineTo(x - r * 0.2, y + r * 0.8);
    c.lineTo(x + r, y - r * 0.8);
    c.stroke();
  },
  reject(c, x, y, r) { c.lineWidth = 1.6; cross(c, x, y, r * 0.7); },
  log(c, x, y, r) { c.fillRect(x - r * 0.9, y - 0.75, r * 1.8, 1.5); },
  violation(c, x, y, r) { polygon(c, x, y, r * 1.5, 3, -DOWN); c.fill(); },
  gst(c, x, y, r) { polygon(c, x, y, r * 1.3, 5, -DOWN); c.fill(); },
};
GLYPHS.resume = GLYPHS.start;

// Some kinds are not of their group's colour: their life goes on.
const MARK_COLORS = {start: "--green", resume: "--green", pause: "--orange", disk: "--orange",
                     clock: "--orange", reject: "--vermillion", gst: "--blue", heal: "--green"};

function drawGlyph(context, kind, x, y, r, color) {
  context.fillStyle = context.strokeStyle = color;
  GLYPHS[kind](context, x, y, r);
}

// A block of the tree, by its state.
function drawBlock(context, x, y, r, state, certified) {
  const color = theme.color(BLOCK_STATES.find(one => one.key === state).color);
  context.fillStyle = context.strokeStyle = color;
  context.lineWidth = 1.5;
  const side = 2 * r;
  if (state === "proposed") {
    context.fillStyle = theme.color("--panel");
    context.fillRect(x - r, y - r, side, side);
    context.strokeRect(x - r + 0.75, y - r + 0.75, side - 1.5, side - 1.5);
  } else if (state === "suspended") {
    polygon(context, x, y, r * 1.35, 4, 0);
    context.fill();
  } else if (state === "certified") {
    disc(context, x, y, r * 1.1);
    context.fill();
  } else {
    context.fillRect(x - r, y - r, side, side);
    if (state === "abandoned") {
      context.strokeStyle = theme.color(certified ? "--sky" : "--muted");
      if (r > 2.5) cross(context, x, y, r * 0.6);
    }
  }
}

// A canvas as sharp as the screen; returns its context, cleared, in units of CSS pixels.
function prepareCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const box = canvas.getBoundingClientRect();
  const width = Math.max(1, Math.round(box.width * ratio));
  const height = Math.max(1, Math.round(box.height * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, box.width, box.height);
  return {context, width: box.width, height: box.height};
}

// A small canvas with one drawing, for legends.
function icon(draw) {
  const canvas = document.createElement("canvas");
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.height = 16 * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  draw(context);
  return canvas;
}
