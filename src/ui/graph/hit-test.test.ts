import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branch } from "../../../test/synthetic-graphs.ts";
import { layoutGraph } from "../../core/layout/layout-graph.ts";
import { edgeAnchor, edgePoints, nodeRect } from "./edge-path.ts";
import { hitTest } from "./hit-test.ts";
import { indexLayout } from "./spatial-index.ts";
import { toScreen, type View } from "./viewport.ts";

const graph = branch(200);
const sizes = new Float32Array(graph.nodes.flatMap((n) => (n.op === "Conv" ? [120, 52] : [80, 30])));
const layout = layoutGraph({ sizes, edges: Int32Array.from(graph.edges.flat()) }, { wrapHeight: "auto" });
const index = indexLayout(layout, sizes);
const never = () => false;
const at = (view: View, isMarked: (e: number) => boolean = never) => ({
  layout,
  sizes,
  index,
  view,
  isMarked,
});

const meets = (a: { left: number; top: number; right: number; bottom: number }, b: typeof a) =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

describe("spatial index", () => {
  test("finds every box that a rectangle meets, each once", () => {
    const coordinate = fc.double({ min: -200, max: 6000, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, fc.nat(900), fc.nat(900), (left, top, w, h) => {
        const rect = { left, top, right: left + w, bottom: top + h };
        const found = index.nodesIn(rect);
        expect(new Set(found).size).toBe(found.length);
        for (const v of graph.nodes.keys()) {
          if (meets(nodeRect(layout, sizes, v), rect)) expect(found).toContain(v);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("hit test", () => {
  const scales = [0.05, 0.3, 1, 3];
  test("every box is hit in its middle, at every zoom", () => {
    for (const scale of scales) {
      for (const v of graph.nodes.keys()) {
        const view = { scale, panX: 5, panY: -70 };
        const centre = { x: layout.centers[2 * v] ?? 0, y: layout.centers[2 * v + 1] ?? 0 };
        expect(hitTest(at(view), toScreen(view, centre))).toEqual({ kind: "node", node: v });
      }
    }
  });

  test("an edge is hit within 6 screen px and not beyond, at every zoom", () => {
    // The longest vertical stretch of any edge is a side lane, with nothing near its middle but neighbouring lanes.
    let longest = { x: 0, y: 0, length: 0, edge: -1 };
    for (const edge of graph.edges.keys()) {
      const points = layout.portal[edge] ? [] : edgePoints(layout, edge);
      for (let i = 0; i + 3 < points.length; i += 2) {
        const [ax = 0, ay = 0, bx = 0, by = 0] = points.slice(i, i + 4);
        if (ax === bx && by - ay > longest.length)
          longest = { x: ax, y: (ay + by) / 2, length: by - ay, edge };
      }
    }
    for (const scale of [0.3, 1, 3]) {
      const view = { scale, panX: 0, panY: 0 };
      const { x, y } = toScreen(view, longest);
      expect(hitTest(at(view), { x: x + 5, y })).toEqual({ kind: "edge", edge: longest.edge });
      expect(hitTest(at(view), { x: x + 7, y })).not.toEqual({ kind: "edge", edge: longest.edge });
    }
    expect(hitTest(at({ scale: 1, panX: 0, panY: 0 }), { x: -50, y: -50 })).toBeUndefined();
  });

  test("a marked edge beats a nearer unmarked one", () => {
    const view = { scale: 0.05, panX: 0, panY: 0 };
    for (const e of graph.edges.keys()) {
      const anchor = toScreen(view, edgeAnchor(layout, e));
      const hit = hitTest(
        at(view, (other) => other === e),
        anchor,
      );
      if (hit?.kind === "edge") expect(hit.edge).toBe(e);
    }
  });
});
