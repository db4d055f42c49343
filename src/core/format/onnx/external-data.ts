import { fail } from "../../base/problem.ts";
import { dtypeOfElement } from "../../ir/element-types.ts";
import { byteLength, sizeOf } from "../../ir/tensor.ts";
import type { AttributeProto, GraphProto, NodeProto, SparseTensorProto, TensorProto } from "./onnx_pb.ts";
import { plainView } from "./plain-view.ts";

/** TensorProto.DataLocation EXTERNAL. */
const EXTERNAL = 1;

/** What is decoded, and what it takes from elsewhere. */
export interface Source {
  readonly file: Uint8Array;
  /** Contents of external data files by location. */
  readonly externals: ReadonlyMap<string, Uint8Array>;
  /** Locations that were asked for in vain; filled while decoding. */
  readonly missing: Set<string>;
}

/** Whether the tensor's data is still to be fetched. */
export function isExternal(tensor: TensorProto): boolean {
  return tensor.dataLocation === EXTERNAL;
}

/**
 * Puts a view of its file into a tensor that names one; afterwards the record stands alone.
 * A file that is not there goes to `source.missing`. Throws `model.externalRange`.
 */
export function embedTensor(tensor: TensorProto, source: Source): void {
  if (!isExternal(tensor)) return;
  const location = entry(tensor, "location") ?? "";
  const data = source.externals.get(location);
  if (!data) {
    source.missing.add(location);
    return;
  }
  const dtype = dtypeOfElement(tensor.dataType);
  const needBytes = dtype ? byteLength(dtype, sizeOf(tensor.dims.map(Number))) : 0;
  const offset = wholeNumber(tensor, "offset") ?? 0;
  const length = wholeNumber(tensor, "length") ?? needBytes;
  const most = Math.max(needBytes, length);
  const haveBytes = Math.min(length, Math.max(0, data.length - offset));
  if (haveBytes < most) {
    fail({ code: "model.externalRange", file: location, tensor: tensor.name, needBytes: most, haveBytes });
  }
  tensor.rawData = plainView(data).subarray(offset, offset + length);
  tensor.externalData = [];
  tensor.dataLocation = 0;
}

function entry(tensor: TensorProto, key: string): string | undefined {
  return tensor.externalData.find((e) => e.key === key)?.value;
}

function wholeNumber(tensor: TensorProto, key: string): number | undefined {
  const text = entry(tensor, key);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  return fail({
    code: "model.malformed",
    offset: 0,
    what: { code: "externalEntry", name: tensor.name, key, value: text },
  });
}

/** Fetches the data of all tensors in the attributes of nodes, subgraphs included. */
export function embedNodes(nodes: readonly NodeProto[], source: Source): void {
  for (const node of nodes) if (node.attribute.length > 0) embedAttributes(node.attribute, source);
}

export function embedAttributes(attributes: readonly AttributeProto[], source: Source): void {
  for (const attribute of attributes) {
    if (attribute.t) embedTensor(attribute.t, source);
    for (const tensor of attribute.tensors) embedTensor(tensor, source);
    if (attribute.g) embedGraph(attribute.g, source);
    for (const graph of attribute.graphs) embedGraph(graph, source);
    if (attribute.sparseTensor) embedSparse(attribute.sparseTensor, source);
    for (const sparse of attribute.sparseTensors) embedSparse(sparse, source);
  }
}

export function embedSparse(sparse: SparseTensorProto, source: Source): void {
  if (sparse.values) embedTensor(sparse.values, source);
  if (sparse.indices) embedTensor(sparse.indices, source);
}

export function embedGraph(graph: GraphProto, source: Source): void {
  for (const tensor of graph.initializer) embedTensor(tensor, source);
  for (const sparse of graph.sparseInitializer) embedSparse(sparse, source);
  embedNodes(graph.node, source);
}
