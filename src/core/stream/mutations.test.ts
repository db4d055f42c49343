import { describe, expect, test } from "vitest";
import { attend } from "../../../test/attention-sketch.ts";
import { poisonOf } from "../../../test/check-graph.ts";
import { MUTATED_MODELS, mutantsOf } from "../../../test/mutants.ts";
import { analyse, GraphSketch, integers, parity } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import type { WarmUpChoice } from "../plan/plan.ts";
import type { Module } from "./module.ts";
import { toStreaming } from "./streaming-model.ts";

/* The proof is only worth what it catches: every fault planted in a streaming graph must show as a difference. */

const CHUNK = 2;

async function differs(
  model: Model,
  warmUp: WarmUpChoice,
  change?: (module: Module) => Module,
): Promise<boolean> {
  const { analysis, model: made } = toStreaming(model, analyse(model, { x: 2 }), { chunk: CHUNK, warmUp });
  const modules = change ? made.modules.map(change) : made.modules;
  const steps = 12;
  const feeds = { x: integers(8, [1, 2, CHUNK * steps], 3) };
  for (const junk of [Number.NaN, 1e6]) {
    const poison = poisonOf(analysis, made.modules, CHUNK, junk);
    const all = await parity(model, analysis, { modules }, feeds, { chunk: CHUNK, steps }, poison);
    if (all.some((d) => d.maxAbs !== 0)) return true;
  }
  return false;
}

describe("planted faults", () => {
  for (const [name, model] of Object.entries(MUTATED_MODELS)) {
    for (const warmUp of ["mask", "hold"] as const) {
      test(`every one is caught: ${name}, ${warmUp}`, async () => {
        expect(await differs(model, warmUp)).toBe(false);
        const { model: made } = toStreaming(model, analyse(model, { x: 2 }), { chunk: CHUNK, warmUp });
        const mutants = made.modules.flatMap(mutantsOf);
        expect(mutants.length).toBeGreaterThan(5);
        const missed: string[] = [];
        for (const { what, module } of mutants)
          if (!(await differs(model, warmUp, () => module))) missed.push(what);
        expect(missed).toEqual([]);
      });
    }
  }

  /* Keys and values of zeros weigh in a softmax: without validity the first frames are wrong, and must show. */
  test("T65 zero-initialised keys without validity are caught", async () => {
    const g = new GraphSketch(3);
    g.input("x", [1, 2, "T"]);
    const model = g.model([attend(g, "x", { left: 4, right: 0 })]);
    const { analysis, model: made } = toStreaming(model, analyse(model, { x: 2 }), { chunk: CHUNK });
    const run = { chunk: CHUNK, steps: 12 };
    const x = integers(8, [1, 2, CHUNK * run.steps], 3);
    const worst = async (modules: readonly Module[]): Promise<number> =>
      (await parity(model, analysis, { modules }, { x }, run))[0]?.relative ?? 0;
    // Sums of a softmax in another order, in float32.
    expect(await worst(made.modules)).toBeLessThan(1e-5);
    const masks = made.modules.flatMap(mutantsOf).filter((m) => m.what.startsWith("mask"));
    expect(masks).toHaveLength(1);
    for (const { module } of masks) expect(await worst([module])).toBeGreaterThan(1e-2);
  });
});
