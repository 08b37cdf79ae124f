"use strict";
// What there is to see: groups of messages and of events, each a chip of the legend.

const MESSAGE_GROUPS = [
  {key: "proposal", label: "Proposals", color: "--blue", kinds: ["proposal"], on: true},
  {key: "vote", label: "Votes", color: "--green", kinds: ["vote"], on: true},
  {key: "timeout", label: "Timeouts", color: "--vermillion", kinds: ["timeout"], on: true},
  {key: "certificate", label: "Certificates", color: "--purple", kinds: ["certificate"], on: true},
  {key: "branch", label: "Branches", color: "--sky", on: true,
   kinds: ["branch", "branch_request", "rejoin_challenge", "rejoin_report"]},
  {key: "request", label: "Requests", color: "--orange", kinds: ["forward"], on: false},
  {key: "other", label: "Heartbeats", color: "--grey", kinds: ["heartbeat", "report"], on: false},
];

// `at` moves an event's mark off the middle of its lane, in halves of the lane's height: what
// happens at one time stays apart.
const MARK_GROUPS = [
  {key: "propose", label: "Proposed", color: "--blue", kinds: ["propose"], at: 0, on: true},
  {key: "vote", label: "Voted", color: "--green", kinds: ["vote"], at: 0, on: true},
  {key: "timeout", label: "Timed out", color: "--vermillion", kinds: ["timeout"], at: 0, on: true},
  {key: "qc", label: "QC", color: "--purple", kinds: ["qc"], at: -0.55, on: true},
  {key: "tc", label: "TC", color: "--purple", kinds: ["tc"], at: -0.55, on: true},
  {key: "view", label: "View", color: "--muted", kinds: ["view"], at: 0, on: true},
  {key: "suspend", label: "Suspended", color: "--orange", kinds: ["suspend"], at: 0.55, on: true},
  {key: "commit", label: "Committed", color: "--green", kinds: ["commit"], at: 0.55, on: true},
  {key: "execute", label: "Executed", color: "--grey", kinds: ["execute"], at: 0.55, on: false},
  {key: "fault", label: "Faults", color: "--vermillion", at: 0, on: true,
   kinds: ["crash", "stop", "start", "pause", "resume", "disk", "clock"]},
  {key: "cut", label: "Cuts", color: "--orange", kinds: ["cut", "heal"], at: -0.55, on: true},
  {key: "world", label: "GST, violations", color: "--vermillion", kinds: ["violation", "gst"],
   at: 0, on: true},
  {key: "client", label: "Clients", color: "--sky", kinds: ["submit", "ack", "reject"], at: 0,
   on: false},
  {key: "log", label: "Log", color: "--grey", kinds: ["log"], at: -0.55, on: false},
];

const CLIENT_GROUP = MARK_GROUPS.findIndex(group => group.key === "client");

const BLOCK_STATES = [
  {key: "committed", label: "committed", color: "--green"},
  {key: "certified", label: "certified", color: "--sky"},
  {key: "suspended", label: "suspended", color: "--orange"},
  {key: "proposed", label: "proposed", color: "--muted"},
  {key: "abandoned", label: "abandoned", color: "--faint"},
];

// The group of a kind; what no group knows goes to the last one.
function groupOf(groups, kind) {
  const found = groups.findIndex(group => group.kinds.includes(kind));
  return found < 0 ? groups.length - 1 : found;
}

// Colours of the page's style, read again when it turns dark or light.
const theme = {
  colors: new Map(),
  color(name) {
    if (!this.colors.has(name)) {
      const style = getComputedStyle(document.documentElement);
      this.colors.set(name, style.getPropertyValue(name).trim());
    }
    return this.colors.get(name);
  },
  sans: "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
};
