import { type Graph, makeNode, type Node, type ValueInfo, type ValueName } from "../../ir/graph.ts";
import { applyPatch } from "../../ir/patch.ts";
import { usedBy } from "../../ir/walk.ts";
import {
  activationInputs,
  carriedInputs,
  movesIntegers,
  type NodePolicy,
  quantRuleOf,
} from "../placement.ts";
import type { QuantRule } from "../rule.ts";
import type { QuantParams } from "../scheme.ts";
import { type ConstantSchemes, constantParams } from "./constant-params.ts";
import { QdqWriter } from "./qdq-writer.ts";
import { type CacheEnds, equalParams, spreadParams } from "./spread-params.ts";

export interface QdqOptions extends NodePolicy, ConstantSchemes {
  /** Of the offline graph, from `assignParams`. */
  readonly params: ReadonlyMap<ValueName, QuantParams>;
  readonly caches?: readonly CacheEnds[];
  /** Inputs and outputs that stay float32 (the model's own); other ports of quantized values become integers. */
  readonly floatPorts: ReadonlySet<ValueName>;
  /** Values inside a Scan body are called by their offline name behind this prefix (default: "step."). */
  readonly bodyPrefix?: string;
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
 * - A Scan (per-step values of a whole clip) takes and gives integers, and its body is quantized alike.
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
    const read = new Set([...this.out.nodes.flatMap(usedBy), ...this.graph.outputs.map((o) => o.name)]);
    const patched = applyPatch(this.graph, {
      removeNodes: new Set(this.graph.nodes),
      addNodes: this.out.nodes,
      setInitializers: new Map([...this.out.initializers].filter(([name]) => read.has(name))),
      removeInitializers: new Set([...this.graph.initializers.keys()].filter((name) => !read.has(name))),
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
    const body = scanBodyOf(node);
    if (body) {
      this.scan(node, body);
      return;
    }
    const rule = quantRuleOf(this.options, node);
    if (rule && movesIntegers(rule) && this.canMove(node, rule)) {
      if (rule.floatOnly) this.compute(node, this.floatInputs(node));
      else this.move(node, rule);
    } else if (rule && !movesIntegers(rule) && this.computesInIntegers(node, rule)) {
      this.compute(node, this.quantizedInputs(node, rule));
    } else {
      this.compute(node, this.floatInputs(node));
    }
  }

  private scan(node: Node, body: Graph): void {
    const prefix = this.options.bodyPrefix ?? "step.";
    const inner = new Map([...this.options.params].map(([name, params]) => [prefix + name, params] as const));
    for (const [i, port] of body.inputs.entries()) {
      const params = this.params.get(node.inputs[i] ?? "");
      if (params) inner.set(port.name, params);
      else inner.delete(port.name);
    }
    const keepFloat = new Set([...(this.options.keepFloat ?? [])].map((key) => prefix + key));
    const options = {
      ...this.options,
      params: inner,
      keepFloat,
      caches: [],
      floatPorts: new Set<ValueName>(),
    };
    const quantized = insertQdq(body, options).graph;
    const outputs = node.outputs.map((name) => (this.params.has(name) ? this.integerName(name) : name));
    const inputs = node.inputs.map((name) => (this.params.has(name) ? this.integerName(name) : name));
    const attributes = { ...node.attributes, body: { kind: "graph", value: quantized } as const };
    this.out.nodes.push({ ...node, inputs, outputs, attributes });
    for (const name of node.outputs) this.finishIntegers(name);
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
    for (const name of node.outputs) this.finishIntegers(name);
  }

  /** Records integers that a node wrote, and their float twin if the value has to exist in float. */
  private finishIntegers(name: ValueName): void {
    const params = this.params.get(name);
    if (!params) return;
    this.out.describe(this.integerName(name), name, params.dtype);
    if (this.floatNames.has(name)) this.out.dequantize(this.integerName(name), name, params, name);
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
    const inputScale = this.paramsOf(source).scales[0] ?? 1;
    const constants = constantParams(this.graph, node, rule, inputScale, this.options);
    return node.inputs.map((name, i) => {
      const params = constants.get(i);
      return params
        ? this.out.dequantize(this.out.integers(name, params), name, params)
        : this.floatInput(name);
    });
  }

  /**
   * Inputs of a node that stays float. ONNX Runtime quantizes float weights of a node that stands between
   * DequantizeLinear and QuantizeLinear (its WeightBiasQuantization); a sum of one term in between keeps it from that.
   */
  private floatInputs(node: Node): ValueName[] {
    const roles = this.options.ruleOf(node)?.inputs ?? [];
    const hasWeight = node.inputs.some(
      (name, i) => roles[i] === "weight" && this.graph.initializers.has(name),
    );
    return node.inputs.map((name, i) => {
      const float = this.floatInput(name);
      if (float === name || !hasWeight || roles[i] !== "activation") return float;
      const alone = this.out.fresh(`${name}.alone`);
      this.out.nodes.push(makeNode("Sum", [float], [alone]));
      this.out.describe(alone, name, "float32");
      return alone;
    });
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
}

/** The body of a Scan node; its ports correspond to the node's inputs and outputs by position. */
function scanBodyOf(node: Node): Graph | undefined {
  const body = node.attributes.body;
  return body?.kind === "graph" && "num_scan_inputs" in node.attributes ? body.value : undefined;
}
