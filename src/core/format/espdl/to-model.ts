import type { Model, Node, ValueInfo, ValueName } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { EspdlModel } from "./espdl-model.ts";
import { logicalWeights } from "./logical-weights.ts";

/**
 * Domain of the nodes: their operators are named as in ONNX but read [N, W, C] and [N, H, W, C], integers with
 * exponents, and states of their own, so that no ONNX rule holds for them.
 */
export const ESPDL_DOMAIN = "esp-dl";

/** `extra` of a value and of a tensor that came from an `.espdl` file. */
export interface EspdlExtra {
  /** One, or one per output channel; the real number is the integer × 2^exponent. */
  readonly exponents: readonly number[];
  /** Of a weight: the axis that several exponents run along. */
  readonly channelAxis?: number;
}

/**
 * The model as a graph to look at: nodes in the domain "esp-dl", shapes as declared in the file, weights unpacked into ONNX order,
 * exponents in the `extra` of values and tensors (`exponentsOf`). Throws what `logicalWeights` throws.
 */
export function espdlToModel(model: EspdlModel): Model {
  const { graph } = model;
  const values = new Map<ValueName, ValueInfo>();
  for (const { name, dtype, shape, exponents } of graph.values.values()) {
    values.set(name, { name, dtype, shape, extra: { exponents } satisfies EspdlExtra });
  }
  const port = (name: ValueName): ValueInfo => values.get(name) ?? { name };
  const ports = new Set([...graph.inputs, ...graph.outputs]);
  const initializers = new Map<ValueName, Tensor>();
  for (const { name, tensor, exponents, channelAxis } of logicalWeights(model).values()) {
    initializers.set(name, { ...tensor, extra: { exponents, channelAxis } satisfies EspdlExtra });
  }
  return {
    irVersion: model.irVersion,
    opsets: new Map([[ESPDL_DOMAIN, 1]]),
    producer: model.producer,
    metadata: model.metadata,
    functions: [],
    graph: {
      name: graph.name,
      inputs: graph.inputs.map(port),
      outputs: graph.outputs.map(port),
      initializers,
      nodes: graph.nodes.map((node): Node => ({ ...node, domain: ESPDL_DOMAIN })),
      values: new Map([...values].filter(([name]) => !ports.has(name))),
    },
  };
}

/** The axis that several exponents of a weight of such a graph run along. */
export function exponentAxisOf(record: { readonly extra?: object }): number | undefined {
  const extra: Partial<EspdlExtra> | undefined = record.extra;
  return extra?.channelAxis;
}

/** Exponents of a value or tensor of such a graph; undefined where the record has none. */
export function exponentsOf(record: { readonly extra?: object } | undefined): readonly number[] | undefined {
  const extra: Partial<EspdlExtra> | undefined = record?.extra;
  return Array.isArray(extra?.exponents) ? extra.exponents : undefined;
}
