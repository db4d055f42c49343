import { fail } from "../../base/problem.ts";
import { attributesOf } from "../../ir/attributes.ts";
import type { ValueName } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { EspdlGraph, EspdlModel, EspdlNode, EspdlTensor } from "./espdl-model.ts";
import { type FilterLayout, FilterShapeError, unpackFilter } from "./filter-packing.ts";

/** An initializer in ONNX order. Filters are unpacked; everything else is as in the file. */
export interface LogicalWeight {
  readonly name: ValueName;
  /** int8 or int16 for filters: Conv [N, C, …kernel], Gemm [C, N], MatMul […, C, N]. A scalar keeps its dims. */
  readonly tensor: Tensor;
  /** One, or one per output channel N. */
  readonly exponents: readonly number[];
  /** Axis of `tensor` that N runs along, for several exponents: 0 for Conv and biases, the last for Gemm and MatMul. */
  readonly channelAxis: number;
  /** How the file orders a filter; undefined for what is no filter. */
  readonly layout: FilterLayout | undefined;
}

/**
 * All initializers of a model in ONNX order, by name, in the order of the file (tables included). The byte order of a
 * filter follows from its label, else from the other filters' labels, else from the metadata entry `target`.
 * Throws `espdl.invalid` where the dims of a filter do not fit its node, or its byte order cannot be known.
 */
export function logicalWeights(model: EspdlModel): Map<ValueName, LogicalWeight> {
  const { graph } = model;
  const filters = filterNodes(graph);
  const fallback = blocksOf(model);
  const weights = new Map<ValueName, LogicalWeight>();
  for (const [name, stored] of graph.initializers) {
    const node = filters.get(name);
    weights.set(name, node ? filterWeight(stored, node, fallback) : plainWeight(stored));
  }
  return weights;
}

function plainWeight({ name, dtype, dims, bytes, exponents }: EspdlTensor): LogicalWeight {
  return { name, tensor: { dtype, dims, bytes }, exponents, channelAxis: 0, layout: undefined };
}

function filterWeight(stored: EspdlTensor, node: EspdlNode, blocked: boolean | undefined): LogicalWeight {
  const { name, dtype, dims, bytes, exponents } = stored;
  const grouped = blocksOfLabel(stored.layout) ?? blocked;
  if (grouped === undefined) return fail({ code: "espdl.invalid", where: name, what: { code: "byteOrder" } });
  const kind = kindOf(node);
  const layout: FilterLayout = { kind, block: !grouped ? 0 : dtype === "int16" ? 8 : 16 };
  const channelAxis = kind === "dense" || kind === "depthwise" ? 0 : Math.max(0, dims.length - 1);
  try {
    const tensor = unpackFilter(layout, { dtype, dims, bytes });
    return { name, tensor, exponents, channelAxis: kind === "gemm" ? 1 : channelAxis, layout };
  } catch (error) {
    if (error instanceof FilterShapeError) fail({ code: "espdl.invalid", where: name, what: error.detail });
    throw error;
  }
}

function kindOf(node: EspdlNode): FilterLayout["kind"] {
  if (node.op === "Gemm") return "gemm";
  if (node.op === "MatMul") return "matmul";
  return attributesOf(node).int("group", 1) > 1 ? "depthwise" : "dense";
}

/** Integer initializers that a Conv, Gemm or MatMul reads as its second input, and that node. */
function filterNodes({ nodes, initializers }: EspdlGraph): Map<ValueName, EspdlNode> {
  const readers = new Map<ValueName, EspdlNode>();
  for (const node of nodes) {
    const name = node.inputs[1] ?? "";
    const dtype = initializers.get(name)?.dtype;
    const integer = dtype === "int8" || dtype === "int16";
    if (integer && (node.op === "Conv" || node.op === "Gemm" || node.op === "MatMul"))
      readers.set(name, node);
  }
  return readers;
}

/** Whether the file groups output channels, where a label or the target says so. */
export function blocksOf({ graph, metadata }: EspdlModel): boolean | undefined {
  for (const { layout } of graph.initializers.values()) {
    const grouped = blocksOfLabel(layout);
    if (grouped !== undefined) return grouped;
  }
  const target = metadata.get("target");
  return target === undefined ? undefined : VECTOR_TARGETS.has(target);
}

const VECTOR_TARGETS: ReadonlySet<string> = new Set(["esp32s3", "esp32p4", "esp32s31"]);

function blocksOfLabel(label: string): boolean | undefined {
  if (/^\(N\/(16|8)\)|^N(16|8)H?WC/.test(label)) return true;
  return /^(NHWC|NWC|HWCN|WCN)$/.test(label) ? false : undefined;
}
