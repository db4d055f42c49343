import { attributesOf } from "../ir/attributes.ts";
import { floatAttribute, type Node, type ValueName } from "../ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../ir/tensor.ts";
import { producersOf } from "../ir/walk.ts";
import { type Affine, affineOf } from "./norm-affine.ts";
import { countUses, freshNames, type Pass, type PassContext } from "./pass.ts";

/**
 * Folds a BatchNormalization into the Conv, ConvTranspose or Gemm before it. Factors are computed in double and every
 * new weight and bias is rounded to float32 once: W' = W·γ/√(σ²+ε), b' = (b − μ)·γ/√(σ²+ε) + β.
 */
export const foldBatchNorm: Pass = {
  name: "fold-batch-norm",
  needs: ["BatchNormalization"],
  run(context) {
    const { model } = context;
    const producers = producersOf(model.graph);
    const uses = countUses(model);
    const fresh = freshNames(model);
    const removeNodes = new Set<Node>();
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const norm of model.graph.nodes) {
      const [x = ""] = norm.inputs;
      const producer = producers.get(x);
      if (norm.op !== "BatchNormalization" || norm.domain !== "" || !producer || uses.get(x) !== 1) continue;
      if (replaceNodes.has(producer)) continue;
      const affine = affineOf(norm, context);
      const folded = affine && foldInto(producer, affine, context);
      if (!folded) continue;
      const [, oldWeight = "", oldBias] = producer.inputs;
      const weight = uses.get(oldWeight) === 1 ? oldWeight : fresh(`${oldWeight}.folded`);
      const reuseBias = oldBias && uses.get(oldBias) === 1;
      const bias = reuseBias ? oldBias : fresh(`${norm.outputs[0]}.bias`);
      setInitializers.set(weight, folded.weight).set(bias, folded.bias);
      removeNodes.add(norm);
      replaceNodes.set(producer, {
        ...producer,
        inputs: [producer.inputs[0] ?? "", weight, bias],
        outputs: [norm.outputs[0] ?? ""],
        attributes: folded.attributes,
      });
    }
    return replaceNodes.size === 0 ? undefined : { removeNodes, replaceNodes, setInitializers };
  },
};

function float32(context: PassContext, name: ValueName | undefined): Float32Array | undefined {
  const t = name ? context.inference.info(name).constant : undefined;
  return t?.dtype === "float32" ? floats(t) : undefined;
}

interface Folded {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly attributes: Node["attributes"];
}

function foldInto(node: Node, affine: Affine, context: PassContext): Folded | undefined {
  const attributes = attributesOf(node);
  const tensor = context.inference.info(node.inputs[1] ?? "").constant;
  const weight = float32(context, node.inputs[1]);
  const bias = node.inputs[2] ? float32(context, node.inputs[2]) : new Float32Array(1);
  const channels = affine.factor.length;
  const channelOf = tensor && node.domain === "" ? channelIndex(node, tensor.dims, channels) : undefined;
  if (!tensor || !weight || !bias || !channelOf) return undefined;
  if (bias.length !== 1 && bias.length !== channels) return undefined;
  const isGemm = node.op === "Gemm";
  // Gemm scales its product and its bias by attributes; the bias takes its factor along, the product keeps alpha.
  const biasScale = isGemm ? attributes.float("beta", 1) : 1;
  const scaled = weight.map((w, i) => w * (affine.factor[channelOf(i)] ?? 0));
  const shifted = Array.from({ length: channels }, (_, c) =>
    affine.shift(c, biasScale * (bias[bias.length === 1 ? 0 : c] ?? 0)),
  );
  return {
    weight: floatTensor(scaled, tensor.dims),
    bias: floatTensor(shifted, [channels]),
    attributes: isGemm ? { ...node.attributes, beta: floatAttribute(1) } : node.attributes,
  };
}

/** Output channel of a flat weight index. */
function channelIndex(
  node: Node,
  dims: readonly number[],
  channels: number,
): ((flat: number) => number) | undefined {
  const attributes = attributesOf(node);
  const [d0 = 0, d1 = 0] = dims;
  const kernel = dims.slice(2).reduce((n, d) => n * d, 1);
  if (node.op === "Conv") return d0 === channels ? (i) => Math.floor(i / (d1 * kernel)) : undefined;
  if (node.op === "ConvTranspose") {
    const group = attributes.int("group", 1);
    if (d1 * group !== channels) return undefined;
    return (i) => {
      const input = Math.floor(i / (d1 * kernel));
      return Math.floor(input / (d0 / group)) * d1 + (Math.floor(i / kernel) % d1);
    };
  }
  if (node.op !== "Gemm" || dims.length !== 2) return undefined;
  if (attributes.int("transB", 0) !== 0) return d0 === channels ? (i) => Math.floor(i / d1) : undefined;
  return d1 === channels ? (i) => i % d1 : undefined;
}
