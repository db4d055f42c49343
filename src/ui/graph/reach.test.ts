import fc from "fast-check";
import { expect, test } from "vitest";
import { buildScene } from "./graph-scene.ts";
import { reachOf } from "./reach.ts";
import { DIAMOND, measure, summaryOf } from "./test-picture.ts";

const directions = fc.constantFrom("upstream" as const, "downstream" as const);
/** Ops that read one or two values made before them. */
const scenes = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 30 }).map((reads) =>
  buildScene(
    summaryOf(
      reads.map(([a, b], i) => {
        const made = (n: number) => (n % (i + 1) === 0 ? "x" : `v${(n % (i + 1)) - 1}`);
        return ["Add", [made(a), made(b)], `v${i}`] as const;
      }),
    ),
    measure,
  ),
);

test("the ways of one box: all that it is made of, and all that is made of it", () => {
  const scene = buildScene(DIAMOND, measure);
  const ids = (nodes: Iterable<number>) => [...nodes].map((v) => scene.nodes[v]?.id).sort();
  const b = scene.nodeOfOp.get("b") ?? -1;
  expect(ids(reachOf(scene, [b], "upstream").nodes)).toEqual(["a", "b", "x"]);
  // The output box is called as the value that it stands for.
  expect(ids(reachOf(scene, [b], "downstream").nodes)).toEqual(["b", "d", "e", "e"]);
});

test("the ways of several boxes are the union of the ways of each", () => {
  const cases = fc.tuple(scenes, fc.array(fc.nat(), { maxLength: 6 }), directions);
  fc.assert(
    fc.property(cases, ([scene, picked, direction]) => {
      const from = picked.map((n) => n % scene.nodes.length);
      const each = from.map((v) => reachOf(scene, [v], direction));
      const together = reachOf(scene, from, direction);
      expect(together.nodes).toEqual(new Set(each.flatMap((r) => [...r.nodes])));
      expect(together.edges).toEqual(new Set(each.flatMap((r) => [...r.edges])));
    }),
  );
});
