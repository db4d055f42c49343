import { attributesOf } from "../../ir/attributes.ts";
import type { Graph, Node, ValueInfo, ValueName } from "../../ir/graph.ts";
import { applyPatch } from "../../ir/patch.ts";
import { floats, type Tensor } from "../../ir/tensor.ts";
import { usedBy } from "../../ir/walk.ts";
import { statisticOf } from "../observe.ts";
import { paramsFor } from "../params.ts";
import {
  activationInputs,
  carriedInputs,
  movesIntegers,
  type NodePolicy,
  quantRuleOf,
} from "../placement.ts";
import { biasParams, smallestWeightScales, weightParams } from "../quantize-tensor.ts";
import type { QuantRule } from "../rule.ts";
import type { QuantParams, Scheme } from "../scheme.ts";
import { solveMinMax } from "../solve-minmax.ts";
import { QdqWriter } from "./qdq-writer.ts";
import { type CacheEnds, equalParams, spreadParams } from "./spread-params.ts";

export interface QdqOptions extends NodePolicy {
  /** Of the offline graph, from `assignParams`. */
  readonly params: ReadonlyMap<ValueName, QuantParams>;
  readonly activations: Scheme;
  readonly weights: Scheme;
  readonly caches?: readonly CacheEnds[];
  /** Inputs and outputs that stay float32 (the model's own); other ports of quantized values become integers. */
  readonly floatPorts: ReadonlySet<ValueName>;
}

export interface QuantizedGraph {
  readonly graph: Graph;
  /** Value of the float graph → the tensor that holds its integers, and how to read them. */
  readonly quantized: ReadonlyMap<ValueName, { readonly name: ValueName; readonly params: QuantParams }>;
}

/**
 * The graph in QDQ form, for opset ≥ 13 (per-channel parameters). Integers keep their value's name; the float twin of
 * a port that stays float keeps the name instead and its integers are called `<value>.quantized`.
 *
 * - QuantizeLinear right after the producer, one DequantizeLinear per consumer.
 * - Weights as int8 constants, biases as int32 constants with scale = scale(input) · scale(weight), each behind a
 *   DequantizeLinear.
 * - Movement and joining ops run on integers; so caches go in and out as integers, and their windows are never
 *   dequantized and quantized again.
 */
export function insertQdq(graph: Graph, options: QdqOptions): QuantizedGraph {
  return new Insertion(graph, options).run();
}

class Insertion {
  private readonly graph: Graph;
  private readonly options: QdqOptions;
  private readonly out: QdqWriter;
  private readonly params: ReadonlyMap<ValueName, QuantParams>;
  /** Values that keep their name in float. */
  private readonly floatNames: ReadonlySet<ValueName>;
  private readonly integerNames = new Map<ValueName, ValueName>();

  constructor(graph: Graph, options: QdqOptions) {
    this.graph = graph;
    this.options = options;
    this.out = new QdqWriter(graph);
    this.params = spreadParams(graph, options.params, options.caches ?? [], options);
    const captured = graph.nodes.flatMap((node) => {
      const inputs = new Set(node.inputs);
      return usedBy(node).filter((name) => !inputs.has(name));
    });
    this.floatNames = new Set([...options.floatPorts, ...captured]);
  }

  run(): QuantizedGraph {
    for (const { name } of this.graph.inputs) {
      const params = this.params.get(name);
      if (params && this.floatNames.has(name)) this.out.quantize(name, this.integerName(name), name, params);
    }
    for (const node of this.graph.nodes) this.write(node);
    const patched = applyPatch(this.graph, {
      removeNodes: new Set(this.graph.nodes),
      addNodes: this.out.nodes,
      setInitializers: this.out.initializers,
      removeInitializers: this.unread(),
      setValues: this.out.values,
      inputs: this.graph.inputs.map((port) => this.port(port)),
      outputs: this.graph.outputs.map((port) => this.port(port)),
    });
    const quantized = new Map(
      [...this.params].map(([value, params]) => [value, { name: this.integerName(value), params }] as const),
    );
    return { graph: patched, quantized };
  }

