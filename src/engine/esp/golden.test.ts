import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goldenFormat, goldenModel } from "../../../test/golden.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { SILENT_JOB } from "../ports.ts";
import { quantizeCompatibly } from "./place/quantize-esp.ts";

const folder = sharedData("espdl/golden");
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
    const { model, samples } = goldenModel(join(root, name));
    for (const target of ["esp32p4", "esp32s3", "c"] as const) {
      for (const bits of [8, 16] as const) {
        for (const method of ["kl", "minmax"] as const) {
          if (bits === 16 && method === "kl" && !everything && name !== "mix" && name !== "strided") continue;
          const format = goldenFormat(target, bits);
          const { placement } = await quantizeCompatibly(
            { model, format, method, samples },
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
