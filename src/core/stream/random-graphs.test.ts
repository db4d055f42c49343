import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGraph } from "../../../test/check-graph.ts";
import { buildGraph, graphSpec } from "../../../test/random-graphs.ts";
import { analyse, integers, must, runGraph } from "../../../test/stream-lab.ts";
import { floats, floatTensor } from "../ir/tensor.ts";

describe("random graphs", () => {
  test("T100 stream exactly, held, masked or with two graphs, whole or split, step by step or in one Scan", async () => {
    let [checked, flagged, refused] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(graphSpec, async (spec) => {
        const outcome = await checkGraph(spec);
        expect(outcome.wrong).toEqual([]);
        if (outcome.kind === "checked") checked++;
        if (outcome.kind === "refused") refused++;
        if (outcome.flagged) flagged++;
      }),
      { numRuns: Number(process.env.RILL_GRAPHS ?? 150), seed: Number(process.env.RILL_SEED ?? 7) },
    );
    expect(checked).toBeGreaterThan(4 * refused);
    expect(4 * flagged).toBeGreaterThan(checked);
  }, 60_000);

  test("T98 no frame outside the declared field matters", async () => {
    await fc.assert(
      fc.asyncProperty(graphSpec, async ({ steps, mode, seed }) => {
        const model = buildGraph({ steps: steps.slice(0, 5), mode, seed });
        if (!model) return;
        const analysis = analyse(model, { x: 2 });
        if (analysis.refusals.length > 0) return;
        const length = analysis.minimalChunk * Math.ceil(80 / analysis.minimalChunk);
        const x = integers(seed, [1, 2, length], 3);
        const at = Math.floor(length / 2);
        const other = floatTensor(floats(x), x.dims);
        floats(other)[at] = 3 - (floats(x)[at] ?? 0);
        const plain = await runGraph(model, model.graph, { x }).catch(() => undefined);
        // A length that a fold does not divide.
        if (!plain) return;
        const poked = await runGraph(model, model.graph, { x: other });
        for (const { name } of model.graph.outputs) {
          const fact = analysis.facts.get(name);
          if (fact?.kind !== "stream") throw new Error(name);
          const [a, b] = [floats(must(plain[name])), floats(must(poked[name]))];
          const frames = must(plain[name]).dims[2] ?? 1;
          for (let i = 0; i < a.length; i++) {
            if (a[i] === b[i]) continue;
            const center = ((i % frames) * fact.rate.den) / fact.rate.num;
            expect(at).toBeGreaterThanOrEqual(center - fact.field.past);
            expect(at).toBeLessThanOrEqual(center + fact.field.future);
          }
        }
      }),
      { numRuns: 60, seed: 3 },
    );
  }, 60_000);
});
