import { attributesOf } from "../../ir/attributes.ts";
import type { Graph, Node, ValueName } from "../../ir/graph.ts";
import { floats, type Tensor } from "../../ir/tensor.ts";
import { statisticOf } from "../observe.ts";
import { paramsFor } from "../params.ts";
import { biasParams, smallestWeightScales, weightParams } from "../quantize-tensor.ts";
import type { QuantRule } from "../rule.ts";
import type { QuantParams, Scheme } from "../scheme.ts";
import { solveMinMax } from "../solve-minmax.ts";

export interface ConstantSchemes {
  readonly activations: Scheme;
  readonly weights: Scheme;
}

/**
 * Parameters of a node's float32 constants, by input index, given the scale of the activation that meets its weight.
 * Weights per channel (as the scheme says); biases at scale(activation)·scale(weight); constants in an activation's
 * place by their own extremes. Constants without an entry stay float.
 */
export function constantParams(
  graph: Graph,
  node: Node,
  rule: QuantRule,
  inputScale: number,
  schemes: ConstantSchemes,
): ReadonlyMap<number, QuantParams> {
  const params = new Map<number, QuantParams>();
  for (const [i, name] of node.inputs.entries()) {
    const tensor = floatConstant(graph, name);
    if (tensor && rule.inputs[i] === "activation") {
      const range = solveMinMax(statisticOf(floats(tensor)), schemes.activations);
      params.set(i, paramsFor(range, schemes.activations, "int8"));
    }
  }
  const weightAt = rule.inputs.indexOf("weight");
  const weight = floatConstant(graph, node.inputs[weightAt]);
  if (!weight) return params;
  const axis = channelAxisOf(rule, weight);
  const scheme: Scheme = axis === undefined ? { ...schemes.weights, granularity: "tensor" } : schemes.weights;
  const channels = scheme.granularity === "channel" ? (weight.dims[axis ?? 0] ?? 1) : 1;
  const bias = biasOf(graph, node, rule, channels);
  const accumulatorScale = inputScale * alphaOf(node);
  const least = bias ? leastPerChannel(smallestWeightScales(bias.tensor, accumulatorScale), channels) : [];
  const weightQuant = weightParams(weight, axis ?? 0, scheme, least);
  params.set(weightAt, weightQuant);
  if (!bias) return params;
  const perBias = Array.from(
    { length: weightQuant.axis === undefined ? 1 : (bias.tensor.dims[0] ?? 1) },
    (_, c) => weightQuant.scales[c % channels] ?? 1,
  );
  params.set(bias.at, biasParams(accumulatorScale, perBias));
  return params;
}

function floatConstant(graph: Graph, name: ValueName | undefined): Tensor | undefined {
  const tensor = graph.initializers.get(name ?? "");
  return tensor?.dtype === "float32" ? tensor : undefined;
}

function channelAxisOf(rule: QuantRule, weight: Tensor): number | undefined {
  const rank = weight.dims.length;
  return rule.channelAxis === undefined || rank === 0 ? undefined : (rule.channelAxis + rank) % rank;
}

/**
 * A bias that an integer accumulator can start from: one constant per channel, added as it is. A grouped ConvTranspose
 * shares a weight channel between its groups, so its bias has a multiple of the weight's channels.
 */
function biasOf(
  graph: Graph,
  node: Node,
  rule: QuantRule,
  channels: number,
): { readonly at: number; readonly tensor: Tensor } | undefined {
  const at = rule.inputs.indexOf("bias");
  const tensor = floatConstant(graph, node.inputs[at]);
  const fits = tensor?.dims.length === 1 && (tensor.dims[0] ?? 0) % channels === 0;
  const asItIs = attributesOf(node).float("beta", 1) === 1 && alphaOf(node) > 0;
  return tensor && fits && asItIs ? { at, tensor } : undefined;
}

/** Factor of the product that a bias is added to (Gemm). */
function alphaOf(node: Node): number {
  return attributesOf(node).float("alpha", 1);
}

/** The largest bound of each weight channel over the bias channels that share it. */
function leastPerChannel(bounds: readonly number[], channels: number): number[] {
  const least = new Array<number>(channels).fill(0);
  for (const [i, bound] of bounds.entries()) least[i % channels] = Math.max(least[i % channels] ?? 0, bound);
  return least;
}
