import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goldenModel } from "../../../../test/golden.ts";
import { heldBackSqnr } from "../../../../test/held-back.ts";
import { sharedData } from "../../../../test/shared-data.ts";
import { targetById } from "../../../core/targets/catalogue.ts";
import { createRuntime } from "../../../runtime/ort.ts";

const folder = sharedData("espdl/golden");

describe.skipIf(!folder)("exponents by error at the outputs", () => {
  const root = folder ?? "";
  const runtime = createRuntime();
  // Small models stand for all unless everything is asked for (`npm run chips` prints the table).
  const everything = process.env.RILL_ALL === "1";
  const small = ["depthwise", "strided", "upsample"];
  const models = folder ? readdirSync(root).filter((name) => everything || small.includes(name)) : [];
  const chips = ["esp32-s3", "esp32-p4", "esp32"];

  test.each(models.flatMap((m) => chips.map((c) => [m, c] as const)))(
    "%s on %s: no worse than ESP-PPQ on samples held back",
    async (name, chip) => {
      const target = targetById(chip);
      if (target.exporter !== "espdl") throw new Error("a chip");
      const { model, samples } = goldenModel(join(root, name));
      const request = { model, samples, target, bits: 8, methods: ["kl", "minmax"] } as const;
      const { rillDb, compatibleDb } = await heldBackSqnr(request, runtime);
      expect(rillDb).toBeGreaterThanOrEqual(Math.max(...Object.values(compatibleDb)));
    },
  );
});
