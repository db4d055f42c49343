/** Names joined into groups (union-find). A name that was never joined is a group of its own. */
export class DisjointSets {
  private readonly parent = new Map<string, string>();

  /** The group's representative. */
  find(name: string): string {
    let root = name;
    for (let up = this.parent.get(root); up !== undefined; up = this.parent.get(root)) root = up;
    for (let at = name; at !== root; ) {
      const up = this.parent.get(at) ?? root;
      this.parent.set(at, root);
      at = up;
    }
    return root;
  }

  /** Joins two groups; a's representative stays. */
  join(a: string, b: string): void {
    const [keep, drop] = [this.find(a), this.find(b)];
    if (keep !== drop) this.parent.set(drop, keep);
  }
}
