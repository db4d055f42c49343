import { fromBinary } from "@bufbuild/protobuf";
import { fail } from "../../base/problem.ts";
import type { Attribute, Graph, Node, ValueInfo } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { ATTRIBUTE_TYPE } from "./attribute-types.ts";
import { tensorOfProto } from "./decode-tensor.ts";
import { embedGraph, type Source } from "./external-data.ts";
import { extraOf, type GraphExtra, type NodeExtra, readRecord } from "./extras.ts";
import {
  type AttributeProto,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  type TensorProto,
} from "./onnx_pb.ts";
import { denseOfSparse } from "./sparse-tensor.ts";
import { sameType, valueOfProto } from "./value-info.ts";
import { slicesOf } from "./wire-fields.ts";

/** "ai.onnx" is another spelling of the default domain. */
export function canonicalDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/**
 * Fields of a graph that are parsed at once. Records die with their slice: parsed as one, the records of 20,000 nodes
 * keep the garbage collector busy for longer than the parsing takes.
 */
const FIELDS_AT_ONCE = 256;

/** Graph of a serialised GraphProto that has passed checkWire. External data is fetched, or noted in `source.missing`. */
export function graphOfBytes(bytes: Uint8Array, source: Source): Graph {
  const graph = new GraphBuilder(source.file);
  for (const slice of slicesOf(bytes, FIELDS_AT_ONCE)) {
    const part = fromBinary(GraphProtoSchema, slice);
    embedGraph(part, source);
    graph.add(part);
  }
  return graph.finish();
}

/** Graph of a record whose external data is in place. */
function graphOfProto(proto: GraphProto, file: Uint8Array): Graph {
  const graph = new GraphBuilder(file);
  graph.add(proto);
  return graph.finish();
}

/** A graph from the parts of its record. */
class GraphBuilder {
  private readonly file: Uint8Array;
  private name = "";
  private readonly nodes: Node[] = [];
  private readonly initializers = new Map<string, Tensor>();
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: ValueInfo[] = [];
  private readonly values: ValueInfo[] = [];
  private readonly extra: GraphExtra = {};

  /** `file`: what the records were parsed from. */
  constructor(file: Uint8Array) {
    this.file = file;
  }

  add(part: GraphProto): void {
    const { file, extra } = this;
    this.name = part.name || this.name;
    for (const node of part.node) this.nodes.push(nodeOfProto(node, file));
    for (const tensor of part.initializer) this.initialize(tensor.name, tensorOfProto(tensor, file));
    for (const sparse of part.sparseInitializer) {
      this.initialize(sparse.values?.name ?? "", denseOfSparse(sparse, file));
    }
    for (const info of part.input) this.inputs.push(valueOfProto(info));
    for (const info of part.output) this.outputs.push(valueOfProto(info));
    for (const info of part.valueInfo) this.values.push(valueOfProto(info));

    const { docString, metadata, unknown } = readRecord(part);
    if (docString) extra.docString = docString;
    if (metadata) extra.metadata = [...(extra.metadata ?? []), ...metadata];
    if (unknown) extra.unknown = [...(extra.unknown ?? []), ...unknown];
    if (part.quantizationAnnotation.length > 0) {
      extra.annotations = [...(extra.annotations ?? []), ...part.quantizationAnnotation];
    }
  }

  finish(): Graph {
    const { name, inputs, outputs, initializers, nodes, extra } = this;
    const ports = new Map([...inputs, ...outputs].map((port) => [port.name, port]));
    const values = new Map<string, ValueInfo>();
    const repeated: ValueInfo[] = [];
    for (const info of this.values) {
      const port = ports.get(info.name);
      if (port && sameType(port, info)) repeated.push(info);
      else values.set(info.name, info);
    }
    if (repeated.length > 0) extra.repeated = repeated;
    return { name, inputs, outputs, initializers, nodes, values, ...extraOf(extra) };
  }

  private initialize(name: string, tensor: Tensor): void {
    if (this.initializers.has(name)) {
      fail({ code: "model.invalidGraph", what: { code: "initializerTwice", name }, node: "" });
    }
    this.initializers.set(name, tensor);
  }
}

