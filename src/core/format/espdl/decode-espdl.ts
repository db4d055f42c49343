import { type Packaging, type Payload, unpackContainer } from "./container.ts";
import { decodeGraph } from "./decode-graph.ts";
import type { EspdlModel } from "./espdl-model.ts";
import { FlatReader } from "./flat-reader.ts";

/** What an `.espdl` file holds: one model named "", or the named models of a package. */
export interface EspdlFile {
  readonly packaging: Packaging;
  /** Version text of a PDL3 package, else "". */
  readonly version: string;
  readonly models: readonly { readonly name: string; readonly model: EspdlModel }[];
}

/**
 * Reads an `.espdl` file of any packaging. Tensors are views into `bytes`; `file` is its name, for problems.
 * Throws `model.malformed` with the offset, `espdl.encrypted`.
 */
export function decodeEspdl(bytes: Uint8Array, file = ""): EspdlFile {
  const { packaging, version, payloads } = unpackContainer(bytes, file);
  return { packaging, version, models: payloads.map((p) => ({ name: p.name, model: decodePayload(p) })) };
}

/** The model of a file; of a package its first, which is what the runtime loads unasked. Throws as `decodeEspdl`. */
export function decodeEspdlModel(bytes: Uint8Array, file = ""): EspdlModel {
  const [first] = unpackContainer(bytes, file).payloads;
  if (!first) throw new Error("an unpacked container has a payload");
  return decodePayload(first);
}

function decodePayload({ bytes, offset }: Payload): EspdlModel {
  const model = new FlatReader(bytes, offset).root();
  const graph = model.child(7, "Graph") ?? model.lacks("graph");
  const metadata = new Map<string, string>();
  for (const entry of model.children(8, "metadata") ?? []) {
    metadata.set(entry.text(0) ?? "", entry.text(1) ?? "");
  }
  return {
    irVersion: model.int32(0),
    modelVersion: model.int64(5),
    producer: { name: model.text(2) ?? "", version: model.text(3) ?? "" },
    domain: model.text(4) ?? "",
    docString: model.text(6) ?? "",
    metadata,
    graph: decodeGraph(graph),
  };
}
