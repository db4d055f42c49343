import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, parity } from "../../../test/stream-lab.ts";
import { cutsThrough } from "./cuts.ts";
import { partition } from "./partition.ts";
import { toStreaming } from "./streaming-model.ts";

/** x → a → b → c → sum → conv: b and c look ahead, a skips over them. */
function residual() {
  const g = new GraphSketch(5);
  const x = g.input("x", [1, 2, "T"]);
  const a = g.op("Relu", [g.conv(x, [4, 2, 3], { pads: [2, 0] })], {}, "a");
  const b = g.op("Relu", [g.conv(a, [4, 4, 3], { pads: [0, 2] })], {}, "b");
  const c = g.op("Relu", [g.conv(b, [4, 4, 3], { pads: [0, 2] })], {}, "c");
  const sum = g.op("Add", [c, a], {}, "sum");
  return g.model([g.conv(sum, [2, 4, 2])]);
}

describe("partition", () => {
  test("T92 a cut inside a residual lists the skip beside the marked value", () => {
    const model = residual();
    const analysis = analyse(model, { x: 2 });
    const { modules, crossings, nodes } = partition(model, analysis, { chunk: 2, splits: ["b"] });
    expect(crossings).toEqual([
      {
        values: ["b"],
        crossing: [
          { value: "a", shape: [1, 4, 2], dtype: "float32", bytes: 32 },
          { value: "b", shape: [1, 4, 2], dtype: "float32", bytes: 32 },
        ],
      },
    ]);
    expect(modules.map((m) => m.inputs.map((p) => p.name))).toEqual([["x"], ["a", "b"]]);
    expect(modules.map((m) => m.outputs.map((p) => p.name))).toEqual([["a", "b"], ["conv7"]]);
    // `a` is remembered twice: for its convolution and, later, for the skip.
    expect(modules.map((m) => m.caches.map((c) => [c.value, c.frames]))).toEqual([
      [
        ["x", 2],
        ["a", 2],
      ],
      [
        ["b", 2],
        ["a", 4],
        ["sum", 1],
      ],
    ]);
    expect(nodes.flat()).toHaveLength(model.graph.nodes.length);
  });

  test.each([[["b"]], [["a", "c"]], [["c", "b", "a"]], [["sum", "b"]]])(
    "parity with splits %j",
    async (splits) => {
      const model = residual();
      const analysis = analyse(model, { x: 2 });
      for (const chunk of [1, 3]) {
        const { model: streaming } = toStreaming(model, analysis, { chunk, splits });
        expect(streaming.modules).toHaveLength(splits.length + 1);
        const feeds = { x: integers(5, [1, 2, 12 * chunk], 3) };
        const [worst] = await parity(model, analysis, streaming, feeds, { chunk, steps: 12 });
        expect(worst?.maxAbs).toBe(0);
      }
    },
  );

  test("the cut takes the cheaper side of a branch", () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 8, "T"]);
    const narrow = g.conv(x, [1, 8, 1]);
    const main = g.op("Relu", [g.conv(x, [8, 8, 3], { pads: [2, 0] })], {}, "main");
    const wide = g.conv(narrow, [8, 1, 1]);
    const model = g.model([g.op("Add", [g.op("Relu", [main]), wide])]);
    const { crossings } = partition(model, analyse(model, { x: 2 }), { chunk: 1, splits: ["main"] });
    expect(crossings[0]?.crossing.map((c) => c.value)).toEqual([narrow, "main"]);
  });

  test("marks at one place share a cut", () => {
    const g = new GraphSketch();
    g.input("x", [1, 2, "T"]);
    const left = g.op("Relu", ["x"], {}, "left");
    const right = g.op("Sigmoid", ["x"], {}, "right");
    const model = g.model([g.op("Mul", [left, right])]);
    const analysis = analyse(model, { x: 2 });
    const cuts = cutsThrough(analysis, ["left", "right"], 1);
    const { modules } = partition(model, analysis, { chunk: 1, splits: ["left", "right"] });
    expect(modules.length).toBe(cuts.length + 1);
    for (const module of modules) expect(module.graph.nodes.length).toBeGreaterThan(0);
  });

  test("places where no cut can be", () => {
    const g = new GraphSketch();
    g.input("x", [1, 2, "T"]);
    g.input("h", [1, 2, 1]);
    const still = g.op("Relu", ["h"], {}, "still");
    const model = g.model([g.op("Add", ["x", still], {}, "sum")]);
    const analysis = analyse(model, { x: 2 });
    const attempt = (value: string) => () => cutsThrough(analysis, [value], 1);
    const problem = (value: object) => expect.objectContaining({ problem: value });
    expect(attempt("x")).toThrowError(problem({ code: "plan.cutImpossible", value: "x", why: "isInput" }));
    expect(attempt("sum")).toThrowError(
      problem({ code: "plan.cutImpossible", value: "sum", why: "isOutput" }),
    );
    expect(attempt("still")).toThrowError(
      problem({ code: "plan.cutImpossible", value: "still", why: "notStreamed" }),
    );
    expect(attempt("none")).toThrowError(
      problem({ code: "plan.unknownValue", value: "none", mark: "split" }),
    );
  });
});
