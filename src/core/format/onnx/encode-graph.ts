import { create } from "@bufbuild/protobuf";
import type { Attribute, Graph, Node } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { ATTRIBUTE_TYPE } from "./attribute-types.ts";
import { protoOfTensor } from "./encode-tensor.ts";
import { type GraphExtra, type NodeExtra, type TensorExtra, writeRecord } from "./extras.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from "./onnx_pb.ts";
import { protoOfValue, sameType } from "./value-info.ts";

/** Record of a graph; entries stand in the order of the graph's lists and maps. */
export function protoOfGraph(graph: Graph): GraphProto {
  const extra: GraphExtra | undefined = graph.extra;
  const proto = create(GraphProtoSchema);
  if (graph.name) proto.name = graph.name;
  proto.node = graph.nodes.map(protoOfNode);
  proto.input = graph.inputs.map(protoOfValue);
  proto.output = graph.outputs.map(protoOfValue);
  for (const [name, tensor] of graph.initializers) {
    const { sparse }: TensorExtra = tensor.extra ?? {};
    if (sparse && sparse.dense === tensor.bytes && sparse.proto.values?.name === name) {
      proto.sparseInitializer.push(sparse.proto);
    } else proto.initializer.push(protoOfTensor(tensor, name));
  }
  const ports = new Map([...graph.inputs, ...graph.outputs].map((port) => [port.name, port]));
  const repeated = (extra?.repeated ?? []).filter((info) => sameType(ports.get(info.name) ?? {}, info));
  proto.valueInfo = [...graph.values.values(), ...repeated].map(protoOfValue);
  if (extra?.annotations) proto.quantizationAnnotation = extra.annotations;
  writeRecord(proto, extra);
  return proto;
}

function protoOfNode(node: Node): NodeProto {
  const extra: NodeExtra | undefined = node.extra;
  const proto = create(NodeProtoSchema);
  proto.opType = node.op;
  if (node.name) proto.name = node.name;
  if (node.domain) proto.domain = node.domain;
  proto.input = [...node.inputs];
  proto.output = [...node.outputs];
  for (const [name, attribute] of Object.entries(node.attributes)) {
    const written = protoOfAttribute(name, attribute);
    if (attribute.kind !== "opaque") writeRecord(written as { docString: string }, extra?.attributes?.[name]);
    proto.attribute.push(written);
  }
  if (extra?.overload) proto.overload = extra.overload;
  if (extra?.devices) proto.deviceConfigurations = extra.devices;
  writeRecord(proto, extra);
  return proto;
}

function protoOfAttribute(name: string, attribute: Attribute): AttributeProto {
  if (attribute.kind === "opaque") return attribute.value as AttributeProto;
  const proto = create(AttributeProtoSchema);
  proto.name = name;
  switch (attribute.kind) {
    case "reference":
      proto.refAttrName = attribute.value;
      proto.type = attribute.type;
      return proto;
    case "float":
      proto.f = attribute.value;
      break;
    case "int":
      proto.i = attribute.value;
      break;
    case "string":
      proto.s = attribute.value;
      break;
    case "tensor":
      proto.t = protoOfAttributeTensor(attribute.value);
      break;
    case "graph":
      proto.g = protoOfGraph(attribute.value);
      break;
    case "floats":
      proto.floats = [...attribute.value];
      break;
    case "ints":
      proto.ints = [...attribute.value];
      break;
    case "strings":
      proto.strings = [...attribute.value];
      break;
    case "tensors":
      proto.tensors = attribute.value.map(protoOfAttributeTensor);
      break;
    case "graphs":
      proto.graphs = attribute.value.map(protoOfGraph);
      break;
    default:
      attribute satisfies never;
  }
  proto.type = ATTRIBUTE_TYPE[attribute.kind];
  return proto;
}

function protoOfAttributeTensor(tensor: Tensor) {
  const extra: TensorExtra | undefined = tensor.extra;
  return protoOfTensor(tensor, extra?.name ?? "");
}
