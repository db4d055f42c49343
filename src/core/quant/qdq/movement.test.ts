import { describe, expect, it } from "vitest";
import { createRuntime } from "../../../runtime/ort.ts";
import { encodeModel } from "../../format/onnx/encode-model.ts";
import { makeModel } from "../../format/onnx/make-model.ts";
import {
  type Attribute,
  type Graph,
  intAttribute,
  intsAttribute,
  makeNode,
  stringAttribute,
} from "../../ir/graph.ts";
import { floatTensor, longTensor, numbers, type Tensor, tensorOf } from "../../ir/tensor.ts";
import { catalogue, rulesFor } from "../../ops/catalogue.ts";
import { movesIntegers, quantRuleOf } from "../placement.ts";

interface Case {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Inputs after the first. */
  readonly more?: readonly (Tensor | undefined)[];
  readonly outputs?: number;
}

/** One use of every op whose integers move, on an int8 tensor of [1, 4, 4, 4]. */
const CASES: Readonly<Record<string, Case>> = {
  Concat: { attributes: { axis: intAttribute(1) } },
  DepthToSpace: { attributes: { blocksize: intAttribute(2) } },
  Expand: { more: [longTensor([2, 4, 4, 4])] },
  Flatten: {},
  Gather: { more: [longTensor([2, 0])], attributes: { axis: intAttribute(3) } },
  GatherElements: { more: [longTensor([1, 0], [1, 1, 1, 2])], attributes: { axis: intAttribute(3) } },
  Identity: {},
  MaxPool: { attributes: { kernel_shape: intsAttribute([3, 3]), pads: intsAttribute([2, 1, 0, 1]) } },
  ReduceMax: { more: [longTensor([3])] },
  ReduceMin: { more: [longTensor([3])] },
  Reshape: { more: [longTensor([4, -1])] },
  Resize: {
    more: [undefined, floatTensor([1, 1, 2, 2], [4])],
    attributes: { mode: stringAttribute("nearest") },
  },
  ReverseSequence: {
    more: [longTensor([3])],
    attributes: { batch_axis: intAttribute(0), time_axis: intAttribute(1) },
  },
  Slice: { more: [longTensor([1]), longTensor([3]), longTensor([2])] },
  SpaceToDepth: { attributes: { blocksize: intAttribute(2) } },
  Split: { more: [longTensor([1, 3])], attributes: { axis: intAttribute(1) }, outputs: 2 },
  Squeeze: { more: [longTensor([0])] },
  Tile: { more: [longTensor([1, 2, 1, 1])] },
  Transpose: { attributes: { perm: intsAttribute([0, 2, 3, 1]) } },
  Unsqueeze: { more: [longTensor([0])] },
};

/** Left out of opset 18; the upgrade spells it as Resize. */
const REPLACED = ["Upsample"];

const moving = [...catalogue.keys()].filter((op) => {
  const rule = quantRuleOf({ ruleOf: (node) => rulesFor(node)?.quant }, makeNode(op, ["a", "b"], ["y"]));
  return rule && movesIntegers(rule) && !rule.floatOnly;
});

const runtime = createRuntime();

async function run(op: string, { attributes = {}, more = [], outputs = 1 }: Case, x: Tensor) {
  const names = more.map((tensor, i) => (tensor ? `k${i}` : ""));
  const made = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const node = makeNode(op, ["x", ...names], made, attributes);
  const graph: Graph = {
    name: op,
    inputs: [{ name: "x", dtype: x.dtype, shape: x.dims }],
    outputs: made.map((name) => ({ name, dtype: x.dtype })),
    initializers: new Map(more.flatMap((tensor, i) => (tensor ? [[`k${i}`, tensor] as const] : []))),
    nodes: [node],
    values: new Map(),
  };
  const session = await runtime.open(encodeModel(makeModel(graph, { opset: 18 })));
  const results = await session.run({ x });
  await session.release();
  return made.map((name) => results[name]);
}

describe("movement", () => {
  it("is tried for every op that says it moves integers", () => {
    expect(moving.filter((op) => !REPLACED.includes(op)).sort()).toEqual(Object.keys(CASES).sort());
  });

  it.each(Object.entries(CASES))("%s moves int8 as it moves float", async (op, use) => {
    const values = Int8Array.from({ length: 64 }, (_, i) => ((i * 37) % 256) - 128);
    const dims = [1, 4, 4, 4];
    const integers = await run(op, use, tensorOf(values, dims));
    const floats = await run(op, use, floatTensor(values, dims));
    for (const [i, tensor] of integers.entries()) {
      expect(tensor?.dtype).toBe("int8");
      expect(tensor && numbers(tensor)).toEqual(floats[i] && numbers(floats[i]));
      expect(tensor?.dims).toEqual(floats[i]?.dims);
    }
  });
});
