import { readdirSync } from "node:fs";
import { join } from "node:path";
import { StudioError } from "../src/core/base/problem.ts";
import { targetById } from "../src/core/targets/catalogue.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { goldenModel } from "../test/golden.ts";
import { heldBackSqnr } from "../test/held-back.ts";
import { sharedData } from "../test/shared-data.ts";

/** Prints SQNR on held-back samples, Rill's mode beside ESP-PPQ's: `npm run chips [model…]`. */
const folder = sharedData("espdl/golden");
const wanted = process.argv.slice(2);
const runtime = createRuntime();
console.log(
  "model, chip, bits: SQNR in dB on held-back samples; Rill, KL and min-max of ESP-PPQ, gain over the better",
);
let [worse, rows] = [0, 0];
for (const name of folder ? readdirSync(folder).sort() : []) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { model, samples } = goldenModel(join(folder ?? "", name));
  for (const chip of ["esp32-s3", "esp32-p4", "esp32"]) {
    const target = targetById(chip);
    if (target.exporter !== "espdl") continue;
    for (const bits of [8, 16] as const) {
      try {
        const request = { model, samples, target, bits, methods: ["kl", "minmax"] } as const;
        const { rillDb, compatibleDb } = await heldBackSqnr(request, runtime);
        const best = Math.max(...Object.values(compatibleDb));
        const row = [rillDb, ...Object.values(compatibleDb), rillDb - best].map((x) =>
          x.toFixed(2).padStart(7),
        );
        console.log(`${name.padEnd(12)} ${chip.padEnd(9)} ${String(bits).padStart(2)} ${row.join("  ")}`);
        rows++;
        if (rillDb < best) worse++;
      } catch (error) {
        if (!(error instanceof StudioError)) throw error;
        console.log(
          `${name.padEnd(12)} ${chip.padEnd(9)} ${String(bits).padStart(2)} refused: ${error.problem.code}`,
        );
      }
    }
  }
}
console.log(`${rows} rows, Rill behind in ${worse}`);
