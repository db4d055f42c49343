import { fail } from "../../base/problem.ts";
import { byteLength, sizeOf } from "../../ir/tensor.ts";
import { plainView } from "./decode-tensor.ts";
import { dtypeOfElement } from "./element-types.ts";
import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  TensorProto,
} from "./onnx_pb.ts";

/** TensorProto.DataLocation EXTERNAL. */
const EXTERNAL = 1;

/** Locations of all external data of a model, each once, in order of first use. */
export function externalLocations(model: ModelProto): string[] {
  const locations = new Set<string>();
  for (const tensor of tensorsOfModel(model)) {
    if (tensor.dataLocation === EXTERNAL) locations.add(entry(tensor, "location") ?? "");
  }
  return [...locations];
}

/**
 * Puts views of `externals` (by location) into every tensor that names one, subgraphs, functions and training graphs
 * included; afterwards the model is whole. Throws `model.externalMissing` with all missing names, `model.externalRange`.
 */
export function resolveExternals(model: ModelProto, externals: ReadonlyMap<string, Uint8Array>): void {
  const missing = new Set<string>();
  for (const tensor of tensorsOfModel(model)) {
    if (tensor.dataLocation !== EXTERNAL) continue;
    const location = entry(tensor, "location") ?? "";
    const data = externals.get(location);
    if (data) resolve(tensor, location, data);
    else missing.add(location);
  }
  if (missing.size > 0) fail({ code: "model.externalMissing", files: [...missing] });
}

function resolve(tensor: TensorProto, location: string, data: Uint8Array): void {
  const dtype = dtypeOfElement(tensor.dataType);
  const needBytes = dtype ? byteLength(dtype, sizeOf(tensor.dims.map(Number))) : 0;
  const offset = wholeNumber(tensor, "offset") ?? 0;
  const length = wholeNumber(tensor, "length") ?? needBytes;
  const haveBytes = Math.min(length, Math.max(0, data.length - offset));
  if (haveBytes < Math.max(needBytes, length)) {
    fail({
      code: "model.externalRange",
      file: location,
      tensor: tensor.name,
      needBytes: Math.max(needBytes, length),
      haveBytes,
    });
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
  return fail({ code: "model.malformed", offset: 0, what: `tensor ${tensor.name}: ${key} ${text}` });
}

function* tensorsOfModel(model: ModelProto): Generator<TensorProto> {
  if (model.graph) yield* tensorsOfGraph(model.graph);
  for (const fn of model.functions) {
    yield* tensorsOfNodes(fn.node);
    yield* tensorsOfAttributes(fn.attributeProto);
  }
  for (const info of model.trainingInfo) {
    if (info.initialization) yield* tensorsOfGraph(info.initialization);
    if (info.algorithm) yield* tensorsOfGraph(info.algorithm);
  }
}

function* tensorsOfGraph(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const sparse of graph.sparseInitializer) yield* tensorsOfSparse(sparse);
  yield* tensorsOfNodes(graph.node);
}

function* tensorsOfNodes(nodes: readonly NodeProto[]): Generator<TensorProto> {
  for (const node of nodes) if (node.attribute.length > 0) yield* tensorsOfAttributes(node.attribute);
}

function* tensorsOfAttributes(attributes: readonly AttributeProto[]): Generator<TensorProto> {
  for (const attribute of attributes) {
    if (attribute.t) yield attribute.t;
    yield* attribute.tensors;
    if (attribute.g) yield* tensorsOfGraph(attribute.g);
    for (const graph of attribute.graphs) yield* tensorsOfGraph(graph);
    if (attribute.sparseTensor) yield* tensorsOfSparse(attribute.sparseTensor);
    for (const sparse of attribute.sparseTensors) yield* tensorsOfSparse(sparse);
  }
}

function* tensorsOfSparse(sparse: SparseTensorProto): Generator<TensorProto> {
  if (sparse.values) yield sparse.values;
  if (sparse.indices) yield sparse.indices;
}
