import { attributesOf } from "../ir/attributes.ts";
import { sliceAxis } from "../ir/axis.ts";
import { type Attribute, intAttribute, intsAttribute, stringAttribute, type ValueName } from "../ir/graph.ts";
import { numbers, type Tensor } from "../ir/tensor.ts";
import { defineApproximation, type RefusedNode } from "./approximation-rule.ts";
import type { PatchWriter } from "./patch-writer.ts";

/** Inputs of LSTM, GRU and RNN: X [time, batch, features], then weights with one entry per direction. */
const [SEQUENCE_LENGTHS, FIRST_STATE, LAST_STATE] = [4, 5, 6];
/** "To the end" of a Slice. */
const END = 2 ** 31 - 1;

/** A recurrent node that runs backward over time, taken apart. */
interface Backward {
  readonly both: boolean;
  readonly features: number;
  readonly hidden: number;
  /** Weights by input index, one direction each. */
  readonly forward: ReadonlyMap<number, Tensor>;
  readonly backward: ReadonlyMap<number, Tensor>;
  readonly forwardAttributes: Readonly<Record<string, Attribute>>;
  readonly backwardAttributes: Readonly<Record<string, Attribute>>;
}

function backwardOf(refused: RefusedNode): Backward | undefined {
  const { node, inference, reason, axis, source, readers, model } = refused;
  const attributes = attributesOf(node);
  const direction = attributes.string("direction", "forward");
  const hidden = attributes.optionalInt("hidden_size");
  const [batch, features] = [inference.info(source).shape?.[1], inference.info(source).shape?.[2]];
  const finals = node.outputs.slice(1).filter((name) => name !== "");
  const outputs = new Set(model.graph.outputs.map((o) => o.name));
  const fits =
    reason === "timeReversed" &&
    direction !== "forward" &&
    axis === 0 &&
    node.inputs[0] === source &&
    attributes.int("layout", 0) === 0 &&
    (batch === 1 || typeof batch === "string") &&
    !finals.some((name) => readers.has(name) || outputs.has(name)) &&
    !node.inputs[SEQUENCE_LENGTHS];
  if (!fits || hidden === undefined || typeof features !== "number") return undefined;
  const split = splitWeights(refused, direction === "bidirectional");
  const lists = ["activation_alpha", "activation_beta"].some((name) => attributes.has(name));
  if (!split || lists) return undefined;
  const own = (way: string, half: number) => {
    const { activations, ...rest } = node.attributes;
    const names = activations?.kind === "strings" ? activations.value : undefined;
    const each = names && names.length / (direction === "bidirectional" ? 2 : 1);
    const part = names && each !== undefined ? names.slice(half * each, (half + 1) * each) : undefined;
    const kept: Readonly<Record<string, Attribute>> = {
      ...rest,
      direction: stringAttribute(way),
      ...(part && { activations: { kind: "strings", value: part } }),
    };
    return kept;
  };
  const both = direction === "bidirectional";
  return {
    both,
    features,
    hidden,
    ...split,
    forwardAttributes: own("forward", 0),
    backwardAttributes: own("reverse", both ? 1 : 0),
  };
}

/** Weights and states by direction; undefined if one is not constant, or the backward direction starts from other than 0. */
function splitWeights({ node, inference }: RefusedNode, both: boolean) {
  const forward = new Map<number, Tensor>();
  const backward = new Map<number, Tensor>();
  for (const [i, name] of node.inputs.entries()) {
    if (i === 0 || name === "") continue;
    const { constant } = inference.info(name);
    if (!constant) return undefined;
    if (both) forward.set(i, sliceAxis(constant, 0, 0, 1));
    const last = both ? sliceAxis(constant, 0, 1, 2) : constant;
    const isState = i === FIRST_STATE || i === LAST_STATE;
    if (isState && numbers(last).some((x) => x !== 0)) return undefined;
    if (!isState) backward.set(i, last);
  }
  return { forward, backward };
}

function weighted(
  x: ValueName,
  weights: ReadonlyMap<number, Tensor>,
  way: string,
  out: PatchWriter,
): ValueName[] {
  const inputs: ValueName[] = [x];
  for (const [i, tensor] of weights) {
    while (inputs.length <= i) inputs.push("");
    inputs[i] = out.tensor(tensor, `${way}.${i}`);
  }
  return inputs;
}

/** [time, features] → [blocks, block + look-ahead, features]: every block with the frames that follow it. */
function blocksOf(
  x: ValueName,
  features: number,
  { blockFrames, lookAheadFrames }: { readonly blockFrames: number; readonly lookAheadFrames: number },
  out: PatchWriter,
): ValueName {
  const blocks = out.op("Reshape", [x, out.ints([-1, blockFrames, features], "blocks.shape")], "blocks");
  const parts = [blocks];
  for (let next = 1; (next - 1) * blockFrames < lookAheadFrames; next++) {
    const pads = out.ints([0, 0, 0, next, 0, 0], "ahead.pads");
    const longer = out.op("Pad", [blocks, pads], "longer");
    const ahead = sliced(longer, 0, [next, END], out);
    const frames = Math.min(blockFrames, lookAheadFrames - (next - 1) * blockFrames);
    parts.push(frames === blockFrames ? ahead : sliced(ahead, 1, [0, frames], out));
  }
  return parts.length === 1 ? blocks : out.op("Concat", parts, "windows", { axis: intAttribute(1) });
}

function sliced(
  x: ValueName,
  axis: number,
  [from, to]: readonly [number, number],
  out: PatchWriter,
): ValueName {
  const bounds = [out.ints([from], "starts"), out.ints([to], "ends"), out.ints([axis], "axes")];
  return out.op("Slice", [x, ...bounds], "part");
}

function transposed(x: ValueName, perm: readonly number[], out: PatchWriter): ValueName {
  return out.op("Transpose", [x], "turned", { perm: intsAttribute(perm) });
}

/**
 * The forward direction streams as it is. The backward direction starts anew at the end of every block, some frames
 * further ahead, and gives out the block: blocks are sequences of their own, side by side as a batch.
 */
export const chunkedBackward = defineApproximation(
  "chunkedBackward",
  (refused) =>
    backwardOf(refused) ? { kind: "chunkedBackward", blockFrames: 16, lookAheadFrames: 16 } : undefined,
  (refused, counts, out) => {
    const parts = backwardOf(refused);
    if (!parts) return false;
    const { node, source } = refused;
    const [output = ""] = node.outputs;
    out.serve(output);
    const frames = out.op("Squeeze", [source, out.ints([1], "batch")], "frames");
    const windows = transposed(blocksOf(frames, parts.features, counts, out), [1, 0, 2], out);
    const inputs = weighted(windows, parts.backward, "backward", out);
    const all = out.op(node.op, inputs, "backward", parts.backwardAttributes);
    const block = sliced(all, 0, [0, counts.blockFrames], out);
    const rows = transposed(out.op("Squeeze", [block, out.ints([1], "direction")], "rows"), [1, 0, 2], out);
    const joined = out.op("Reshape", [rows, out.ints([-1, parts.hidden], "joined.shape")], "joined");
    const wide = out.op(
      "Unsqueeze",
      [joined, out.ints([1, 2], "axes")],
      "wide",
      {},
      parts.both ? undefined : output,
    );
    if (parts.both) {
      const ahead = weighted(source, parts.forward, "forward", out);
      const forward = out.op(node.op, ahead, "forward", parts.forwardAttributes);
      out.op("Concat", [forward, wide], "", { axis: intAttribute(1) }, output);
    }
    out.remove(node);
    return true;
  },
);
