import type { Shape } from "../ir/graph.ts";
import { numbers } from "../ir/tensor.ts";
import {
  defineOp,
  type OpDefinition,
  type OperandInfo,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { addDims, sameDim } from "./rules/dim.ts";
import { coordinates, flatIndex, moveElements } from "./rules/fold.ts";
import { fromFront, inferred, knownInts, vectorOf } from "./rules/operand.ts";

function gatherShape(x: Shape, indices: Shape, axis: number): Shape {
  return [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)];
}

/** Elements of a symbolic vector that constant indices pick. */
function pickSymbolic(x: OperandInfo | undefined, indices: OperandInfo | undefined): Shape | undefined {
  const values = vectorOf(x);
  const at = knownInts(indices);
  if (!values || !at || x?.shape?.length !== 1) return undefined;
  return at.map((i) => values[fromFront(i, values.length)] ?? null);
}

function gatherStream(given: number, { axes, operands }: StreamContext): StreamRule {
  const [axisX, axisIndices] = axes;
  const x = operands[0]?.shape;
  const indices = operands[1]?.shape;
  if (!x || !indices) return refuse("shapeUnknown");
  const axis = fromFront(given, x.length);
  if (axisX === undefined) {
    return axisIndices === undefined
      ? refuse("shapeUnknown")
      : { kind: "perFrame", axis: axis + axisIndices };
  }
  if (axisIndices !== undefined) return refuse("dataDependent");
  if (axisX === axis) {
    const at = knownInts(operands[1]);
    const last = at?.length === 1 && (at[0] === -1 || sameDim(addDims(at[0] ?? 0, 1), x[axis] ?? null));
    if (!last || indices.length > 1) return refuse("timeIndexed");
    return { kind: "lastFrames", frames: 1, ...(indices.length === 0 && { single: true }) };
  }
  return { kind: "perFrame", axis: axisX < axis ? axisX : axisX + indices.length - 1 };
}

const gather = defineOp("Gather", "Picks entries of one axis by index.", (attributes) => {
  const given = attributes.int("axis", 0);
  return {
    infer([x, indices]) {
      if (!x?.shape || !indices?.shape) return [inferred(x?.dtype)];
      const axis = fromFront(given, x.shape.length);
      return [inferred(x.dtype, gatherShape(x.shape, indices.shape, axis), pickSymbolic(x, indices))];
    },
    stream: (context) => gatherStream(given, context),
    quant: { inputs: ["activation", "plain"], output: "same" },
    fold([x, indices]) {
      const source = x?.constant;
      const at = indices?.constant;
      if (!source || !at) return undefined;
      const axis = fromFront(given, source.dims.length);
      const length = source.dims[axis] ?? 0;
      const picks = numbers(at).map((i) => fromFront(i, length));
      if (picks.some((i) => i < 0 || i >= length)) return undefined;
      const dims = gatherShape(source.dims, at.dims, axis) as number[];
      const out = moveElements(source, dims, (flat) => {
        const c = coordinates(flat, dims);
        const pick = picks[flatIndex(c.slice(axis, axis + at.dims.length), at.dims)] ?? 0;
        return flatIndex([...c.slice(0, axis), pick, ...c.slice(axis + at.dims.length)], source.dims);
      });
      return out && [out];
    },
  };
});

const gatherElements = defineOp(
  "GatherElements",
  "Picks one entry per index along an axis.",
  (attributes) => ({
    infer: ([x, indices]) => [inferred(x?.dtype, indices?.shape)],
    stream({ axes, operands }) {
      const rank = operands[0]?.shape?.length;
      if (rank === undefined) return refuse("shapeUnknown");
      const [axisX, axisIndices] = axes;
      const axis = fromFront(attributes.int("axis", 0), rank);
      if (axisX === undefined || axisX !== axisIndices) return refuse("timeIndexed");
      return axisX === axis ? refuse("timeIndexed") : { kind: "perFrame", axis: axisX };
    },
    quant: { inputs: ["activation", "plain"], output: "same" },
  }),
);

const gatherNd = defineOp("GatherND", "Picks slices by coordinate.", (attributes) => {
  const batch = attributes.int("batch_dims", 0);
  return {
    infer([x, indices]) {
      const width = indices?.shape?.[indices.shape.length - 1];
      if (!x?.shape || !indices?.shape || typeof width !== "number") return [inferred(x?.dtype)];
      return [inferred(x.dtype, [...indices.shape.slice(0, -1), ...x.shape.slice(batch + width)])];
    },
    stream: () => refuse("timeIndexed"),
  };
});

export const gatherOps: readonly OpDefinition[] = [gather, gatherElements, gatherNd];
