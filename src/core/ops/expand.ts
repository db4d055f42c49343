import { named } from "../base/detail.ts";
import type { Shape } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import { defineOp, type OpDefinition, type OperandInfo, refuse } from "./op.ts";
import { broadcastIndex, broadcastPair } from "./rules/broadcast.ts";
import { multiplyDims, sameDim } from "./rules/dim.ts";
import { coordinates, flatIndex, moveElements } from "./rules/fold.ts";
import { keepsShape } from "./rules/movement.ts";
import { inferred, knownDims, knownInts, lengthOf, vectorOf } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** A target without symbolic entries: 1 keeps the input's own extent. */
function settledTarget(x: Shape | undefined, target: Shape | undefined): readonly number[] | undefined {
  if (!x || !target) return undefined;
  const out = target.map((d, i) =>
    typeof d === "number" || !sameDim(d, x[i - target.length + x.length] ?? null) ? d : 1,
  );
  return knownDims(out);
}

/** Broadcasts both ways: a target entry of 1 keeps the input's extent. */
const expand = defineOp("Expand", "Repeats axes of extent 1 up to a target shape.", () => {
  const shapeOf = (x: OperandInfo | undefined, target: OperandInfo | undefined): Shape | undefined => {
    const wanted = vectorOf(target);
    if (x?.shape && wanted) return broadcastPair(x.shape, wanted);
    const rank = lengthOf(target);
    if (!x?.shape || rank === undefined) return undefined;
    return Array.from({ length: Math.max(rank, x.shape.length) }, () => null);
  };
  return {
    infer([x, target]) {
      const shape = shapeOf(x, target);
      const v = vectorOf(x);
      const n = shape?.length === 1 ? shape[0] : undefined;
      const spread =
        v && typeof n === "number"
          ? Array.from({ length: n }, (_, i) => v[v.length === 1 ? 0 : i] ?? null)
          : v;
      return [inferred(x?.dtype, shape, shape && shape.length <= 1 ? spread : undefined)];
    },
    stream: (context) =>
      unaryAlong(context, (axis, rank) => {
        const target = knownInts(context.operands[1]);
        if (!target) return refuse("dataDependent", named("shape"));
        const at = axis + Math.max(target.length - rank, 0);
        const entry = target.length - (rank - axis);
        if (entry < 0 || target[entry] === 1) return { kind: "perFrame", axis: at };
        const constant = (frames: number) => longTensor(target.map((e, i) => (i === entry ? frames : e)));
        return { kind: "perFrame", axis: at, rewrite: { input: 1, constant } };
      }),
    quant: { inputs: ["activation", "plain"], output: "same" },
    isIdentity: keepsShape,
    settle([x, target]) {
      const values = target && !target.constant ? settledTarget(x?.shape, vectorOf(target)) : undefined;
      return new Map(values ? [[1, longTensor(values)]] : []);
    },
    fold([x, target]) {
      const dims = knownDims(shapeOf(x, target));
      const out =
        x?.constant && dims && moveElements(x.constant, dims, broadcastIndex(x.constant.dims, dims));
      return out && [out];
    },
  };
});

/** Repeats the whole tensor along each axis. */
const tile = defineOp("Tile", "Repeats a tensor along its axes.", () => {
  const shapeOf = (x: OperandInfo | undefined, repeats: OperandInfo | undefined): Shape | undefined => {
    const times = vectorOf(repeats);
    return x?.shape?.map((d, i) => (times ? multiplyDims(d, times[i] ?? null) : null));
  };
  return {
    infer: ([x, repeats]) => [inferred(x?.dtype, shapeOf(x, repeats))],
    stream: (context) =>
      unaryAlong(context, (axis) => {
        const times = knownInts(context.operands[1]);
        if (!times) return refuse("dataDependent", named("repeats"));
        return times[axis] === 1
          ? { kind: "perFrame", axis }
          : refuse("timeIndexed", { code: "repeatsTime" });
      }),
    quant: { inputs: ["activation", "plain"], output: "same" },
    isIdentity: ([, repeats]) => knownInts(repeats)?.every((r) => r === 1) ?? false,
    fold([x, repeats]) {
      const source = x?.constant;
      const dims = knownDims(shapeOf(x, repeats));
      if (!source || !dims) return undefined;
      const out = moveElements(source, dims, (flat) =>
        flatIndex(
          coordinates(flat, dims).map((c, i) => c % (source.dims[i] ?? 1)),
          source.dims,
        ),
      );
      return out && [out];
    },
  };
});

export const expandOps: readonly OpDefinition[] = [expand, tile];