  private write(node: Node): void {
    const rule = quantRuleOf(this.options, node);
    if (rule && movesIntegers(rule) && this.canMove(node, rule)) {
      if (rule.floatOnly)
        this.compute(
          node,
          node.inputs.map((name) => this.floatInput(name)),
        );
      else this.move(node, rule);
    } else if (rule && !movesIntegers(rule) && this.computesInIntegers(node, rule)) {
      this.compute(node, this.quantizedInputs(node, rule));
    } else {
      this.compute(
        node,
        node.inputs.map((name) => this.floatInput(name)),
      );
    }
  }

  private canMove(node: Node, rule: QuantRule): boolean {
    const own = this.params.get(node.outputs.find((o) => o !== "") ?? "");
    if (!own) return false;
    const inputs = carriedInputs(this.graph, node, rule).map((name) => this.params.get(name));
    return inputs.every((p) => p !== undefined && equalParams(p, own));
  }

  /** Every activation of the node comes quantized: its constants are worth quantizing too. */
  private computesInIntegers(node: Node, rule: QuantRule): boolean {
    const inputs = activationInputs(this.graph, node, rule);
    return inputs.length > 0 && inputs.every((name) => this.params.has(name));
  }

  /** Runs the node on integers. */
  private move(node: Node, rule: QuantRule): void {
    const own = this.paramsOf(node.outputs.find((o) => o !== "") ?? "");
    const inputs = node.inputs.map((name, i) => {
      if (rule.inputs[i] !== "activation" || name === "") return name;
      if (this.graph.initializers.get(name)?.dtype === "float32") return this.out.integers(name, own);
      return this.params.has(name) ? this.integerName(name) : name;
    });
    const outputs = node.outputs.map((name) => (name === "" ? name : this.integerName(name)));
    this.out.nodes.push({ ...node, inputs, outputs });
    for (const name of node.outputs) {
      if (name === "") continue;
      this.out.describe(this.integerName(name), name, own.dtype);
      if (this.floatNames.has(name)) this.out.dequantize(this.integerName(name), name, own, name);
    }
  }

  /** Runs the node in float on the inputs given, and quantizes those of its outputs that have parameters. */
  private compute(node: Node, inputs: readonly ValueName[]): void {
    const quantizing: (() => void)[] = [];
    const outputs = node.outputs.map((name) => {
      const params = this.params.get(name);
      if (!params) return name;
      const float = this.out.fresh(`${name}.float`);
      this.out.describe(float, name, "float32");
      quantizing.push(() => {
        this.out.quantize(float, this.integerName(name), name, params);
        if (this.floatNames.has(name)) this.out.dequantize(this.integerName(name), name, params, name);
      });
      return float;
    });
    this.out.nodes.push({ ...node, inputs, outputs });
    for (const write of quantizing) write();
  }

  /** The float tensor to read for a value: behind its own DequantizeLinear if it is quantized. */
  private floatInput(name: ValueName): ValueName {
    const params = this.params.get(name);
    return params ? this.out.dequantize(this.integerName(name), name, params) : name;
  }

  private quantizedInputs(node: Node, rule: QuantRule): ValueName[] {
    const [source = ""] = activationInputs(this.graph, node, rule);
    const weight = this.weightOf(node, rule, source);
    return node.inputs.map((name, i) => {
      const tensor = this.graph.initializers.get(name);
      if (!tensor) return this.floatInput(name);
      if (tensor.dtype !== "float32") return name;
      switch (rule.inputs[i]) {
        case "activation":
          return this.constant(name, this.constantParams(tensor));
        case "weight":
          return weight?.name === name ? this.constant(name, weight.params) : name;
        case "bias":
          return weight?.bias?.name === name ? this.constant(name, weight.bias.params) : name;
        default:
          return name;
      }
    });
  }

