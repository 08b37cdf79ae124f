"use strict";
// Put into a copy of a report by report_test.cpp: uses the page as a person would and tells in
// #status what came of it.

(() => {
  // Headless browsers are sparing with frames.
  const frame = () => page.draw();
  const overlay = document.getElementById("overlay");
  const box = overlay.getBoundingClientRect();
  const at = (x, y) => ({clientX: box.left + x, clientY: box.top + y, bubbles: true,
                         cancelable: true, pointerId: 1, button: 0});
  const fire = (target, type, how) => target.dispatchEvent(
    type === "wheel" ? new WheelEvent(type, how)
      : type === "keydown" ? new KeyboardEvent(type, {...how, bubbles: true, cancelable: true})
      : new PointerEvent(type, how));
  const state = () => structuredClone(pageState);
  const checks = {};
  fire(overlay, "keydown", {key: "0"});
  frame();
  const whole = state();

  // The wheel zooms around the pointer; a drag pans.
  fire(overlay, "wheel", {...at(box.width / 2, 150), deltaY: -1200});
  frame();
  const zoomed = state();
  checks.zoomed = (zoomed.window[1] - zoomed.window[0]) / (whole.window[1] - whole.window[0]);
  fire(overlay, "pointerdown", {...at(400, 150), buttons: 1});
  fire(overlay, "pointermove", {...at(300, 150), buttons: 1});
  fire(overlay, "pointerup", at(300, 150));
  frame();
  checks.panned = state().window[0] - zoomed.window[0];

  // Keys: everything again, then step from event to event.
  fire(overlay, "keydown", {key: "0"});
  frame();
  checks.fitted = JSON.stringify(state().window) === JSON.stringify(whole.window);
  fire(overlay, "keydown", {key: "p"});
  frame();
  checks.stepped = document.getElementById("details").textContent;
  fire(overlay, "keydown", {key: "Escape"});

  // A chip hides its messages; the views' field narrows to some.
  const chip = document.querySelector("#message-chips [data-group=vote]");
  chip.click();
  frame();
  checks.withoutVotes = state().drawn.messages;
  chip.click();
  frame();
  checks.withVotes = state().drawn.messages;
  const views = document.getElementById("views");
  const type = (input, text) => {
    input.value = text;
    input.dispatchEvent(new Event("input"));
    frame();
  };
  type(views, "5-6");
  checks.twoViews = state();
  type(views, "");
  const replicas = document.getElementById("replicas");
  type(replicas, "0-1");
  checks.lanes = state().lanes;
  type(replicas, "77777");
  checks.refused = replicas.classList.contains("wrong");
  type(replicas, "");
  fire(overlay, "keydown", {key: "0"});
  frame();

  // Point at things until one is found, then at the end of the axis.
  const tip = document.getElementById("tip");
  for (let x = 60; x < box.width && !/votes|proposes|to r\d/.test(tip.textContent); x += 3) {
    fire(overlay, "pointermove", at(x, 60));
  }
  checks.tip = tip.textContent;

  // A block of the tree lights up its messages.
  const tree = document.getElementById("tree-canvas");
  const treeBox = tree.getBoundingClientRect();
  for (let y = 10; y < treeBox.height && !state().drawn.highlighted; y += 8) {
    const point = {...at(0, 0), clientX: treeBox.left + treeBox.width / 2, clientY: treeBox.top + y};
    fire(tree, "pointerdown", point);
    fire(tree, "pointerup", point);
    frame();
  }
  checks.highlighted = state().drawn.highlighted;
  checks.block = document.getElementById("details").textContent;

  // How long a drawing takes while one pans through all of it.
  fire(overlay, "keydown", {key: "Escape"});
  fire(overlay, "keydown", {key: "0"});
  checks.slowest = 0;
  for (let i = 0; i < 5; ++i) {
    fire(overlay, "keydown", {key: i === 0 ? "+" : "ArrowLeft"});
    frame();
    checks.slowest = Math.max(checks.slowest, state().millis.draw);
  }
  pageState.checks = checks;
  tellState();
})();
