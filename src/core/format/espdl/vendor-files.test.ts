import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ByteBuffer } from "flatbuffers";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../../test/shared-data.ts";
import type { ValueName } from "../../ir/graph.ts";
import { elements, numbers, type Tensor } from "../../ir/tensor.ts";
import { decodeModel } from "../onnx/decode-model.ts";
import { decodeEspdlModel } from "./decode-espdl.ts";
import { encodeEspdlModel } from "./encode-espdl.ts";
import { type LogicalWeight, logicalWeights } from "./logical-weights.ts";

const vendor = sharedData("espdl/vendor");
const golden = sharedData("espdl/golden");
const read = (path: string) => new Uint8Array(readFileSync(path));
const espdlIn = (folder: string) => readdirSync(folder).filter((f) => f.endsWith(".espdl"));

describe.skipIf(!vendor)("files of the vendor", () => {
  test.each(vendor ? espdlIn(vendor) : [])("%s opens; every value and weight is known", (name) => {
    const model = decodeEspdlModel(read(join(vendor ?? "", name)), name);
    const { graph } = model;
    const weights = logicalWeights(model);
    expect(graph.nodes.length).toBeGreaterThan(0);
    for (const node of graph.nodes) {
      for (const value of [...node.inputs, ...node.outputs].filter((v) => v !== "")) {
        expect(weights.has(value) || graph.values.has(value), value).toBe(true);
      }
    }
  });
});

/** The float weights that became `weight`, in the same order: Gemm is stored as [C, N], whatever transB was. */
function floatsLike(weight: LogicalWeight, float: Tensor): ArrayLike<number> {
  const values = elements(float) as Float32Array;
  const [n = 0, c = 0] = float.dims;
  if (weight.layout?.kind !== "gemm") return values;
  return Float32Array.from(values, (_, i) => values[(i % n) * c + Math.floor(i / n)] ?? Number.NaN);
}

/** Largest distance of a weight from its float value, in steps, where it was not clipped. */
function worstSteps(weight: LogicalWeight, float: Tensor): number {
  const { tensor, exponents, channelAxis } = weight;
  const integers: readonly number[] = numbers(tensor);
  const floats = floatsLike(weight, float);
  const most = tensor.dtype === "int8" ? 127 : 32767;
  const inner = tensor.dims.slice(channelAxis + 1).reduce((a, b) => a * b, 1);
  return integers.reduce((worst: number, q: number, i: number) => {
    const channel = exponents.length === 1 ? 0 : Math.floor(i / inner) % exponents.length;
    const steps = Math.abs(q - (floats[i] ?? 0) / 2 ** (exponents[channel] ?? 0));
    return q >= most || q <= -most - 1 ? worst : Math.max(worst, steps);
  }, 0);
}

describe.skipIf(!golden || !vendor)("written again", () => {
  const files = [
    ...(vendor ? espdlPaths(vendor) : []),
    ...(golden ? readdirSync(golden) : []).flatMap((folder) => espdlPaths(join(golden ?? "", folder))),
  ];

  test("every file means the same; those of today's exporter come out byte for byte", () => {
    const identical = files.filter((path) => {
      const file = read(path);
      const model = decodeEspdlModel(file, path);
      const again = encodeEspdlModel(model, { order: orderOf(file) });
      expect(isDeepStrictEqual(decodeEspdlModel(again), model), path).toBe(true);
      return Buffer.from(file).equals(again);
    });
    // Older files lay the fields of a table down in another order.
    const today = files.filter((path) => path.includes("golden") || path.includes("pp_ocr"));
    expect(today.length).toBeGreaterThan(80);
    expect(identical).toEqual(expect.arrayContaining(today));
  });
});

function espdlPaths(folder: string): string[] {
  return espdlIn(folder).map((name) => join(folder, name));
}

/** Names of parameters and values in the order in which a file was built, last byte first; they lie in it in no fixed order. */
function orderOf(file: Uint8Array): string[] {
  const buffer = new ByteBuffer(file.subarray(16));
  const field = (table: number, slot: number) => table + buffer.__offset(table, 4 + 2 * slot);
  const graph = buffer.__indirect(field(buffer.readUint32(0), 7));
  const placed = (slot: number, nameSlot: number) => {
    const vector = field(graph, slot);
    return Array.from({ length: buffer.__vector_len(vector) }, (_, i) => {
      const at = buffer.__indirect(buffer.__vector(vector) + 4 * i);
      return { at, name: String(buffer.__string(field(at, nameSlot))) };
    });
  };
  const records = [...placed(2, 6), ...placed(6, 0)];
  return records.sort((a, b) => b.at - a.at).map((r) => r.name);
}

describe.skipIf(!golden)("golden files: filters unpack to the float weights they were made from", () => {
  test.each(golden ? readdirSync(golden) : [])("%s", (folder) => {
    const path = join(golden ?? "", folder);
    const { initializers } = decodeModel(read(join(path, "model.onnx"))).graph;
    let filters = 0;
    for (const name of espdlIn(path)) {
      const model = decodeEspdlModel(read(join(path, name)), name);
      const made = insertZerosFilters(model.graph.nodes);
      for (const weight of logicalWeights(model).values()) {
        const float = initializers.get(weight.name);
        if (!weight.layout || !float || made.has(weight.name)) continue;
        filters++;
        // Rounding to the nearest step; the division by a power of two is exact.
        expect(worstSteps(weight, float), `${name} ${weight.name}`).toBeLessThanOrEqual(0.5);
      }
    }
    expect(filters).toBeGreaterThan(20);
  });
});

/** Filters of a ConvTranspose, which ESP-DL writes as InsertZeros and a Conv with the taps reversed. */
function insertZerosFilters(
  nodes: ReturnType<typeof decodeEspdlModel>["graph"]["nodes"],
): ReadonlySet<ValueName> {
  const spread = new Set(nodes.filter((n) => n.op === "InsertZeros").flatMap((n) => n.outputs));
  return new Set(nodes.filter((n) => spread.has(n.inputs[0] ?? "")).map((n) => n.inputs[1] ?? ""));
}
