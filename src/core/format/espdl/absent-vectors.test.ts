import { describe, expect, test } from "vitest";
import { decodeEspdlModel } from "./decode-espdl.ts";
import { encodeEspdlModel } from "./encode-espdl.ts";
import { smallModel } from "./small-model.fixture.ts";

/** Bytes before the FlatBuffer. */
const HEADER = 16;
const GRAPH_SLOT = 7;

/** Slots of the graph that the loader follows without asking whether they are there (format reference, §2 and §6.6). */
const LISTS = [
  ["nodes", 0],
  ["initializers", 2],
  ["inputs", 4],
  ["outputs", 5],
  ["values", 6],
  ["test inputs", 8],
  ["test outputs", 9],
] as const;

/** Where a table keeps the offset of a slot's field in its vtable. */
function entryOf(view: DataView, table: number, slot: number): number {
  return table - view.getInt32(table, true) + 4 + 2 * slot;
}

function followed(view: DataView, table: number, slot: number): number {
  const at = table + view.getUint16(entryOf(view, table, slot), true);
  return at + view.getUint32(at, true);
}

function fileWith(change: (view: DataView, graph: number, model: number) => void): Uint8Array {
  const bytes = encodeEspdlModel(smallModel()).slice();
  const view = new DataView(bytes.buffer, HEADER);
  const model = view.getUint32(0, true);
  change(view, followed(view, model, GRAPH_SLOT), model);
  return bytes;
}

const refusal = expect.objectContaining({ problem: expect.objectContaining({ code: "model.malformed" }) });

describe("a list that the loader takes for granted", () => {
  test.each(LISTS)("%s: written always, even where it is empty", (_, slot) => {
    const model = smallModel();
    const bytes = encodeEspdlModel({
      ...model,
      graph: { ...model.graph, testInputs: new Map(), testOutputs: new Map() },
    });
    const view = new DataView(bytes.buffer, bytes.byteOffset + HEADER);
    const graph = followed(view, view.getUint32(0, true), GRAPH_SLOT);
    expect(view.getUint16(entryOf(view, graph, slot), true)).toBeGreaterThan(0);
  });

  test.each(LISTS)("%s: its absence is refused", (_, slot) => {
    const bytes = fileWith((view, graph) => view.setUint16(entryOf(view, graph, slot), 0, true));
    expect(() => decodeEspdlModel(bytes)).toThrow(refusal);
  });

  test("a file without a graph is refused", () => {
    const bytes = fileWith((view, _, model) => view.setUint16(entryOf(view, model, GRAPH_SLOT), 0, true));
    expect(() => decodeEspdlModel(bytes)).toThrow(refusal);
  });
});
