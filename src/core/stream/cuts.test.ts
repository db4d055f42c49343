import fc from "fast-check";
import { expect, test } from "vitest";
import { analyse, GraphSketch } from "../../../test/stream-lab.ts";
import type { Node } from "../ir/graph.ts";
import { CutGraph, cutsThrough } from "./cuts.ts";

/** A random graph of pointwise nodes with one, two or four channels: each reads one or two earlier values. */
const nodes = fc.array(
  fc.record({
    channels: fc.constantFrom(1, 2, 4),
    first: fc.nat(),
    second: fc.option(fc.nat(), { nil: undefined }),
  }),
  { minLength: 2, maxLength: 9 },
);

test("no cut through a value is cheaper: brute force over every division of small graphs", () => {
  fc.assert(
    fc.property(nodes, (specs) => {
      const g = new GraphSketch(7);
      const made: { name: string; channels: number }[] = [{ name: g.input("x", [1, 2, "T"]), channels: 2 }];
      for (const { channels, first, second } of specs) {
        const from = made[first % made.length] ?? { name: "x", channels: 2 };
        const one = g.conv(from.name, [channels, from.channels, 1]);
        const peers = made.filter((m) => m.channels === channels && m.name !== "x");
        const other = second === undefined ? undefined : peers[second % Math.max(1, peers.length)];
        made.push({ name: other ? g.op("Add", [one, other.name]) : one, channels });
      }
      const model = g.model([made.at(-1)?.name ?? "x"]);
      const analysis = analyse(model, { x: 2 });
      const places = new CutGraph(analysis, 1);
      if (places.nodes.length > 12) return;
      const cost = (up: ReadonlySet<Node>) => places.crossing(up).reduce((n, v) => n + places.bytesOf(v), 0);
      for (const node of places.nodes) {
        const [value = ""] = node.outputs;
        const readers = places.readersOf(value);
        if (readers.length === 0) continue;
        const [cut] = cutsThrough(analysis, [value], 1);
        let least = Number.POSITIVE_INFINITY;
        for (let mask = 0; mask < 1 << places.nodes.length; mask++) {
          const up = new Set(places.nodes.filter((_, i) => (mask >> i) & 1));
          const legal = up.has(node) && readers.every((r) => !up.has(r)) && closed(up, places.nodes);
          if (legal) least = Math.min(least, cost(up));
        }
        expect(cost(cut?.upstream ?? new Set())).toBe(least);
      }
    }),
    { numRuns: 60, seed: 5 },
  );
});

/** Whoever is upstream has its makers upstream. */
function closed(up: ReadonlySet<Node>, all: readonly Node[]): boolean {
  const maker = new Map(all.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  return [...up].every((n) =>
    n.inputs.every((i) => {
      const from = maker.get(i);
      return from === undefined || up.has(from);
    }),
  );
}
