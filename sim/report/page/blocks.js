"use strict";
// The blocks of a trace: who proposed them, on what, what became of them, and where the tree shows
// them.

class Blocks {
  constructor(model) {
    this.model = model;
    this.all = new Map();       // by the index of their id
    this.certifiedAt = new Map();  // view to block
    this.head = null;           // the highest committed one
    const {marks} = model;
    for (let i = 0; i < marks.t.length; ++i) this.see(i, marks);
    this.addGenesis();
    for (const block of this.all.values()) block.parent = this.all.get(block.parentId) ?? null;
    this.list = [...this.all.values()];
    this.list.sort((a, b) => a.view - b.view || a.proposedAt - b.proposedAt);
    for (const block of this.list) block.qc = this.qcOf(block);
    for (const block of this.list) block.state = this.stateOf(block);
    this.layOut();
  }

  see(i, marks) {
    const id = marks.block[i];
    const t = marks.t[i];
    switch (this.model.markKind(i)) {
      case "propose": return this.propose(i, marks);
      case "qc": {
        this.certifiedAt.set(marks.view[i], id);
        const block = this.all.get(id);
        if (block) block.certifiedTime ??= t;
        return;
      }
      case "suspend": {
        const block = this.all.get(id);
        if (block) ++block.suspensions;
        return;
      }
      case "commit": return this.commit(id, t, marks.replica[i]);
    }
  }

  propose(i, marks) {
    const id = marks.block[i];
    if (this.all.has(id)) return;
    this.all.set(id, {
      id, view: marks.view[i], height: marks.height[i], parentId: marks.parent[i],
      qcView: marks.qc[i], by: marks.replica[i], form: this.model.names[marks.name[i]],
      commands: marks.count[i], proposedAt: marks.t[i], committedBy: 0, suspensions: 0,
    });
  }

  commit(id, t, replica) {
    const block = this.all.get(id);
    if (!block || !this.model.honest(replica)) return;
    ++block.committedBy;
    block.committedAt ??= t;
    if (!this.head || block.height > this.head.height) this.head = block;
  }

  // What the first block stands on; nobody proposes it.
  addGenesis() {
    for (const block of [...this.all.values()]) {
      if (block.height !== 1 || this.all.has(block.parentId)) continue;
      this.all.set(block.parentId, {
        id: block.parentId, view: 0, height: 0, parentId: -1, qcView: 0, by: -1, form: "genesis",
        commands: 0, proposedAt: 0, committedBy: this.model.n, committedAt: 0, certifiedTime: 0,
        suspensions: 0,
      });
      this.certifiedAt.set(0, block.parentId);
    }
  }

  // The block that a block's QC names: the one certified in that view, of which there is one.
  qcOf(block) {
    if (block.parent && block.parent.view === block.qcView) return block.parent;
    return this.all.get(this.certifiedAt.get(block.qcView)) ?? null;
  }

  stateOf(block) {
    if (block.committedBy > 0) return "committed";
    let ancestor = block;
    while (ancestor && ancestor.committedBy === 0) ancestor = ancestor.parent;
    if (this.head && ancestor && ancestor !== this.head) return "abandoned";
    if (block.suspensions > 0) return "suspended";
    return block.certifiedTime === undefined ? "proposed" : "certified";
  }

  // Genesis aside.
  counts() {
    const counts = {};
    for (const {key} of BLOCK_STATES) counts[key] = 0;
    for (const block of this.list) if (block.view > 0) ++counts[block.state];
    return counts;
  }

  // Rows: a block's row goes on with the child that is committed, or else with the one of the
  // longest branch; other children get the first row that is free from their parent's view on.
  layOut() {
    const children = new Map();
    for (const block of this.list) {
      if (!block.parent) continue;
      if (!children.has(block.parent)) children.set(block.parent, []);
      children.get(block.parent).push(block);
    }
    for (let i = this.list.length - 1; i >= 0; --i) {
      const block = this.list[i];
      block.last = block.view;
      for (const child of children.get(block) ?? []) block.last = Math.max(block.last, child.last);
    }
    const heir = block => (children.get(block) ?? []).reduce((best, child) => {
      const rank = one => (one.committedBy > 0 ? 1e12 : 0) + one.last;
      return best && rank(best) >= rank(child) ? best : child;
    }, null);
    const rows = [];  // the first view from which each is free again
    for (const block of this.list) {
      if (block.row !== undefined) continue;
      const begins = block.parent ? block.parent.view : block.view;
      let row = rows.findIndex(free => free <= begins);
      if (row < 0) row = rows.length;
      for (let one = block; one; one = heir(one)) {
        one.row = row;
        rows[row] = one.view + 1;
      }
    }
    this.rows = Math.max(1, rows.length);
    this.views = this.list.length > 0 ? [this.list[0].view, this.list.at(-1).view] : [0, 1];
  }
}
