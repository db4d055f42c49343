/** Capacity of an edge that may never be cut. */
export const UNCUTTABLE = Number.POSITIVE_INFINITY;

/**
 * A flow network for minimal cuts (Dinic). Edges stand in flat arrays, each beside its reverse, so that networks of
 * tens of thousands of vertices cost no objects. Capacities must be whole numbers (bytes) or UNCUTTABLE.
 */
export class FlowNetwork {
  private readonly first: Int32Array;
  private readonly target: number[] = [];
  private readonly next: number[] = [];
  private readonly capacity: number[] = [];
  private readonly vertices: number;

  constructor(vertices: number) {
    this.vertices = vertices;
    this.first = new Int32Array(vertices).fill(-1);
  }

  /** Capacity `forward` from a to b and `backward` from b to a. */
  connect(a: number, b: number, forward: number, backward = 0): void {
    this.half(a, b, forward);
    this.half(b, a, backward);
  }

  /** 1 for every vertex on the source's side of a minimal cut: the smallest such side. */
  sourceSide(source: number, sink: number): Uint8Array {
    for (;;) {
      const level = this.levels(source);
      if (level[sink] === -1) return Uint8Array.from(level, (l) => (l >= 0 ? 1 : 0));
      const edge = this.first.slice();
      while (this.augment(source, sink, level, edge)) {}
    }
  }

  private half(a: number, b: number, capacity: number): void {
    this.target.push(b);
    this.capacity.push(capacity);
    this.next.push(this.first[a] ?? -1);
    this.first[a] = this.target.length - 1;
  }

  private levels(source: number): Int32Array {
    const level = new Int32Array(this.vertices).fill(-1);
    const queue = new Int32Array(this.vertices);
    let tail = 0;
    queue[tail++] = source;
    level[source] = 0;
    for (let head = 0; head < tail; head++) {
      const v = queue[head] ?? 0;
      for (let e = this.first[v] ?? -1; e !== -1; e = this.next[e] ?? -1) {
        const w = this.target[e] ?? 0;
        if ((this.capacity[e] ?? 0) <= 0 || level[w] !== -1) continue;
        level[w] = (level[v] ?? 0) + 1;
        queue[tail++] = w;
      }
    }
    return level;
  }

  /** Sends flow along one shortest path; false if none is left. `edge[v]` is the next edge of v worth trying. */
  private augment(source: number, sink: number, level: Int32Array, edge: Int32Array): boolean {
    const path: number[] = [];
    let v = source;
    while (v !== sink) {
      const e = edge[v] ?? -1;
      if (e === -1) {
        const back = path.pop();
        if (back === undefined) return false;
        v = this.target[back ^ 1] ?? 0;
        edge[v] = this.next[edge[v] ?? 0] ?? -1;
        continue;
      }
      const w = this.target[e] ?? 0;
      if ((this.capacity[e] ?? 0) > 0 && level[w] === (level[v] ?? 0) + 1) {
        path.push(e);
        v = w;
      } else {
        edge[v] = this.next[e] ?? -1;
      }
    }
    let flow = UNCUTTABLE;
    for (const e of path) flow = Math.min(flow, this.capacity[e] ?? 0);
    if (flow === UNCUTTABLE) throw new Error("source and sink cannot be separated");
    for (const e of path) {
      this.capacity[e] = (this.capacity[e] ?? 0) - flow;
      this.capacity[e ^ 1] = (this.capacity[e ^ 1] ?? 0) + flow;
    }
    return true;
  }
}
