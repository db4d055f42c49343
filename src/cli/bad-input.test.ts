import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { noise } from "../../test/array-clip.ts";
import { StudioError } from "../core/base/problem.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { type Graph, intAttribute, intsAttribute, makeNode, type Node } from "../core/ir/graph.ts";
import { longTensor, type Tensor } from "../core/ir/tensor.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { prepare } from "../engine/evaluate.ts";
import { openModel } from "../engine/open-model.ts";
import { explain } from "../explain/explain.ts";
import { rill } from "./rill.ts";

const folder = mkdtempSync(join(tmpdir(), "rill-bad-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Bad {
  readonly what: string;
  readonly shape?: Graph["inputs"][number]["shape"];
  readonly nodes: readonly Node[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Value read as output; default "y". */
  readonly output?: string;
  readonly options?: readonly string[];
  readonly plan?: { readonly chunk?: number; readonly splits?: readonly string[] };
  /** What the sentence must name: the place, the reason, what to do. */
  readonly code: string;
  readonly says: readonly (string | RegExp)[];
  readonly zh: readonly string[];
}

const conv = (x: string, y: string, stride: number): Node =>
  makeNode("Conv", [x, `${y}.weight`], [y], {
    pads: intsAttribute([1, 1]),
    strides: intsAttribute([stride]),
  });
const weightOf = (y: string) => ({ [`${y}.weight`]: noise([4, 4, 3], 1) });

const AXIS = ["--axis", "x=2"];

const BAD: readonly Bad[] = [
  {
    what: "two candidate time axes",
    shape: [1, 1, "A", "B"],
    nodes: [makeNode("Conv", ["x", "w"], ["y"], { pads: intsAttribute([1, 1, 1, 1]) })],
    constants: { w: noise([1, 1, 3, 3], 1) },
    options: [],
    code: "stream.axisAmbiguous",
    says: ["Input x", "2, 3", "Choose the time axis"],
    zh: ["x", "2、3"],
  },
  {
    what: "T82 a chunk that is no multiple of the stride names the smallest that is",
    nodes: [conv("x", "y", 2)],
    constants: weightOf("y"),
    options: [...AXIS, "--chunk", "3"],
    plan: { chunk: 3 },
    code: "stream.chunkMultiple",
    says: ["3 frames", "multiple of 2"],
    zh: ["3", "2"],
  },
  {
    what: "T46 time contracted by a MatMul",
    nodes: [
      makeNode("Transpose", ["x"], ["t"], { perm: intsAttribute([0, 2, 1]) }),
      makeNode("MatMul", ["x", "t"], ["y"]),
    ],
    code: "stream.refused",
    says: ["MatMul at y", "axis 2", "sums over time", "fixed length"],
    zh: ["y", "MatMul"],
  },
  {
    what: "T22 two rates joined",
    nodes: [conv("x", "half", 2), makeNode("Add", ["half", "x"], ["y"])],
    constants: weightOf("half"),
    code: "stream.refused",
    says: ["Add at y", "different rates", "1/2 1", "resize or a stride"],
    zh: ["y", "1/2 1"],
  },
  {
    what: "T38 time split into halves",
    nodes: [
      makeNode("Split", ["x"], ["first", "second"], { axis: intAttribute(2), num_outputs: intAttribute(2) }),
      makeNode("Sub", ["first", "second"], ["y"]),
    ],
    code: "stream.refused",
    says: ["Split at first", "arbitrary frames", "constant"],
    zh: ["first", "Split"],
  },
  {
    what: "T96 a shape that depends on values",
    nodes: [
      makeNode("NonZero", ["x"], ["where"]),
      makeNode("Cast", ["where"], ["y"], { to: intAttribute(1) }),
    ],
    code: "stream.refused",
    says: ["NonZero at where", "depends on values", "same shape"],
    zh: ["where", "NonZero"],
  },
  {
    what: "a cut through the state of a recurrence",
    nodes: [
      makeNode("Transpose", ["x"], ["t"], { perm: intsAttribute([2, 0, 1]) }),
      makeNode("GRU", ["t", "w", "r"], ["y4"], { hidden_size: intAttribute(4) }),
      makeNode("Squeeze", ["y4", "one"], ["y"]),
    ],
    constants: { w: noise([1, 12, 4], 1), r: noise([1, 12, 4], 2), one: longTensor([1]) },
    options: [...AXIS, "--split", "state.y4.h"],
    plan: { splits: ["state.y4.h"] },
    code: "plan.cutImpossible",
    says: ["state.y4.h", "divide a state from its operator"],
    zh: ["state.y4.h", "状态"],
  },
];

function bytesOf({ shape = [1, 4, "T"], nodes, constants = {}, output = "y" }: Bad): Uint8Array {
  const graph: Graph = {
    name: "bad",
    inputs: [{ name: "x", dtype: "float32", shape }],
    outputs: [{ name: output, dtype: "float32" }],
    initializers: new Map(Object.entries(constants)),
    nodes,
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 18 }));
}

describe("bad input", () => {
  test.each(BAD.map((bad) => [bad.what, bad] as const))("%s", async (_, bad) => {
    const bytes = bytesOf(bad);
    const file = join(folder, "bad.onnx");
    writeFileSync(file, bytes);
    const output = join(folder, "out");
    let err = "";
    const terminal = {
      out: () => {},
      err: (text: string) => {
        err += text;
      },
    };
    const code = await rill(["stream", file, ...(bad.options ?? AXIS), "-o", output], terminal);
    expect({ code, err }).toMatchObject({ code: 2 });
    expect(err.startsWith(`${bad.code}: `)).toBe(true);
    for (const part of bad.says) expect(err).toMatch(part);
    expect(existsSync(output)).toBe(false);
    // The same in Chinese, with the same place.
    const opened = openModel([{ name: "bad.onnx", bytes }]);
    const axes = bad.options?.length === 0 ? {} : { axes: { x: 2 } };
    const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { ...axes, ...bad.plan });
    const problem = problemOf(() =>
      prepare(opened, bad.options?.length === 0 ? { ...plan, axes: {} } : plan),
    );
    if (bad.code !== "stream.axisAmbiguous") expect(problem?.code).toBe(bad.code);
    if (problem?.code === bad.code)
      for (const part of bad.zh) expect(explain(problem, "zh-CN")).toContain(part);
  });
});

function problemOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof StudioError) return error.problem;
    throw error;
  }
  return undefined;
}