  /** Parameters of a node's constant weight and of the bias that goes with it. */
  private weightOf(node: Node, rule: QuantRule, source: ValueName) {
    const name = node.inputs[rule.inputs.indexOf("weight")] ?? "";
    const tensor = this.graph.initializers.get(name);
    const inputScale = this.params.get(source)?.scales[0];
    if (tensor?.dtype !== "float32" || inputScale === undefined) return undefined;
    const bias = this.biasOf(node, rule);
    const axis =
      rule.channelAxis === undefined
        ? undefined
        : (rule.channelAxis + tensor.dims.length) % tensor.dims.length;
    const scheme: Scheme =
      axis === undefined ? { ...this.options.weights, granularity: "tensor" } : this.options.weights;
    const channels = axis === undefined ? 1 : (tensor.dims[axis] ?? 1);
    // A grouped ConvTranspose shares a weight channel between groups: its bias channels repeat the weight's.
    const fits = bias !== undefined && (bias.tensor.dims[0] ?? 0) % channels === 0;
    const least = fits ? leastPerChannel(smallestWeightScales(bias.tensor, inputScale), channels) : [];
    const params = weightParams(tensor, axis ?? 0, scheme, least);
    if (!fits) return { name, params };
    const scales = Array.from(
      { length: bias.tensor.dims[0] ?? 0 },
      (_, c) => params.scales[c % params.scales.length] ?? 1,
    );
    return {
      name,
      params,
      bias: {
        name: bias.name,
        params: biasParams(inputScale, params.axis === undefined ? params.scales : scales),
      },
    };
  }

  /** A bias that an integer accumulator can start from: one constant number per channel, not scaled by the op. */
  private biasOf(node: Node, rule: QuantRule): { name: ValueName; tensor: Tensor } | undefined {
    const name = node.inputs[rule.inputs.indexOf("bias")] ?? "";
    const tensor = this.graph.initializers.get(name);
    const attributes = attributesOf(node);
    const scaled = attributes.float("alpha", 1) !== 1 || attributes.float("beta", 1) !== 1;
    return tensor?.dtype === "float32" && tensor.dims.length === 1 && !scaled ? { name, tensor } : undefined;
  }

  private constantParams(tensor: Tensor): QuantParams {
    const range = solveMinMax(statisticOf(floats(tensor)), this.options.activations);
    return paramsFor(range, this.options.activations, "int8");
  }

  private constant(name: ValueName, params: QuantParams): ValueName {
    return this.out.dequantize(this.out.integers(name, params), name, params);
  }

  private paramsOf(name: ValueName): QuantParams {
    const params = this.params.get(name);
    if (!params) throw new Error(`${name} has no parameters`);
    return params;
  }

  private integerName(name: ValueName): ValueName {
    if (!this.floatNames.has(name)) return name;
    const known = this.integerNames.get(name);
    if (known !== undefined) return known;
    const made = this.out.fresh(`${name}.quantized`);
    this.integerNames.set(name, made);
    return made;
  }

  private port(port: ValueInfo): ValueInfo {
    const params = this.floatNames.has(port.name) ? undefined : this.params.get(port.name);
    return params ? { ...port, dtype: params.dtype } : port;
  }

  private unread(): ReadonlySet<ValueName> {
    const read = new Set([...this.out.nodes.flatMap(usedBy), ...this.graph.outputs.map((o) => o.name)]);
    return new Set([...this.out.initializers.keys()].filter((name) => !read.has(name)));
  }
}

/** The largest bound of each weight channel over the bias channels that share it. */
function leastPerChannel(bounds: readonly number[], channels: number): number[] {
  const least = new Array<number>(channels).fill(0);
  for (const [i, bound] of bounds.entries()) least[i % channels] = Math.max(least[i % channels] ?? 0, bound);
  return least;
}
