import {
  type Graph,
  intAttribute,
  makeNode,
  type Node,
  type ValueInfo,
  type ValueName,
} from "../../ir/graph.ts";
import { floatTensor, type Tensor, tensorOf } from "../../ir/tensor.ts";
import { infoOf } from "../../ir/walk.ts";
import { quantizeTensor } from "../quantize-tensor.ts";
import type { QuantParams } from "../scheme.ts";

/** Collects the nodes, constants and value records of a quantized graph. Names never collide with the source graph's. */
export class QdqWriter {
  readonly nodes: Node[] = [];
  readonly initializers: Map<ValueName, Tensor>;
  readonly values: Map<ValueName, ValueInfo>;
  private readonly infoOfSource: (name: ValueName) => ValueInfo | undefined;
  private readonly taken: Set<ValueName>;
  /** Parameters as text → names of scale and zero point. */
  private readonly paramNames = new Map<string, readonly [ValueName, ValueName]>();
  /** Constant and parameters as text → name of its integers. */
  private readonly constants = new Map<string, ValueName>();

  constructor(graph: Graph) {
    this.initializers = new Map(graph.initializers);
    this.values = new Map(graph.values);
    this.infoOfSource = infoOf(graph);
    this.taken = new Set([
      ...graph.inputs.map((v) => v.name),
      ...graph.initializers.keys(),
      ...graph.nodes.flatMap((node) => node.outputs),
    ]);
  }

  /** A name that nothing has yet. */
  fresh(base: ValueName): ValueName {
    let name = base;
    for (let i = 1; this.taken.has(name); i++) name = `${base}.${i}`;
    this.taken.add(name);
    return name;
  }

  /** Writes `to` = QuantizeLinear(`from`); both describe the value `like`. */
  quantize(from: ValueName, to: ValueName, like: ValueName, params: QuantParams): void {
    this.nodes.push(
      makeNode("QuantizeLinear", [from, ...this.paramInputs(like, params)], [to], axisAttribute(params)),
    );
    this.describe(to, like, params.dtype);
  }

  /** Writes DequantizeLinear(`from`) under `to`, or under a fresh name. */
  dequantize(
    from: ValueName,
    like: ValueName,
    params: QuantParams,
    to = this.fresh(`${like}.dequantized`),
  ): ValueName {
    const inputs = [from, ...this.paramInputs(like, params)];
    this.nodes.push(makeNode("DequantizeLinear", inputs, [to], axisAttribute(params)));
    this.describe(to, like, "float32");
    return to;
  }

  /** Name of the integers of a float32 constant; equal requests share one. */
  integers(constant: ValueName, params: QuantParams): ValueName {
    const key = JSON.stringify([constant, params]);
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const tensor = this.initializers.get(constant);
    if (!tensor) throw new Error(`${constant} is not constant`);
    const name = this.fresh(`${constant}.quantized`);
    this.initializers.set(name, quantizeTensor(tensor, params));
    this.constants.set(key, name);
    return name;
  }

  /** Records that `name` has the shape of `like`, with the dtype given. */
  describe(name: ValueName, like: ValueName, dtype: ValueInfo["dtype"]): void {
    const shape = this.infoOfSource(like)?.shape;
    this.values.set(name, { name, ...(dtype && { dtype }), ...(shape && { shape }) });
  }

  private paramInputs(like: ValueName, params: QuantParams): readonly [ValueName, ValueName] {
    const { dtype, scales, zeroPoints, axis } = params;
    const key = JSON.stringify([dtype, scales, zeroPoints, axis !== undefined]);
    const known = this.paramNames.get(key);
    if (known) return known;
    const dims = axis === undefined ? [] : [scales.length];
    const names = [this.fresh(`${like}.scale`), this.fresh(`${like}.zero_point`)] as const;
    this.initializers.set(names[0], floatTensor(scales, dims));
    this.initializers.set(names[1], zeroPointTensor(dtype, zeroPoints, dims));
    this.paramNames.set(key, names);
    return names;
  }
}

function axisAttribute(params: QuantParams): Node["attributes"] {
  return params.axis === undefined ? {} : { axis: intAttribute(params.axis) };
}

function zeroPointTensor(
  dtype: QuantParams["dtype"],
  values: readonly number[],
  dims: readonly number[],
): Tensor {
  switch (dtype) {
    case "int8":
      return tensorOf(Int8Array.from(values), dims);
    case "uint8":
      return tensorOf(Uint8Array.from(values), dims);
    case "int16":
      return tensorOf(Int16Array.from(values), dims);
    case "int32":
      return tensorOf(Int32Array.from(values), dims);
    default:
      return dtype satisfies never;
  }
}
