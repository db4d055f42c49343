import type { FunctionBody } from "../../ir/graph.ts";
import { attributeOfProto, canonicalDomain, nodeOfProto } from "./decode-graph.ts";
import type { FunctionProto } from "./onnx_pb.ts";

/** The body of a function whose external data is in place. Throws `model.malformed` for a tensor that is none. */
export function functionBody(proto: FunctionProto, file: Uint8Array): FunctionBody {
  return {
    overload: proto.overload,
    inputs: proto.input,
    outputs: proto.output,
    nodes: proto.node.map((node) => nodeOfProto(node, file)),
    defaults: new Map(proto.attributeProto.map((a) => [a.name, attributeOfProto(a, file)])),
    opsets: new Map(
      proto.opsetImport.map(({ domain, version }) => [canonicalDomain(domain), Number(version)]),
    ),
  };
}
