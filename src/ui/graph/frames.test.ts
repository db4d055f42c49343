import fc from "fast-check";
import { expect, test } from "vitest";
import { randomBoxes } from "../../../test/random-layouts.ts";
import { layoutGraph } from "../../core/layout/layout-graph.ts";
import { nodeRect } from "./edge-path.ts";
import { framesOf } from "./frames.ts";
import type { GraphScene } from "./graph-scene.ts";

/** A graph in data-flow order with open groups of neighbours in that order, and whether the layout keeps groups together. */
const graphs = fc.integer({ min: 2, max: 40 }).chain((n) =>
  fc.record({
    ...randomBoxes(n),
    middle: fc.integer({ min: 1, max: n - 1 }),
    kept: fc.boolean(),
  }),
);

test("every box of an open group lies in its frame, and no foreign box does", () => {
  fc.assert(
    fc.property(graphs, fc.constantFrom<number | "auto">(0, 300, "auto"), (graph, wrapHeight) => {
      const { sizes, edges, middle, kept } = graph;
      const n = sizes.length / 2;
      // One from the beginning to the middle, one behind it, and one inside that.
      const groups = [
        { first: 0, end: middle },
        { first: middle, end: n },
        { first: (middle + n) >> 1, end: n },
      ].map((range, i) => ({ id: `${i}`, closes: `${i}`, label: `${i}`, ...range }));
      const clusters = kept ? { clusters: Int32Array.from(groups.flatMap((g) => [g.first, g.end])) } : {};
      const layoutInput = { sizes, edges, ...clusters };
      const layout = layoutGraph(layoutInput, { wrapHeight });
      const frames = framesOf({ scene: { frames: groups, layoutInput } as unknown as GraphScene, layout });
      for (const [g, { rects }] of frames.entries()) {
        const { first, end } = groups[g] ?? { first: 0, end: 0 };
        for (let v = 0; v < n; v++) {
          const box = nodeRect(layout, sizes, v);
          const holding = rects.filter(
            (r) => r.left <= box.left && r.right >= box.right && r.top <= box.top && r.bottom >= box.bottom,
          );
          const meeting = rects.filter(
            (r) => r.left < box.right && r.right > box.left && r.top < box.bottom && r.bottom > box.top,
          );
          const own = v >= first && v < end;
          expect([holding.length, meeting.length], `box ${v} and frame ${g}`).toEqual(own ? [1, 1] : [0, 0]);
        }
        // A cluster is whole: one rectangle per column.
        const columns = new Set(Array.from(layout.column.subarray(first, end)));
        if (kept) expect(rects.length).toBe(columns.size);
      }
    }),
    { numRuns: 300 },
  );
});
