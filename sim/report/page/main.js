"use strict";
// Puts the page together and draws it.

function main() {
  const started = performance.now();
  const model = new Model(JSON.parse(document.getElementById("data").textContent));
  const viewport = new Viewport(model);
  const words = new Words(model);
  const byId = id => document.getElementById(id);
  const diagram = new Diagram(model, viewport, byId("base"), byId("drawn"));
  const overlay = new Overlay(model, viewport, words, diagram, byId("overlay"));
  const overview = new Overview(model, viewport, byId("overview"));
  const tree = new Tree(model, viewport, words, byId("tree-canvas"));
  const details = new Details(model, viewport, words, byId("details"));
  const series = new Series(model);
  const charts = [new Throughput(byId("throughput"), series, viewport),
                  new Latency(byId("latency"), series, viewport)];
  new Input(model, viewport, diagram, overlay);
  fillHeader(model, viewport);
  fillChips(model, viewport);
  fillFilters(viewport);
  const read = performance.now();

  const draw = () => {
    const begun = performance.now();
    diagram.draw();
    overlay.draw();
    overview.draw();
    tree.follow();
    for (const chart of charts) chart.moveBand();
    tell(performance.now() - begun);
  };
  const drawAll = () => {
    theme.colors.clear();
    tree.fillLegend(byId("tree-legend"));
    for (const chart of charts) chart.draw();
    draw();
  };
  // Any number of changes are one drawing.
  let due = false;
  viewport.onChange(what => {
    if (what === "selection") details.show();
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  });

  const counts = {};
  for (let i = 0; i < model.marks.t.length; ++i) {
    counts[model.markKind(i)] = (counts[model.markKind(i)] ?? 0) + 1;
  }
  const tell = drawMillis => {
    Object.assign(pageState, {
      events: model.data.shown,
      messages: model.messages.t.length,
      marks: counts,
      blocks: model.blocks.counts(),
      drawn: {messages: diagram.drawnMessages.length, every: diagram.every,
              marks: diagram.drawnMarks.length, blocks: tree.drawn,
              highlighted: viewport.selected?.type === "block" ? overlay.highlighted.length : 0},
      lanes: viewport.replicas.length,
      window: [viewport.from, viewport.to],
      millis: {read: read - started, draw: drawMillis},
      overflow: document.documentElement.scrollWidth - window.innerWidth,
    });
    tellState();
  };

  viewport.start(location.hash);
  details.show();
  drawAll();
  new ResizeObserver(drawAll).observe(document.body);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawAll();
    viewport.changed("theme");
  });
  return {draw};
}

const page = main();  // For whoever will not wait for the next frame: page.draw().
