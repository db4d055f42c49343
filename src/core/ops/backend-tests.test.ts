import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { backendCases, type DataSet, readDataSet } from "../../../test/backend-tests.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { decodeModel } from "../format/onnx/decode-model.ts";
import type { Dim, Model, Node } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { inferShapes } from "../passes/infer-shapes.ts";
import { catalogue, rulesFor } from "./catalogue.ts";
import { constantOperand } from "./rules/operand.ts";

interface Case {
  readonly name: string;
  readonly model: Model;
  readonly data: DataSet;
}

/** Extents that only the values of float inputs, or of data, decide. */
const DATA_DEPENDENT = /nonzero|range_float|compress|unique|nonmaxsuppression|affine_grid.*expanded/;

function cases(): Case[] {
  return backendCases().flatMap(({ name, modelFile, dataSets }) => {
    const model = decodeModel(readFileSync(modelFile));
    // A Scan that has an input more than its body is the one of opset 8.
    const isOldScan = (n: Node) => n.op === "Scan" && n.inputs[0] === "";
    const known = model.graph.nodes.every((n) => n.domain === "" && catalogue.has(n.op) && !isOldScan(n));
    const [folder] = dataSets;
    const data = known && folder ? readDataSet(folder, model.graph) : undefined;
    return data ? [{ name, model, data }] : [];
  });
}

/** Integer vectors and scalars are shapes, axes and indices to the rules: they are given as constants. */
function isShapeLike(t: Tensor): boolean {
  return t.dims.length <= 1 && t.dtype !== "string";
}

function withConstants(model: Model, feeds: DataSet["feeds"], keep: (t: Tensor) => boolean): Model {
  const initializers = new Map(model.graph.initializers);
  for (const [name, t] of Object.entries(feeds)) if (keep(t)) initializers.set(name, t);
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Extents above 1 by name; equal extents share theirs. */
const named = (extent: number): Dim => (extent > 1 ? `n${extent}` : extent);

function evaluate(dim: number | string): number {
  const expression = String(dim)
    .replaceAll("floor", "Math.floor")
    .replace(/\bn(\d+)/g, "$1");
  return Number(new Function(`return ${expression}`)());
}

/** Literal indices are taken to lie inside an axis of symbolic length; these tests reach beyond on purpose. */
const BEYOND_LENGTH = /slice_(end_out_of_bounds|neg_steps)$/;

describe.skipIf(!sharedData("onnx-backend-tests"))("rules against the ONNX operator tests", () => {
  const all = cases();

  test("enough operators are covered to mean something", () => {
    const ops = new Set(all.flatMap((c) => c.model.graph.nodes.map((n) => n.op)));
    expect(all.length).toBeGreaterThan(700);
    expect(ops.size).toBeGreaterThan(100);
  });

  test("inferred shapes and dtypes are those of the expected outputs", () => {
    const wrong: string[] = [];
    for (const { name, model, data } of all) {
      const inputShapes = new Map(Object.entries(data.feeds).map(([k, t]) => [k, t.dims]));
      const { info } = inferShapes(withConstants(model, data.feeds, isShapeLike), { inputShapes });
      for (const [output, t] of Object.entries(data.expected)) {
        const { shape, dtype } = info(output);
        // The archive stores bfloat16 outputs as their bits; the model declares what they are.
        const stated = model.graph.outputs.find((o) => o.name === output)?.dtype ?? t.dtype;
        const fits =
          shape?.length === t.dims.length &&
          shape.every((d, i) => d === t.dims[i] || (d === null && DATA_DEPENDENT.test(name)));
        if (!fits || (dtype !== stated && dtype !== t.dtype))
          wrong.push(`${name} ${output}: ${dtype}[${shape}] for ${t.dtype}[${t.dims}]`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("shapes of symbolic lengths are right for every length they stand for", () => {
    const wrong: string[] = [];
    let symbolic = 0;
    for (const { name, model, data } of all) {
      const inputShapes = new Map(Object.entries(data.feeds).map(([k, t]) => [k, t.dims.map(named)]));
      const { info } = inferShapes(withConstants(model, data.feeds, isShapeLike), { inputShapes });
      for (const [output, t] of Object.entries(data.expected)) {
        const { shape } = info(output);
        if (shape?.some((d) => typeof d === "string")) symbolic++;
        const fits =
          shape === undefined ||
          (shape.length === t.dims.length && shape.every((d, i) => d === null || evaluate(d) === t.dims[i]));
        if (!fits && !BEYOND_LENGTH.test(name)) wrong.push(`${name} ${output}: [${shape}] for [${t.dims}]`);
      }
    }
    expect(wrong).toEqual([]);
    expect(symbolic).toBeGreaterThan(400);
  });

  test("folded values are the expected ones, bit for bit", () => {
    const wrong: string[] = [];
    const folded = new Set<string>();
    for (const { name, model, data } of all) {
      const [node] = model.graph.nodes;
      if (!node || model.graph.nodes.length !== 1) continue;
      const tensors = { ...Object.fromEntries(model.graph.initializers), ...data.feeds };
      const operands = node.inputs.map((i) => {
        const t = tensors[i];
        return t && constantOperand(t);
      });
      const values = rulesFor(node)?.fold?.(operands);
      values?.forEach((value, i) => {
        const expected = data.expected[node.outputs[i] ?? ""];
        if (!expected) return;
        folded.add(node.op);
        const same =
          value.dtype === expected.dtype &&
          `${value.dims}` === `${expected.dims}` &&
          Buffer.compare(value.bytes, expected.bytes) === 0;
        if (!same) wrong.push(name);
      });
    }
    expect(wrong).toEqual([]);
    expect(folded.size).toBeGreaterThan(40);
  });
});
