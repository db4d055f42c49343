import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomBoxes } from "../../../test/random-layouts.ts";
import { branch, chain, type SyntheticGraph, unet } from "../../../test/synthetic-graphs.ts";
import type { Layout, LayoutInput } from "./layout.ts";
import { layoutGraph } from "./layout-graph.ts";

const OPTIONS = { wrapHeight: "auto" } as const;

function inputOf(graph: SyntheticGraph): LayoutInput {
  return {
    sizes: Float32Array.from(graph.nodes.flatMap((n) => (n.op === "Conv" ? [120, 52] : [70, 28]))),
    edges: Int32Array.from(graph.edges.flat()),
  };
}

const parts = (edges: Int32Array) =>
  Array.from({ length: edges.length / 2 }, (_, e) => [edges[2 * e], edges[2 * e + 1]]);

/** Random acyclic graphs with multi-edges, isolated nodes and several parts. */
const graphs = fc.integer({ min: 1, max: 40 }).chain((n) =>
  fc.record({
    ...randomBoxes(n),
  }),
);
const wraps = fc.constantFrom<number | "auto">(0, 300, 1000, "auto");

/** Pairs of boxes that overlap; boxes of one row are compared with their neighbours only. */
function overlaps({ sizes }: LayoutInput, layout: Layout): string[] {
  const boxes = Array.from(layout.rank, (rank, v) => ({
    v,
    rank,
    x: layout.centers[2 * v] ?? 0,
    y: layout.centers[2 * v + 1] ?? 0,
    w: sizes[2 * v] ?? 0,
    h: sizes[2 * v + 1] ?? 0,
  }));
  boxes.sort((a, b) => a.rank - b.rank || a.x - b.x);
  const found: string[] = [];
  for (const [i, a] of boxes.entries()) {
    const b = boxes[i + 1];
    if (!b) continue;
    const beside = b.rank === a.rank && a.x + a.w / 2 < b.x - b.w / 2;
    const below =
      b.rank > a.rank && (layout.column[b.v] !== layout.column[a.v] || a.y + a.h / 2 < b.y - b.h / 2);
    if (!beside && !below) found.push(`${a.v} and ${b.v}`);
  }
  return found;
}

function pointsOf(layout: Layout, e: number): [number, number][] {
  const points: [number, number][] = [];
  for (let k = layout.pointStart[e] ?? 0; k < (layout.pointStart[e + 1] ?? 0); k++) {
    points.push([layout.points[2 * k] ?? Number.NaN, layout.points[2 * k + 1] ?? Number.NaN]);
  }
  return points;
}

