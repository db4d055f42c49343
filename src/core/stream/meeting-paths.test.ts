import { expect, test } from "vitest";
import { analyse, GraphSketch } from "../../../test/stream-lab.ts";

test("where time axes conflict, both ways from the inputs are told, with time marked", () => {
  const g = new GraphSketch();
  g.input("x", [1, 4, "T"]);
  g.input("y", [1, 4, "T"]);
  const far = ["a", "b", "c", "d"].reduce((from, name) => g.op("Relu", [from], {}, name), "x");
  const turned = g.op("Transpose", ["y"], { perm: [0, 2, 1] }, "turned");
  const both = g.op("Add", [far, turned], {}, "both");
  const { refusals } = analyse(g.model([both]), { x: 2, y: 2 });
  expect(refusals.map(({ problem }) => problem)).toMatchObject([
    {
      code: "stream.refused",
      node: "both",
      reason: "axesDiffer",
      detail: { code: "name", name: "x → a → b → c → d[·,·,T]; y → turned[·,T,·]" },
    },
  ]);
});

test("a long way is shortened in the middle", () => {
  const g = new GraphSketch();
  g.input("x", [4, 4]);
  const far = ["a", "b", "c", "d", "e"].reduce((from, name) => g.op("Relu", [from], {}, name), "x");
  const turned = g.op("Transpose", ["x"], { perm: [1, 0] }, "turned");
  const { refusals } = analyse(g.model([g.op("Add", [far, turned], {}, "both")]), { x: 1 });
  expect(refusals[0]?.problem).toMatchObject({ detail: { name: "x → a → … → d → e[·,T]; x → turned[T,·]" } });
});
