import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../../test/shared-data.ts";
import type { Detail } from "../../base/detail.ts";
import { StudioError } from "../../base/problem.ts";
import { decodeEspdlModel } from "./decode-espdl.ts";
import {
  parseQuantizationJson,
  printQuantizationJson,
  type TensorQuantization,
} from "./quantization-json.ts";

const entry = (hash: number, extra: Partial<TensorQuantization> = {}): TensorQuantization => ({
  bits: 8,
  policy: new Set(["PER_TENSOR", "LINEAR", "SYMMETRICAL", "POWER_OF_2"]),
  state: "ACTIVATED",
  quantMin: -128n,
  quantMax: 127n,
  hash,
  dominator: hash,
  scales: [2 ** -5],
  zeroPoints: [0],
  listed: false,
  ...extra,
});

const RECORD = new Map([
  [
    "conv",
    {
      platform: "ESPDL_S3_INT8",
      tensors: new Map([
        ["x", entry(1)],
        ["w", entry(2, { scales: [2 ** -20, 0.5], zeroPoints: [0, 0], listed: true })],
        ["ü", entry(3, { state: "OVERLAPPED", dominator: 1 })],
        ["b", entry(4, { bits: 64, quantMin: -(2n ** 63n), quantMax: 2n ** 63n - 1n })],
      ]),
    },
  ],
  ["shape", { platform: "SOI" }],
]);

test("a record is read as it was written, scales of followers included", () => {
  expect(parseQuantizationJson(printQuantizationJson(RECORD))).toEqual(RECORD);
});

test("what is missing or of another kind is named with its place", () => {
  const text = printQuantizationJson(RECORD);
  const whatOf = (broken: string): Detail | undefined => {
    try {
      parseQuantizationJson(broken, "q.json");
    } catch (error) {
      if (error instanceof StudioError && error.problem.code === "quantization.malformed") {
        return error.problem.what;
      }
    }
    return undefined;
  };
  expect(whatOf(text.slice(0, 100))).toEqual({ code: "notJson" });
  expect(whatOf("{}")).toEqual({ code: "missing", place: "values" });
  expect(whatOf(text.replace('"bit_width": 8', '"bit_width": "8"'))).toMatchObject({
    place: "configs.conv.x.bit_width",
  });
  expect(whatOf(text.replace('"state"', '"stat"'))).toEqual({
    code: "missing",
    place: "configs.conv.x.state",
  });
});

const golden = sharedData("espdl/golden");

describe.skipIf(!golden)("records of ESP-PPQ", () => {
  test.each(golden ? readdirSync(golden) : [])("%s: written again, and as the .espdl file says", (name) => {
    const folder = join(golden ?? "", name);
    const files = readdirSync(folder).filter((f) => f.endsWith(".json"));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(join(folder, file), "utf8");
      const record = parseQuantizationJson(text, file);
      const printed = printQuantizationJson(record);
      expect(isDeepStrictEqual(JSON.parse(printed), JSON.parse(text)), file).toBe(true);
      // JavaScript moves members named by a whole number to the front.
      const ordered = [...record.values()].every(
        (op) => ![...(op.tensors ?? [])].some(([t]) => /^\d+$/.test(t)),
      );
      if (ordered) expect(printed === text, file).toBe(true);
      const espdl = new Uint8Array(readFileSync(join(folder, file.replace(".json", ".espdl"))));
      const { graph } = decodeEspdlModel(espdl, file);
      let compared = 0;
      for (const { name: op, inputs, outputs } of graph.nodes) {
        for (const tensor of [...inputs, ...outputs]) {
          const said = record.get(op)?.tensors?.get(tensor);
          const stored = graph.values.get(tensor) ?? graph.initializers.get(tensor);
          if (!said?.scales || !stored || !/^int/.test(stored.dtype)) continue;
          // An input's setting is the reader's wish; a requantization may stand in front of it.
          if (graph.values.has(tensor) && !outputs.includes(tensor)) continue;
          compared++;
          expect(
            stored.exponents.map((e) => 2 ** e),
            `${file} ${tensor}`,
          ).toEqual(said.scales);
        }
      }
      expect(compared).toBeGreaterThan(3);
    }
  });
});
