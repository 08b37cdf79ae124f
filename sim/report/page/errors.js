"use strict";
// First of all scripts: whatever goes wrong from here on is told in #status, which tests read.

const pageState = {errors: []};

function tellState() {
  document.getElementById("status").textContent = JSON.stringify(pageState);
}

window.addEventListener("error", event => {
  pageState.errors.push(`${event.message} (line ${event.lineno})`);
  document.getElementById("notice").textContent = "This page has a bug: " + event.message;
  tellState();
});
