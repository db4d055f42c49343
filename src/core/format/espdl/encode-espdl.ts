import type { ValueName } from "../../ir/graph.ts";
import { encodeGraph } from "./encode-graph.ts";
import type { EspdlModel } from "./espdl-model.ts";
import { FlatWriter } from "./flat-writer.ts";
import { wrapModel } from "./pack-container.ts";

export interface EncodeOptions {
  /**
   * Parameters and values in the order in which they are to lie in the file; names left out follow. It decides nothing but
   * the bytes: with the order of another file, that file comes out again.
   */
  readonly order?: readonly ValueName[];
}

/**
 * Writes a model as an EDL2 file: the inverse of `decodeEspdlModel`. Equal records give equal bytes. What the runtime makes
 * of them is not judged here (see `findFaults`); throws `espdl.invalid` only for what the format has no place for.
 */
export function encodeEspdlModel(model: EspdlModel, { order = [] }: EncodeOptions = {}): Uint8Array {
  const writer = new FlatWriter();
  const graph = encodeGraph(writer, model.graph, order);
  const entries = [...model.metadata].map(([key, value]) => {
    const texts = [writer.text(key), writer.text(value)];
    return writer.table(
      2,
      texts.map((offset, slot) => ({ slot, offset })),
    );
  });
  const opsets = writer.offsets([]);
  const texts = [
    { slot: 2, text: model.producer.name },
    { slot: 3, text: model.producer.version },
    { slot: 4, text: model.domain },
    { slot: 6, text: model.docString },
  ]
    .filter(({ text }) => text !== "")
    .map(({ slot, text }) => ({ slot, offset: writer.text(text) }));
  const metadata = entries.length > 0 ? [{ slot: 8, offset: writer.offsets(entries) }] : [];
  const root = writer.table(10, [
    { slot: 7, offset: graph },
    { slot: 1, offset: opsets },
    { slot: 0, int32: model.irVersion },
    { slot: 5, int64: model.modelVersion },
    ...texts,
    ...metadata,
  ]);
  return wrapModel(writer.finish(root));
}