/** Node of a record whose external data is in place. `file`: what it was parsed from, to find offsets. */
export function nodeOfProto(proto: NodeProto, file: Uint8Array): Node {
  const extra: NodeExtra = readRecord(proto);
  if (proto.overload) extra.overload = proto.overload;
  if (proto.deviceConfigurations.length > 0) extra.devices = proto.deviceConfigurations;
  const attributeExtras: [string, object][] = [];
  const attributes = proto.attribute.map((attribute): [string, Attribute] => {
    const value = attributeOfProto(attribute, file);
    if (value.kind !== "opaque") {
      const { extra: more } = extraOf(readRecord(attribute as { docString: string }));
      if (more) attributeExtras.push([attribute.name, more]);
    }
    return [attribute.name, value];
  });
  if (attributeExtras.length > 0) extra.attributes = Object.fromEntries(attributeExtras);
  return {
    op: proto.opType,
    domain: canonicalDomain(proto.domain),
    name: proto.name,
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(attributes),
    ...extraOf(extra),
  };
}

export function attributeOfProto(proto: AttributeProto, file: Uint8Array): Attribute {
  const type = proto.type || typeByField(proto);
  if (proto.refAttrName) return { kind: "reference", value: proto.refAttrName, type };
  const tensor = (t: TensorProto): Tensor => attributeTensor(t, file);
  const graph = (g: GraphProto): Graph => graphOfProto(g, file);
  const opaque: Attribute = { kind: "opaque", value: proto };
  switch (type) {
    case ATTRIBUTE_TYPE.float:
      return { kind: "float", value: proto.f };
    case ATTRIBUTE_TYPE.int:
      return { kind: "int", value: proto.i };
    case ATTRIBUTE_TYPE.string:
      return { kind: "string", value: proto.s };
    case ATTRIBUTE_TYPE.tensor:
      return proto.t ? { kind: "tensor", value: tensor(proto.t) } : opaque;
    case ATTRIBUTE_TYPE.graph:
      return proto.g ? { kind: "graph", value: graph(proto.g) } : opaque;
    case ATTRIBUTE_TYPE.floats:
      return { kind: "floats", value: proto.floats };
    case ATTRIBUTE_TYPE.ints:
      return { kind: "ints", value: proto.ints };
    case ATTRIBUTE_TYPE.strings:
      return { kind: "strings", value: proto.strings };
    case ATTRIBUTE_TYPE.tensors:
      return { kind: "tensors", value: proto.tensors.map(tensor) };
    case ATTRIBUTE_TYPE.graphs:
      return { kind: "graphs", value: proto.graphs.map(graph) };
    default:
      return opaque;
  }
}

/** Type of an attribute that does not name it: IR version 1 left it out. */
function typeByField(proto: AttributeProto): number {
  if (Object.hasOwn(proto, "f")) return ATTRIBUTE_TYPE.float;
  if (Object.hasOwn(proto, "i")) return ATTRIBUTE_TYPE.int;
  if (Object.hasOwn(proto, "s")) return ATTRIBUTE_TYPE.string;
  if (proto.t) return ATTRIBUTE_TYPE.tensor;
  if (proto.g) return ATTRIBUTE_TYPE.graph;
  if (proto.floats.length > 0) return ATTRIBUTE_TYPE.floats;
  if (proto.ints.length > 0) return ATTRIBUTE_TYPE.ints;
  if (proto.strings.length > 0) return ATTRIBUTE_TYPE.strings;
  if (proto.tensors.length > 0) return ATTRIBUTE_TYPE.tensors;
  if (proto.graphs.length > 0) return ATTRIBUTE_TYPE.graphs;
  return ATTRIBUTE_TYPE.undefined;
}

/** A tensor outside the initializers has no other place for its name. */
function attributeTensor(proto: TensorProto, file: Uint8Array): Tensor {
  const tensor = tensorOfProto(proto, file);
  return proto.name ? { ...tensor, extra: { ...tensor.extra, name: proto.name } } : tensor;
}
