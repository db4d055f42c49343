import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { ROOT } from "../../../test/source-imports.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { analyse, axesOf } from "../analyse.ts";
import { calibrateModel, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { chipErrors } from "./chip-errors.ts";
import { placeFromStatistics } from "./chip-model.ts";
import { fitChips } from "./fit-chip.ts";

const runtime = createRuntime();

async function sample(file: string, chip: string, bits: 8 | 16) {
  const target = targetById(chip);
  if (target.exporter !== "espdl") throw new Error("a chip");
  const bytes = new Uint8Array(readFileSync(join(ROOT, "public/samples", file)));
  const opened = openModel([{ name: file, bytes }]);
  const { candidates } = analyse(opened);
  const identity = { name: file, sha256: opened.sha256 };
  const prepared = prepare(
    opened,
    defaultPlan(identity, { axes: axesOf(candidates), chunk: 4, target: chip }),
  );
  const { stream } = prepared.analysis;
  const [[input, axis] = ["", 0]] = Object.entries(stream.axes);
  const dims = (stream.inference.info(input).shape ?? []).map((d, i) => (i === axis ? 64 : Number(d)));
  const data = noise(dims);
  const { statistics } = await calibrateModel(
    prepared,
    [arrayClip("noise", input, data, axis)],
    runtime,
    SILENT_JOB,
  );
  const placed = placeFromStatistics(opened.normalized, target.formats[bits], statistics, "mse");
  return { placed, samples: [{ [input]: data }], opened, target, modules: prepared.streaming.model.modules };
}

describe.each(["tone-tcn.onnx", "three-part.onnx"])("errors of %s on a chip", (file) => {
  test("every value has its own and its accumulated error; they agree where only inputs come before", async () => {
    const { placed, samples } = await sample(file, "esp32-p4", 8);
    const errors = await chipErrors({ placed, samples }, runtime, SILENT_JOB);
    expect(errors.length).toBeGreaterThan(5);
    const [first] = errors;
    expect(first?.own).toEqual(first?.accumulated);
    for (const { own, accumulated, saturated } of errors) {
      // int8 on a power-of-two grid: an operator alone is never worse than a fifth of its signal.
      expect(own.sqnrDb).toBeGreaterThan(14);
      expect(accumulated.sqnrDb).toBeGreaterThan(8);
      expect(saturated).toBeLessThan(0.5);
    }
    const worst = Math.min(...errors.map((e) => e.own.sqnrDb));
    expect(Math.min(...errors.map((e) => e.accumulated.sqnrDb))).toBeLessThanOrEqual(worst);
  });

  test("sixteen bits are quieter than eight", async () => {
    const [narrow, wide] = await Promise.all(
      ([8, 16] as const).map(async (bits) => {
        const { placed, samples } = await sample(file, "esp32-p4", bits);
        return chipErrors({ placed, samples }, runtime, SILENT_JOB);
      }),
    );
    expect(wide?.at(-1)?.bits).toBe(16);
    // 8 bits more are 48 dB of step; what saturates or rounds in float32 may take half of it.
    expect(wide?.at(-1)?.accumulated.sqnrDb).toBeGreaterThan((narrow?.at(-1)?.accumulated.sqnrDb ?? 0) + 24);
  });
});

describe("memory on a chip", () => {
  test("16 bits take twice the weights and caches of 8", async () => {
    const { opened, modules, target } = await sample("tone-tcn.onnx", "esp32-s3", 8);
    const narrow = fitChips(opened.normalized, modules, [target], { bits: 8 })[0]?.memory;
    const wide = fitChips(opened.normalized, modules, [target], { bits: 16 })[0]?.memory;
    if (!narrow || !wide) throw new Error("it runs");
    expect(wide.cacheBytes).toBe(2 * narrow.cacheBytes);
    expect(wide.parameterBytes).toBeGreaterThan(1.5 * narrow.parameterBytes);
    expect(wide.arenaBytes).toBeGreaterThan(narrow.arenaBytes);
    expect(narrow.flashBytes).toBeGreaterThan(narrow.parameterBytes);
  });

  test("one node at 16 bits lies between all at 8 and all at 16, and says what it runs with", async () => {
    const { opened, modules, target } = await sample("tone-tcn.onnx", "esp32-s3", 8);
    const fitted = (settings: Parameters<typeof fitChips>[3]) =>
      fitChips(opened.normalized, modules, [target], settings)[0];
    const [narrow, wide] = [fitted({}), fitted({ bits: 16 })];
    const conv = narrow?.nodes.find((n) => n.op === "Conv")?.node ?? "";
    const mixed = fitted({ widths: { [conv]: 16 } });
    expect(mixed?.nodes.find((n) => n.node === conv)?.width).toBe(16);
    expect(mixed?.memory?.parameterBytes).toBeGreaterThan(narrow?.memory?.parameterBytes ?? 0);
    expect(mixed?.memory?.parameterBytes).toBeLessThan(wide?.memory?.parameterBytes ?? 0);
    expect(() => fitted({ widths: { nothing: 16 } })).toThrow(
      expect.objectContaining({ problem: { code: "plan.unknownNode", node: "nothing" } }),
    );
  });

  test("every cache is inside or explicit", async () => {
    const { opened, modules, target } = await sample("tone-tcn.onnx", "esp32-s3", 8);
    const [inside] = fitChips(opened.normalized, modules, [target], {});
    const [explicit] = fitChips(opened.normalized, modules, [target], { cacheForm: "explicit" });
    const all = modules.reduce((n, m) => n + m.caches.length, 0);
    expect(explicit?.caches).toEqual({ inside: 0, explicit: all });
    expect((inside?.caches?.inside ?? 0) + (inside?.caches?.explicit ?? 0)).toBe(all);
    expect(inside?.caches?.inside).toBeGreaterThan(0);
  });
});
