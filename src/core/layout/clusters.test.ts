import fc from "fast-check";
import { expect, test } from "vitest";
import { randomBoxes } from "../../../test/random-layouts.ts";
import type { LayoutInput } from "./layout.ts";
import { layoutGraph } from "./layout-graph.ts";

/** Ranges of 0 … n, nested or apart: of any ranges those that do not cross one before. */
const ranges = (n: number) =>
  fc.array(fc.tuple(fc.nat(n - 1), fc.integer({ min: 1, max: n })), { maxLength: 6 }).map((pairs) => {
    const kept: (readonly [first: number, end: number])[] = [];
    for (const [first, size] of pairs) {
      const end = Math.min(n, first + size);
      const crosses = kept.some(
        ([a, b]) => !(end <= a || b <= first || (a <= first && end <= b) || (first <= a && b <= end)),
      );
      if (!crosses) kept.push([first, end]);
    }
    return kept;
  });

const inputs = fc.integer({ min: 2, max: 40 }).chain((n) =>
  fc.record({
    ...randomBoxes(n),
    clusters: ranges(n).map((r) => Int32Array.from(r.flat())),
  }),
);

/** Foreign boxes inside the rectangles round the boxes that clusters have in each column. */
function intruders(input: LayoutInput, wrapHeight: number | "auto"): string[] {
  const { sizes, clusters = new Int32Array(0) } = input;
  const layout = layoutGraph(input, { wrapHeight });
  const box = (v: number) => {
    const [x = 0, y = 0] = layout.centers.subarray(2 * v, 2 * v + 2);
    const [w = 0, h = 0] = sizes.subarray(2 * v, 2 * v + 2);
    return { left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2 };
  };
  const all = Array.from(layout.rank, (_, v) => v);
  const found: string[] = [];
  for (let c = 0; c < clusters.length; c += 2) {
    const [first = 0, end = 0] = clusters.subarray(c, c + 2);
    for (let column = 0; column < layout.columnCount; column++) {
      const own = all.slice(first, end).filter((v) => layout.column[v] === column);
      if (own.length === 0) continue;
      const rects = own.map(box);
      const round = {
        left: Math.min(...rects.map((r) => r.left)),
        right: Math.max(...rects.map((r) => r.right)),
        top: Math.min(...rects.map((r) => r.top)),
        bottom: Math.max(...rects.map((r) => r.bottom)),
      };
      for (const v of all) {
        const b = box(v);
        const meets =
          b.left < round.right && b.right > round.left && b.top < round.bottom && b.bottom > round.top;
        if ((v < first || v >= end) && meets) found.push(`${v} in ${first} … ${end}`);
      }
    }
  }
  return found;
}

test("no foreign box stands among the boxes of a cluster", () => {
  fc.assert(
    fc.property(inputs, fc.constantFrom<number | "auto">(0, 300, 1000, "auto"), (input, wrapHeight) => {
      expect(intruders(input, wrapHeight)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("clusters move nothing where nothing stands beside them", () => {
  const chain = {
    sizes: new Float32Array(20).fill(40),
    edges: Int32Array.from({ length: 18 }, (_, i) => (i + 1) >> 1),
  };
  const plain = layoutGraph(chain, { wrapHeight: 0 });
  const clustered = layoutGraph({ ...chain, clusters: Int32Array.from([2, 7, 3, 5]) }, { wrapHeight: 0 });
  expect(clustered.centers).toEqual(plain.centers);
});
