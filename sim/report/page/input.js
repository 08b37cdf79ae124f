"use strict";
// Pointer, wheel and keys over the diagram and over the strip below it.

// Calls `move(dx, dy, event)` while the pointer is dragged, `click(event)` if it was not.
function onDrag(element, {start, move, click}) {
  element.addEventListener("pointerdown", down => {
    if (down.button !== 0) return;
    let [x, y] = [down.clientX, down.clientY];
    let moved = false;
    element.setPointerCapture?.(down.pointerId);
    start?.(down);
    const onMove = event => {
      if (!moved && Math.hypot(event.clientX - x, event.clientY - y) < 3) return;
      moved = true;
      move(event.clientX - x, event.clientY - y, event);
      [x, y] = [event.clientX, event.clientY];
    };
    const onUp = event => {
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onUp);
      if (!moved && event.type === "pointerup") click?.(event);
    };
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onUp);
  });
}

function pointIn(element, event) {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

class Input {
  constructor(model, viewport, diagram, overlay) {
    this.model = model;
    this.viewport = viewport;
    this.diagram = diagram;
    this.overlay = overlay;
    const {canvas} = overlay;
    canvas.addEventListener("wheel", event => this.onWheel(event), {passive: false});
    canvas.addEventListener("pointermove", event => {
      if (event.buttons !== 0) return;
      this.overlay.hover(...pointIn(canvas, event), event.clientX, event.clientY);
    });
    canvas.addEventListener("pointerleave", () => this.overlay.leave());
    canvas.addEventListener("dblclick", event => {
      this.viewport.zoom(0.4, this.diagram.timeAt(pointIn(canvas, event)[0]));
    });
    canvas.addEventListener("keydown", event => this.onKey(event));
    onDrag(canvas, {
      move: (dx, dy) => {
        this.overlay.leave();
        this.scroll(-dy);
        this.viewport.set(this.viewport.from - dx / this.diagram.scale,
                        this.viewport.to - dx / this.diagram.scale);
      },
      click: event => this.onClick(...pointIn(canvas, event)),
    });
  }

  onWheel(event) {
    event.preventDefault();
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.shiftKey && !sideways) return this.scroll(event.deltaY);
    if (sideways || event.shiftKey) return this.viewport.pan(event.deltaX / this.diagram.width);
    const [x] = pointIn(this.overlay.canvas, event);
    this.viewport.zoom(1.0018 ** event.deltaY, this.diagram.timeAt(Math.max(x, GUTTER)));
  }

  // Lanes, if there are more than fit.
  scroll(by) {
    if (by === 0) return;
    this.diagram.scroll += by;
    this.viewport.changed("view");
  }

  onClick(x, y) {
    this.overlay.canvas.focus();
    const r = this.viewport.replicas[this.diagram.laneAt(y)];
    if (x < GUTTER && y > AXIS && r !== undefined) {
      this.viewport.focus = this.viewport.focus === r ? null : r;
      return this.viewport.changed("filter");
    }
    this.viewport.select(this.overlay.find(x, y));
  }

  onKey(event) {
    const actions = {
      ArrowLeft: () => this.viewport.pan(-0.15),
      ArrowRight: () => this.viewport.pan(0.15),
      ArrowUp: () => this.scroll(-this.diagram.lane),
      ArrowDown: () => this.scroll(this.diagram.lane),
      PageUp: () => this.viewport.pan(-0.9),
      PageDown: () => this.viewport.pan(0.9),
      "+": () => this.viewport.zoom(0.7),
      "=": () => this.viewport.zoom(0.7),
      "-": () => this.viewport.zoom(1 / 0.7),
      "0": () => this.viewport.fit(),
      Home: () => this.viewport.pan(-Infinity),
      End: () => this.viewport.pan(Infinity),
      n: () => this.step(1),
      p: () => this.step(-1),
      Escape: () => this.viewport.select(null),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  // To the next event that the filters show, from the selected one or the window's middle.
  step(by) {
    const {marks} = this.model;
    const {selected} = this.viewport;
    const middle = (this.viewport.from + this.viewport.to) / 2;
    let i = selected?.type === "mark" ? selected.at + by
      : lowerBound(marks.t, middle) - (by < 0 ? 1 : 0);
    while (i >= 0 && i < marks.t.length && !this.viewport.showsMark(i)) i += by;
    if (i < 0 || i >= marks.t.length || marks.t[i] < this.model.from) return;
    this.viewport.reveal(marks.t[i]);
    this.viewport.select({type: "mark", at: i});
  }
}

// The whole range as a strip: how much happened when, and where the window is.
class Overview {
  constructor(model, viewport, canvas) {
    this.model = model;
    this.viewport = viewport;
    this.canvas = canvas;
    const timeAt = event => {
      const [x] = pointIn(canvas, event);
      return this.viewport.min + x / canvas.clientWidth * (this.viewport.max - this.viewport.min);
    };
    const center = event => {
      const half = (this.viewport.to - this.viewport.from) / 2;
      this.viewport.set(timeAt(event) - half, timeAt(event) + half);
    };
    onDrag(canvas, {start: center, move: (dx, dy, event) => center(event)});
  }

  // Counts per pixel, once per width.
  densities(width) {
    if (this.counts?.length === width) return;
    this.counts = new Uint32Array(width);
    this.proposed = new Uint8Array(width);
    this.failed = new Uint8Array(width);
    const {messages, marks} = this.model;
    const column = t => Math.min(width - 1, Math.max(0, Math.floor(
      (t - this.viewport.min) / (this.viewport.max - this.viewport.min) * width)));
    for (const t of messages.t) ++this.counts[column(t)];
    for (let i = lowerBound(marks.t, this.model.from); i < marks.t.length; ++i) {
      const at = column(marks.t[i]);
      ++this.counts[at];
      const kind = this.model.markKind(i);
      if (kind === "commit") this.proposed[at] = 1;
      if (kind === "timeout" || kind === "crash" || kind === "violation") this.failed[at] = 1;
    }
    this.highest = this.counts.reduce((a, b) => Math.max(a, b), 1);
  }

  draw() {
    const {context, width, height} = prepareCanvas(this.canvas);
    this.densities(Math.max(1, Math.floor(width)));
    const {counts} = this;
    for (let x = 0; x < counts.length; ++x) {
      const bar = Math.sqrt(counts[x] / this.highest) * (height - 9);
      context.fillStyle = theme.color("--faint");
      context.fillRect(x, height - 5 - bar, 1, bar);
      if (this.proposed[x]) this.tick(context, x, height, "--green");
      if (this.failed[x]) this.tick(context, x, height, "--vermillion");
    }
    const scale = width / (this.viewport.max - this.viewport.min);
    const left = (this.viewport.from - this.viewport.min) * scale;
    const right = (this.viewport.to - this.viewport.min) * scale;
    context.fillStyle = theme.color("--shade");
    context.fillRect(0, 0, left, height);
    context.fillRect(right, 0, width - right, height);
    context.strokeStyle = theme.color("--blue");
    context.lineWidth = 1.5;
    context.strokeRect(left + 0.75, 0.75, Math.max(3, right - left - 1.5), height - 3);
  }
  tick(context, x, height, color) {
    context.fillStyle = theme.color(color);
    context.fillRect(x, height - 4, 1, 4);
  }
}
