import { attributesOf } from "../ir/attributes.ts";
import { type Attribute, intAttribute, intsAttribute, type Node } from "../ir/graph.ts";
import { producersOf } from "../ir/walk.ts";
import { padPairs, padValue } from "../ops/pad.ts";
import { fromFront, knownDims } from "../ops/rules/operand.ts";
import { uniformConstant } from "../ops/rules/time.ts";
import { windowOf } from "../ops/rules/window.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import type { Pass } from "./pass.ts";

/** Entries of one value that a node puts around another value. */
interface Surround {
  readonly value: number;
  readonly source: string;
  /** Per spatial axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Pads up to here are below every float32 that a network computes; MaxPool pads with the lowest value itself. */
const LOWEST_FLOAT32 = -3.4028234663852886e38;

/**
 * Moves constant padding into the window operator behind it: a Pad, or a Concat of constant blocks (a common spelling
 * of causality), in front of Conv, ConvTranspose, MaxPool or AveragePool.
 */
export const foldPad: Pass = {
  name: "fold-pad",
  needs: ["Pad", "Concat"],
  run({ model, inference }) {
    const producers = producersOf(model.graph);
    const replaceNodes = new Map<Node, Node>();
    for (const node of model.graph.nodes) {
      const producer = producers.get(node.inputs[0] ?? "");
      if (producer?.domain !== "" || node.domain !== "" || replaceNodes.has(producer)) continue;
      const around = surroundOf(producer, inference);
      const attributes = around && absorbed(node, around, inference);
      if (!around || !attributes) continue;
      replaceNodes.set(node, { ...node, inputs: [around.source, ...node.inputs.slice(1)], attributes });
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes };
  },
};

function surroundOf(node: Node, inference: InferenceResult): Surround | undefined {
  const operands = node.inputs.map((name) => (name ? inference.info(name) : undefined));
  const rank = inference.info(node.outputs[0] ?? "").shape?.length;
  if (rank === undefined) return undefined;
  if (node.op === "Concat") return concatSurround(node, inference, rank);
  const attributes = attributesOf(node);
  if (node.op !== "Pad" || attributes.string("mode", "constant") !== "constant") return undefined;
  const pairs = padPairs(attributes, operands);
  const value = padValue(attributes, operands);
  if (!pairs || value === undefined) return undefined;
  if (pairs.slice(0, 2).some(([b, a]) => b !== 0 || a !== 0)) return undefined;
  const before = knownDims(pairs.slice(2).map((p) => p[0]));
  const after = knownDims(pairs.slice(2).map((p) => p[1]));
  if (!before || !after || [...before, ...after].some((p) => p < 0)) return undefined;
  return { value, source: node.inputs[0] ?? "", before, after };
}

function concatSurround(node: Node, inference: InferenceResult, rank: number): Surround | undefined {
  const axis = fromFront(attributesOf(node).int("axis", 1), rank);
  const moving = node.inputs.filter((name) => inference.info(name).constant === undefined);
  const [source] = moving;
  if (axis < 2 || source === undefined || moving.length !== 1) return undefined;
  const at = node.inputs.indexOf(source);
  const before = new Array<number>(rank - 2).fill(0);
  const after = new Array<number>(rank - 2).fill(0);
  for (const [i, name] of node.inputs.entries()) {
    const block = inference.info(name);
    if (i === at) continue;
    // Blocks must be zeros: the only constant that a Conv or a counted average can pad with.
    if (uniformConstant(block) !== 0) return undefined;
    const side = i < at ? before : after;
    side[axis - 2] = (side[axis - 2] ?? 0) + Number(block.shape?.[axis]);
  }
  return { value: 0, source, before, after };
}

/** A ConvTranspose spreads zeros over frames that it crops anyway: of those, it then crops so many fewer. */
function cropped(
  node: Node,
  { value, before, after }: Surround,
  strides: readonly number[],
  own: readonly number[],
): Readonly<Record<string, Attribute>> | undefined {
  const rank = strides.length;
  const pads = [...before, ...after].map((p, i) => (own[i] ?? 0) - p * (strides[i % rank] ?? 1));
  const { auto_pad: _, output_shape, ...rest } = node.attributes;
  if (value !== 0 || output_shape || pads.some((p) => p < 0)) return undefined;
  return { ...rest, pads: intsAttribute(pads) };
}

/** The window operator's attributes with the surround inside; undefined if that would change the result. */
function absorbed(
  node: Node,
  around: Surround,
  inference: InferenceResult,
): Readonly<Record<string, Attribute>> | undefined {
  const attributes = attributesOf(node);
  const weight = inference.info(node.inputs[1] ?? "").shape;
  const kernel = attributes.optionalInts("kernel_shape") ?? knownDims(weight?.slice(2));
  if (!kernel || kernel.length !== around.before.length) return undefined;
  const w = windowOf(attributes, kernel);
  if (w.autoPad === "SAME_UPPER" || w.autoPad === "SAME_LOWER") return undefined;
  const own = w.autoPad === "VALID" ? w.pads.map(() => 0) : w.pads;
  if (node.op === "ConvTranspose") return cropped(node, around, w.strides, own);
  const pads = [...around.before, ...around.after].map((p, i) => p + (own[i] ?? 0));
  const { auto_pad: _, ...rest } = node.attributes;
  const next: Record<string, Attribute> = { ...rest, pads: intsAttribute(pads) };
  if (node.op === "Conv") return around.value === 0 ? next : undefined;
  // onnxruntime refuses pools whose padding reaches the kernel's size.
  if (w.ceil || pads.some((p, i) => p >= (kernel[i % kernel.length] ?? 0))) return undefined;
  if (node.op === "MaxPool") {
    return around.value <= LOWEST_FLOAT32 && !node.outputs[1] ? next : undefined;
  }
  if (node.op !== "AveragePool" || around.value !== 0) return undefined;
  // The Pad's zeros count in the mean; the pool's own padding must count too, or not exist.
  const counts = attributes.int("count_include_pad", 0) !== 0;
  if (!counts && own.some((p) => p !== 0)) return undefined;
  return { ...next, count_include_pad: intAttribute(1) };
}
