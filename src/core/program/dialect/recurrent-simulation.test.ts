import { describe, expect, test } from "vitest";
import { noise } from "../../../../test/array-clip.ts";
import { createRuntime } from "../../../runtime/ort.ts";
import { encodeModel } from "../../format/onnx/encode-model.ts";
import { makeModel } from "../../format/onnx/make-model.ts";
import { type Graph, intAttribute, type Model, makeNode, stringAttribute } from "../../ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../../ir/tensor.ts";
import { simulateRecurrences } from "./recurrent-simulation.ts";

const runtime = createRuntime();
const HIDDEN = 6;

const small = (...dims: number[]): Tensor =>
  floatTensor(
    floats(noise(dims)).map((x) => x / 2),
    dims,
  );

function modelOf(op: "GRU" | "LSTM", direction: string): Model {
  const gates = op === "GRU" ? 3 : 4;
  const directions = direction === "bidirectional" ? 2 : 1;
  const graph: Graph = {
    name: op,
    inputs: [{ name: "x", dtype: "float32", shape: [7, 1, 4] }],
    outputs: ["y", "h"].map((name) => ({ name, dtype: "float32" })),
    initializers: new Map([
      ["w", small(directions, gates * HIDDEN, 4)],
      ["r", small(directions, gates * HIDDEN, HIDDEN)],
      ["b", small(directions, 2 * gates * HIDDEN)],
      ["h0", small(directions, 1, HIDDEN)],
    ]),
    nodes: [
      makeNode(op, ["x", "w", "r", "b", "", "h0"], ["y", "h"], {
        hidden_size: intAttribute(HIDDEN),
        direction: stringAttribute(direction),
        ...(op === "GRU" && { linear_before_reset: intAttribute(1) }),
      }),
    ],
    values: new Map(),
  };
  return makeModel(graph, { opset: 18 });
}

async function run(model: Model, x: Tensor): Promise<Record<string, Tensor>> {
  const session = await runtime.open(encodeModel(model));
  const results = await session.run({ x });
  await session.release();
  return results;
}

describe("recurrences as they are observed", () => {
  const runs = (["GRU", "LSTM"] as const).flatMap((op) =>
    ["forward", "reverse", "bidirectional"].flatMap((direction) =>
      (["half-even", "half-up"] as const).map((rounding) => [op, direction, rounding] as const),
    ),
  );

  test.each(runs)("%s %s %s: off by the rounding of its gates, and off", async (op, direction, rounding) => {
    const model = modelOf(op, direction);
    const x = noise([7, 1, 4]);
    const exact = await run(model, x);
    const simulated = await run(simulateRecurrences(model, rounding), x);
    for (const name of ["y", "h"]) {
      const [a, b] = [exact[name], simulated[name]];
      if (!a || !b) throw new Error(`${name} is missing`);
      expect(b.dims).toEqual(a.dims);
      const theirs = floats(b);
      const off = Math.max(...floats(a).map((v, i) => Math.abs(v - (theirs[i] ?? Number.NaN))));
      // Two or three roundings of up to 2^-10 per step, passed on through seven contracting steps.
      expect(off).toBeLessThan(2 ** -7);
      expect(off).toBeGreaterThan(0);
    }
  });
});
