import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { backendCases, readDataSet, sampleOf } from "../../../test/backend-tests.ts";
import { outputsOf, relativeDifference } from "../../../test/model-twins.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { decodeModel } from "../format/onnx/decode-model.ts";
import { sliceAxis } from "../ir/axis.ts";
import type { Model, Node, ValueInfo } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { upgradeOpset } from "../passes/upgrade-opset.ts";
import { catalogue, rulesFor } from "./catalogue.ts";
import type { StreamRule } from "./op.ts";
import { coordinates, flatIndex, moveElements } from "./rules/fold.ts";
import { constantOperand, fromFront } from "./rules/operand.ts";

/* The oracle: what a rule claims of a whole tensor must hold when the operator runs on a part of its frames. */

interface Claim {
  readonly name: string;
  readonly node: Node;
  readonly model: Model;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly expected: Tensor;
  /** Streaming input and its time axis. */
  readonly input: number;
  readonly axis: number;
  readonly rule: StreamRule;
}

/** The archive stores bfloat16 inputs as uint16 bits, which a runtime would read as integers. */
const MISLABELLED = /BFLOAT16_to/;

/** Single operators whose first input can carry time, once for every axis of more than one entry. */
function claims(): Claim[] {
  return backendCases().flatMap(({ name, modelFile, dataSets }) => {
    if (MISLABELLED.test(name)) return [];
    const model = upgradeOpset(decodeModel(readFileSync(modelFile))).model;
    const [node] = model.graph.nodes;
    const [folder] = dataSets;
    if (!node || model.graph.nodes.length !== 1 || !folder || !catalogue.has(node.op)) return [];
    const data = readDataSet(folder, model.graph);
    const feeds = { ...Object.fromEntries(model.graph.initializers), ...data?.feeds };
    const expected = data?.expected[node.outputs[0] ?? ""];
    const rules = rulesFor(node);
    if (!data || !expected || expected.dtype === "string" || !rules?.stream) return [];
    const operands = node.inputs.map((i) => {
      const t = feeds[i];
      return t && constantOperand(t);
    });
    const results = rules.infer(operands);
    const moving = node.inputs.findIndex((i) => (feeds[i]?.dims.length ?? 0) > 0);
    const dims = feeds[node.inputs[moving] ?? ""]?.dims ?? [];
    return dims.flatMap((extent, axis) => {
      if (extent < 2) return [];
      const axes = operands.map((_, i) => (i === moving ? axis : undefined));
      const rule = rules.stream?.({ axes, operands, results });
      return rule
        ? [{ name: `${name} axis ${axis}`, node, model, feeds, expected, input: moving, axis, rule }]
        : [];
    });
  });
}