describe("any graph", () => {
  test("every node is placed inside the picture and overlaps no other", () => {
    fc.assert(
      fc.property(graphs, wraps, (input, wrapHeight) => {
        const layout = layoutGraph(input, { wrapHeight });
        for (const [i, c] of layout.centers.entries()) {
          const half = (input.sizes[i] ?? 0) / 2;
          expect(c - half).toBeGreaterThanOrEqual(0);
          expect(c + half).toBeLessThanOrEqual(i % 2 === 0 ? layout.width : layout.height);
        }
        expect(overlaps(input, layout)).toEqual([]);
      }),
    );
  });

  test("ranks grow along edges; edges start and end at their boxes and go down within a column", () => {
    fc.assert(
      fc.property(graphs, wraps, (input, wrapHeight) => {
        const layout = layoutGraph(input, { wrapHeight });
        for (const [e, [s = 0, t = 0]] of parts(input.edges).entries()) {
          expect(layout.rank[t]).toBeGreaterThan(layout.rank[s] ?? 0);
          const points = pointsOf(layout, e);
          for (const [v, [x, y] = [0, 0], sign] of [
            [s, points[0], 1],
            [t, points.at(-1), -1],
          ] as const) {
            expect(y).toBeCloseTo(
              (layout.centers[2 * v + 1] ?? 0) + (sign * (input.sizes[2 * v + 1] ?? 0)) / 2,
              2,
            );
            expect(Math.abs(x - (layout.centers[2 * v] ?? 0))).toBeLessThanOrEqual(
              (input.sizes[2 * v] ?? 0) / 2,
            );
          }
          if (layout.portal[e]) expect(points).toHaveLength(4);
          else
            for (let k = 1; k < points.length; k++)
              expect(points[k]?.[1]).toBeGreaterThan(points[k - 1]?.[1] ?? 0);
        }
      }),
    );
  });

  test("columns follow each other from left to right without touching", () => {
    fc.assert(
      fc.property(graphs, (input) => {
        const layout = layoutGraph(input, { wrapHeight: 200 });
        const left = new Map<number, number>();
        const right = new Map<number, number>();
        for (const [v, c] of layout.column.entries()) {
          const [x, half] = [layout.centers[2 * v] ?? 0, (input.sizes[2 * v] ?? 0) / 2];
          left.set(c, Math.min(left.get(c) ?? Infinity, x - half));
          right.set(c, Math.max(right.get(c) ?? -Infinity, x + half));
        }
        for (let c = 1; c < layout.columnCount; c++)
          expect(left.get(c)).toBeGreaterThan(right.get(c - 1) ?? 0);
      }),
    );
  });

  test("the order of edges moves no node", () => {
    fc.assert(
      fc.property(graphs, fc.integer(), (input, seed) => {
        const shuffled = parts(input.edges)
          .map((pair, i) => ({ pair, key: Math.imul(i + 1, seed | 1) }))
          .sort((a, b) => a.key - b.key);
        const edges = Int32Array.from(shuffled.flatMap(({ pair: [s = 0, t = 0] }) => [s, t]));
        expect(layoutGraph({ ...input, edges }, OPTIONS).centers).toEqual(
          layoutGraph(input, OPTIONS).centers,
        );
      }),
    );
  });
});

describe("shapes of real networks", () => {
  for (const [name, make] of Object.entries({ chain, unet, branch })) {
    test(`${name} of 1,000: the longest chain is straight in every column, nothing drifts`, () => {
      const input = inputOf(make(1000));
      const layout = layoutGraph(input, { wrapHeight: 0 });
      const rows = new Map<number, number[]>();
      for (const [v, r] of layout.rank.entries())
        rows.set(r, [...(rows.get(r) ?? []), layout.centers[2 * v] ?? 0]);
      const straight = [...new Set(layout.centers.filter((_, i) => i % 2 === 0))].filter((x) =>
        [...rows.values()].every((row) => row.includes(x)),
      );
      expect(straight).toHaveLength(1);
      expect(layout.width).toBeLessThan(900);
    });
  }

  test("a 1,000-op chain wraps to about the shape of a screen", () => {
    const layout = layoutGraph(inputOf(chain(1000)), OPTIONS);
    expect(layout.columnCount).toBeGreaterThan(5);
    expect(layout.height / layout.width).toBeGreaterThan(0.3);
    expect(layout.height / layout.width).toBeLessThan(1.2);
  });

  test("the longest skip of a U-Net takes the outer gutter and does not pull its ends sideways", () => {
    const graph = unet(1000);
    const layout = layoutGraph(inputOf(graph), { wrapHeight: 0 });
    const spans = graph.edges.map(([s, t]) => t - s);
    const longest = spans.indexOf(Math.max(...spans));
    const laneX = Math.max(...pointsOf(layout, longest).map(([x]) => x));
    expect(laneX).toBeGreaterThan(Math.max(...layout.centers.filter((_, i) => i % 2 === 0)) + 60);
  });

  test("a source is drawn next to its first consumer", () => {
    // 0 → 1 → 2 → 3, and 4 feeds 3.
    const layout = layoutGraph(
      { sizes: new Float32Array(10).fill(20), edges: Int32Array.of(0, 1, 1, 2, 2, 3, 4, 3) },
      OPTIONS,
    );
    expect(layout.rank[4]).toBe(2);
  });

  test("more long skips than lanes become portals instead of widening the picture without end", () => {
    const n = 400;
    const edges = [...Array(n - 1).keys()].flatMap((v) => [v, v + 1]);
    for (let v = 0; v < 100; v++) edges.push(v, v + 200);
    const layout = layoutGraph(
      { sizes: new Float32Array(2 * n).fill(20), edges: Int32Array.from(edges) },
      { wrapHeight: 0 },
    );
    expect(layout.portal.reduce((a, b) => a + b, 0)).toBe(76);
  });
});

