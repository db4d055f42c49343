import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../test/shared-data.ts";
import { decodeNpy } from "../../core/format/npy/decode-npy.ts";
import { sliceAxis } from "../../core/ir/axis.ts";
import { floats, floatTensor } from "../../core/ir/tensor.ts";
import type { NumberFormat } from "../../core/quant/esp/number-format.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import type { Sample } from "./observe-samples.ts";
import { quantizeCompatibly } from "./quantize-esp.ts";

const folder = sharedData("espdl/golden");
const BIAS_BITS = { esp32p4: { 8: 32, 16: 40 }, esp32s3: { 8: 20, 16: 40 }, c: { 8: 32, 16: 64 } } as const;

function formatOf(target: keyof typeof BIAS_BITS, bits: 8 | 16): NumberFormat {
  const p4 = target === "esp32p4";
  return {
    bits,
    biasBits: BIAS_BITS[target][bits],
    rounding: p4 ? "half-even" : "half-up",
    perChannelFilters: p4,
  };
}

/** What ESP-PPQ's quantization file says: "node|tensor" → exponents. */
function theirExponents(path: string): Map<string, number[]> {
  const { configs, values } = JSON.parse(readFileSync(path, "utf8")) as {
    configs: Record<string, Record<string, { dominator: number }>>;
    values: Record<string, { scale: number | number[] } | undefined>;
  };
  const exponents = new Map<string, number[]>();
  for (const [node, slots] of Object.entries(configs)) {
    for (const [tensor, { dominator }] of Object.entries(slots)) {
      const scale = values[dominator]?.scale;
      if (scale !== undefined) exponents.set(`${node}|${tensor}`, [scale].flat().map(Math.log2));
    }
  }
  return exponents;
}

describe.skipIf(!folder)("ESP-PPQ's own quantizations", () => {
  const root = folder ?? "";
  const runtime = createRuntime();
  // KL at 16 bits builds histograms of a million bins: two models stand for all unless everything is asked for.
  const everything = process.env.RILL_ALL === "1";
  const models = folder ? readdirSync(root).sort() : [];

  test.each(models)("%s: every exponent on every chip", async (name) => {
    const opened = openModel([{ name, bytes: new Uint8Array(readFileSync(join(root, name, "model.onnx"))) }]);
    const input = opened.normalized.graph.inputs[0]?.name ?? "";
    const all = decodeNpy(
      new Uint8Array(readFileSync(join(root, name, "calibration.npy"))),
      "calibration.npy",
    );
    const samples = Array.from({ length: all.dims[0] ?? 0 }, (_, i): Sample => {
      const one = sliceAxis(all, 0, i, i + 1);
      return { [input]: floatTensor(floats(one), all.dims.slice(1)) };
    });
    for (const target of ["esp32p4", "esp32s3", "c"] as const) {
      for (const bits of [8, 16] as const) {
        for (const method of ["kl", "minmax"] as const) {
          if (bits === 16 && method === "kl" && !everything && name !== "mix" && name !== "strided") continue;
          const format = formatOf(target, bits);
          const { placement } = await quantizeCompatibly(
            { model: opened.normalized, format, method, samples },
            runtime,
            SILENT_JOB,
          );
          const theirs = theirExponents(join(root, name, `${target}_int${bits}_${method}.json`));
          const compared: Record<string, readonly number[]> = {};
          const expected: Record<string, readonly number[] | undefined> = {};
          for (const { node, inputs, outputs } of placement.values()) {
            for (const slot of [...inputs, ...outputs]) {
              const key = `${node.name}|${slot?.value}`;
              // Inserted values and products before their Relu have no name of their own in the file.
              if (!slot || !theirs.has(key)) continue;
              compared[key] = slot.exponents;
              expected[key] = theirs.get(key);
            }
          }
          expect(Object.keys(compared).length).toBeGreaterThan(placement.size);
          expect(compared, `${target} int${bits} ${method}`).toEqual(expected);
        }
      }
    }
  });
});