/** The node with other inputs (constants become initializers-like feeds), run alone. */
async function runNode(
  claim: Claim,
  node: Node,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Tensor | undefined> {
  const inputs: ValueInfo[] = [...new Set(node.inputs.filter((i) => i !== ""))].map((name) => ({
    name,
    ...(feeds[name] && { dtype: feeds[name].dtype, shape: feeds[name].dims }),
  }));
  const outputs = node.outputs.map((name) => ({
    name,
    dtype: claim.model.graph.outputs.find((o) => o.name === name)?.dtype ?? ("float32" as const),
  }));
  const graph = {
    ...claim.model.graph,
    inputs,
    outputs,
    initializers: new Map(),
    nodes: [node],
    values: new Map(),
  };
  const used = Object.fromEntries(inputs.flatMap(({ name }) => (feeds[name] ? [[name, feeds[name]]] : [])));
  return (await outputsOf({ ...claim.model, graph }, used))?.[node.outputs[0] ?? ""];
}

function surrounded(t: Tensor, axis: number, before: number, after: number, value: number): Tensor {
  const extent = t.dims[axis] ?? 0;
  const dims = t.dims.map((d, i) => (i === axis ? d + before + after : d));
  const padded = moveElements(t, dims, (flat) => {
    const at = coordinates(flat, dims);
    at[axis] = Math.min(Math.max((at[axis] ?? 0) - before, 0), extent - 1);
    return flatIndex(at, t.dims);
  });
  if (!padded || t.dtype !== "float32") throw new Error("float32 expected");
  const data = new Float32Array(padded.bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    const frame = coordinates(i, dims)[axis] ?? 0;
    if (frame < before || frame >= before + extent) data[i] = value;
  }
  return padded;
}

/** Undefined if onnxruntime cannot run the case; else the difference between the claim and what it answers. */
async function check(claim: Claim): Promise<number | undefined> {
  const { rule, node, feeds, axis, expected } = claim;
  const name = node.inputs[claim.input] ?? "";
  const x = feeds[name];
  if (!x) return undefined;
  const compare = (a: Tensor | undefined, b: Tensor) => a && relativeDifference({ y: b }, { y: a });
  const frames = x.dims[axis] ?? 0;
  if (rule.kind === "pointwise" || rule.kind === "perFrame") {
    const rank = expected.dims.length;
    const out = rule.kind === "perFrame" ? rule.axis : fromFront(axis - x.dims.length, rank);
    const part = sliceAxis(x, axis, 0, frames - 1);
    const given = { ...feeds, [name]: part };
    // Where a constant has as many frames, each goes with one of the stream's.
    for (const other of rule.kind === "pointwise" ? node.inputs.filter((i) => i !== name) : []) {
      const t = feeds[other];
      const at = t ? t.dims.length - (x.dims.length - axis) : -1;
      if (t && at >= 0 && t.dims[at] === frames) given[other] = sliceAxis(t, at, 0, frames - 1);
    }
    if (rule.kind === "perFrame" && rule.rewrite) {
      given[node.inputs[rule.rewrite.input] ?? ""] = rule.rewrite.constant(frames - 1);
    }
    if (expected.dims[out] !== frames) return Infinity;
    return compare(await runNode(claim, node, given), sliceAxis(expected, out, 0, frames - 1));
  }
  if (rule.kind === "window") {
    if (x.dtype !== "float32" || rule.counted || rule.attributes.ceil_mode) return undefined;
    const value = rule.padValue === "lowest" ? -Infinity : rule.padValue;
    const padded = surrounded(x, axis, rule.padStart, rule.padEnd, value);
    const y = await runNode(claim, { ...node, attributes: rule.attributes }, { ...feeds, [name]: padded });
    // Where the offline length is rounded up, a last window hangs over the end.
    return y && compare(y, sliceAxis(expected, rule.axis, 0, y.dims[rule.axis] ?? 0));
  }
  if (rule.kind === "crop") {
    const kept = expected.dims[axis] ?? 0;
    return compare(expected, sliceAxis(x, axis, rule.start, rule.start + kept));
  }
  if (rule.kind === "lastFrames")
    return compare(expected, sliceAxis(x, axis, Math.max(frames - rule.frames, 0), frames));
  if (rule.kind === "extend" && x.dtype === "float32") {
    return compare(expected, surrounded(x, axis, rule.before, rule.after, rule.value));
  }
  return undefined;
}

/** Sums of another shape are added in another order. */
const SUMMATION = 1e-5;

describe.skipIf(!sharedData("onnx-backend-tests"))("stream rules against the runtime", () => {
  test("what a rule says of all frames holds for a part of them", { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    const kinds = new Map<string, number>();
    for (const claim of sampleOf(claims(), 300)) {
      const difference = await check(claim);
      if (difference === undefined) continue;
      kinds.set(claim.rule.kind, (kinds.get(claim.rule.kind) ?? 0) + 1);
      if (difference > SUMMATION) wrong.push(`${claim.name}: ${claim.rule.kind} ${difference}`);
    }
    expect(wrong).toEqual([]);
    expect(kinds.get("perFrame") ?? 0).toBeGreaterThan(50);
    expect(kinds.get("pointwise") ?? 0).toBeGreaterThan(50);
    expect(kinds.get("window") ?? 0).toBeGreaterThan(5);
  });
});
