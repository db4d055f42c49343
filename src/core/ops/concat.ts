import type { Dim, Shape } from "../ir/graph.ts";
import { sizeOf, type Tensor, tensorOf } from "../ir/tensor.ts";
import {
  defineOp,
  type OpDefinition,
  type OperandInfo,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { addDims } from "./rules/dim.ts";
import { coordinates, flatIndex, moveElements } from "./rules/fold.ts";
import { fromFront, inferred, vectorOf } from "./rules/operand.ts";
import { uniformConstant } from "./rules/time.ts";

function concatShape(shapes: readonly Shape[], axis: number): Shape {
  const [first = []] = shapes;
  return first.map((d, i) => {
    if (i === axis) return shapes.reduce<Dim>((n, s) => addDims(n, s[i] ?? null), 0);
    // Extents must agree; the most specific one is known.
    const known = shapes.map((s) => s[i] ?? null);
    return known.find((k) => typeof k === "number") ?? known.find((k) => k !== null) ?? d;
  });
}

/** Constant blocks around one stream extend it; a second stream on the time axis cannot be placed. */
function joinTime({ axes, operands }: StreamContext, axis: number): StreamRule {
  const streams = axes.flatMap((a, i) => (a === undefined ? [] : [i]));
  const [at] = streams;
  if (at === undefined || streams.length !== 1) return refuse("timeJoined");
  let before = 0;
  let after = 0;
  let value: number | undefined;
  for (const [i, operand] of operands.entries()) {
    if (i === at) continue;
    const frames = operand?.shape?.[axis];
    if (frames === 0) continue;
    const own = uniformConstant(operand);
    if (typeof frames !== "number" || own === undefined)
      return refuse("timeJoined", { code: "joinNotConstant", index: i });
    if (value !== undefined && value !== own) return refuse("timeJoined", { code: "joinsDiffer" });
    value = own;
    if (i < at) before += frames;
    else after += frames;
  }
  return { kind: "extend", before, after, value: value ?? 0 };
}

function concatStream(given: number, context: StreamContext): StreamRule {
  const { axes, operands } = context;
  const rank = operands.find((o) => o?.shape)?.shape?.length;
  if (rank === undefined) return refuse("shapeUnknown");
  const axis = fromFront(given, rank);
  const times = new Set(axes.filter((a) => a !== undefined));
  const [time] = times;
  if (times.size !== 1 || time === undefined) return refuse("axesDiffer");
  if (time === axis) return joinTime(context, axis);
  const fixed = axes.flatMap((a, i) => (a === undefined && operands[i]?.shape?.[axis] !== 0 ? [i] : []));
  if (fixed.length === 0) return { kind: "perFrame", axis: time };
  const [only] = fixed;
  const block = only === undefined ? undefined : operands[only]?.constant;
  // A block that is the same in every frame can be cut to any number of frames.
  const value = block && fixed.length === 1 ? steadyBlock(block, time) : undefined;
  if (only === undefined || !value) return refuse("timeVaryingConstant", { code: "input", index: only ?? 0 });
  return { kind: "perFrame", axis: time, rewrite: { input: only, constant: value } };
}

/** Frames of a constant that does not vary along `axis`; undefined if it does. */
function steadyBlock(t: Tensor, axis: number): ((frames: number) => Tensor) | undefined {
  const repeat = (frames: number): Tensor | undefined => {
    const dims = t.dims.map((d, i) => (i === axis ? frames : d));
    return moveElements(t, dims, (flat) => {
      const at = coordinates(flat, dims);
      at[axis] = 0;
      return flatIndex(at, t.dims);
    });
  };
  const again = repeat(t.dims[axis] ?? 0);
  if (!again || sizeOf(t.dims) === 0 || again.bytes.some((b, i) => b !== t.bytes[i])) return undefined;
  return (frames) => repeat(frames) ?? t;
}

function foldConcat(operands: readonly (OperandInfo | undefined)[], given: number): Tensor | undefined {
  const parts = operands.map((o) => o?.constant).filter((t) => t !== undefined);
  const [first] = parts;
  if (!first || parts.length !== operands.length || first.dtype === "string") return undefined;
  const axis = fromFront(given, first.dims.length);
  const dims = first.dims.map((d, i) => (i === axis ? parts.reduce((n, p) => n + (p.dims[i] ?? 0), 0) : d));
  // In row-major order a concat interleaves runs: one run per input and outer index.
  const outer = sizeOf(first.dims.slice(0, axis));
  const total = parts.reduce((n, p) => n + p.bytes.byteLength, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const part of parts) {
      const run = part.bytes.byteLength / outer;
      bytes.set(part.bytes.subarray(o * run, (o + 1) * run), at);
      at += run;
    }
  }
  return tensorOf(bytes, dims, first.dtype);
}

const concat = defineOp("Concat", "Joins tensors along one axis.", (attributes, node) => {
  const given = attributes.int("axis", 1);
  return {
    infer(operands) {
      const shapes = operands.map((o) => o?.shape).filter((s) => s !== undefined);
      const dtype = operands.find((o) => o?.dtype)?.dtype;
      const [first] = shapes;
      if (!first) return [inferred(dtype)];
      const axis = fromFront(given, first.length);
      const whole = shapes.length === operands.length ? concatShape(shapes, axis) : undefined;
      const shape = whole ?? first.map((d, i) => (i === axis ? null : d));
      const vectors = first.length === 1 ? operands.map(vectorOf) : [undefined];
      const known = vectors.every((v) => v !== undefined) ? vectors.flat() : undefined;
      return [inferred(dtype, shape, known)];
    },
    stream: (context) => concatStream(given, context),
    quant: { inputs: node.inputs.map(() => "activation" as const), output: "union" },
    isIdentity: (operands) => operands.length === 1,
    fold(operands) {
      const out = foldConcat(operands, given);
      return out && [out];
    },
  };
});

export const concatOps: readonly OpDefinition[] = [concat];