test("a constraint of order puts rows below each other without an edge", () => {
  // Two branches from 0 to 5: 1 → 2 and 3 → 4.
  const edges = Int32Array.of(0, 1, 1, 2, 2, 5, 0, 3, 3, 4, 4, 5);
  const sizes = new Float32Array(12).fill(30);
  const free = layoutGraph({ sizes, edges }, { wrapHeight: 0 });
  expect(free.rank[3]).toBe(free.rank[1]);
  const layout = layoutGraph({ sizes, edges, order: Int32Array.of(2, 3) }, { wrapHeight: 0 });
  expect([...layout.rank]).toEqual([0, 1, 2, 3, 4, 5]);
  expect(layout.portal).toHaveLength(6);
});

test("no column is left to a few last rows", () => {
  for (let n = 20; n < 60; n++) {
    const edges = Int32Array.from([...Array(n - 1).keys()].flatMap((v) => [v, v + 1]));
    const { column, columnCount } = layoutGraph(
      { sizes: new Float32Array(2 * n).fill(30), edges },
      { wrapHeight: 740 },
    );
    const last = column.filter((c) => c === columnCount - 1).length;
    // A column holds 10 rows of 30 px with 44 px between; 15 % of them may stay where they are.
    expect(last, `${n} rows`).toBeGreaterThan(1);
  }
});

describe("edge cases", () => {
  test("no nodes", () => {
    const layout = layoutGraph({ sizes: new Float32Array(0), edges: new Int32Array(0) }, OPTIONS);
    expect(layout).toMatchObject({
      columnCount: 0,
      centers: new Float32Array(0),
      points: new Float32Array(0),
    });
  });

  test("one node", () => {
    const layout = layoutGraph({ sizes: Float32Array.of(100, 40), edges: new Int32Array(0) }, OPTIONS);
    expect([...layout.centers]).toEqual([82, 52]);
    expect([layout.width, layout.height]).toEqual([164, 104]);
  });

  test("isolated nodes fill columns, not one endless row", () => {
    const layout = layoutGraph({ sizes: new Float32Array(2000).fill(40), edges: new Int32Array(0) }, OPTIONS);
    expect(layout.width / layout.height).toBeLessThan(4);
    expect(layout.columnCount).toBeGreaterThan(3);
  });

  test("parallel edges run side by side", () => {
    const layout = layoutGraph(
      { sizes: new Float32Array(4).fill(60), edges: Int32Array.of(0, 1, 0, 1) },
      OPTIONS,
    );
    expect(pointsOf(layout, 0)[0]?.[0]).toBeLessThan(pointsOf(layout, 1)[0]?.[0] ?? 0);
  });

  test("a cycle and an edge to itself still give a picture", () => {
    const edges = Int32Array.of(0, 1, 1, 2, 2, 0, 1, 1);
    const layout = layoutGraph({ sizes: new Float32Array(6).fill(30), edges }, OPTIONS);
    expect([...layout.rank]).toEqual([0, 1, 2]);
    expect([...layout.portal]).toEqual([0, 0, 1, 1]);
  });

  test("20,000 ops in a row overflow no stack", () => {
    const n = 20_000;
    const edges = Int32Array.from([...Array(n - 1).keys()].flatMap((v) => [v, v + 1]));
    const layout = layoutGraph({ sizes: new Float32Array(2 * n).fill(30), edges }, OPTIONS);
    expect(layout.rank[n - 1]).toBe(n - 1);
  });
});
