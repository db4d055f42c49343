import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flushed } from "../../../test/check-graph.ts";
import {
  analyse,
  GraphSketch,
  integers,
  parity,
  runGraph,
  runSteps,
  stackSteps,
} from "../../../test/stream-lab.ts";
import { unstackChunks } from "../ir/axis.ts";
import { floatTensor, type Tensor } from "../ir/tensor.ts";
import { framesOfLaw, positionLaw } from "./position-law.ts";
import { toStreaming } from "./streaming-model.ts";

/**
 * [2, count]: `start` frames, a cycle, `end` frames; whole numbers. No two frames are equal: an end that happens to go on like
 * the cycle would leave open where the cycle stops.
 */
function settling(start: number, cycle: number, end: number, count: number, seed = 1): Tensor {
  const own = Array.from(new Float32Array(integers(seed, [2, start + cycle + end], 50).bytes.buffer));
  const rows = [0, 1].flatMap((row) =>
    Array.from({ length: count }, (_, t) => {
      const last = t - (count - end);
      const at = last >= 0 ? start + cycle + last : t < start ? t : start + ((t - start) % cycle);
      return (own[row * (start + cycle + end) + at] ?? 0) + 128 * at;
    }),
  );
  return floatTensor(rows, [2, count]);
}

describe("constants along time", () => {
  test("a start, a cycle and an end are found, and give the constant back", () => {
    const shape = fc.record({
      start: fc.nat(5),
      cycle: fc.integer({ min: 1, max: 6 }),
      end: fc.nat(5),
      seed: fc.integer({ min: 1, max: 999 }),
    });
    fc.assert(
      fc.property(shape, ({ start, cycle, end, seed }) => {
        const tensor = settling(start, cycle, end, 60, seed);
        const law = positionLaw(tensor, 1);
        expect(law && framesOfLaw(law, 60)).toEqual(tensor);
        expect(law && framesOfLaw(law, 83)).toEqual(settling(start, cycle, end, 83, seed));
      }),
    );
  });

  test("a count goes on", () => {
    const count = (n: number) =>
      floatTensor(
        Array.from({ length: n }, (_, t) => 128 * (t + 1)),
        [1, n, 1],
      );
    const law = positionLaw(count(20), 1);
    expect(law?.kind).toBe("linear");
    expect(law && framesOfLaw(law, 500)).toEqual(count(500));
  });

  test("what follows no law is none", () => {
    expect(positionLaw(integers(1, [1, 40], 1000), 1)).toBeUndefined();
  });
});

/** A delayed convolution meets a table: frame by frame, at every chunk, split or whole, and to the end. */
describe("T24 constants that vary over time", () => {
  const frames = 60;
  const tables: readonly (readonly [string, Tensor])[] = [
    ["a cycle that chunks do not hold", settling(0, 4, 0, frames)],
    ["a start and a cycle", settling(5, 3, 0, frames)],
    ["a start and a constant", settling(7, 1, 0, frames)],
    ["a start, a cycle and an end", settling(4, 2, 5, frames)],
    [
      "a count",
      floatTensor(
        Array.from({ length: 2 * frames }, (_, i) => 3 * (i % frames) - 7),
        [2, frames],
      ),
    ],
  ];
  const model = (table: Tensor, pads: readonly number[]) => {
    const g = new GraphSketch(3);
    g.input("x", [1, 2, frames]);
    const y = g.conv("x", [2, 2, 3], { pads });
    const sum = g.op("Add", [y, g.constant("table", table)], {}, "sum");
    return g.model([g.conv(sum, [2, 2, 2], { pads: [1, 0] })]);
  };
  for (const [name, table] of tables) {
    test.each([1, 2, 3, 5])(`${name}, chunk %i`, async (chunk) => {
      for (const [pads, warmUp] of [
        [[2, 0], "auto"],
        [[1, 1], "mask"],
        [[1, 1], "hold"],
      ] as const) {
        const m = model(table, pads);
        const neutral = analyse(m, { x: 2 });
        expect(neutral.refusals).toEqual([]);
        const made = toStreaming(m, neutral, { chunk, warmUp });
        const x = integers(7, [1, 2, frames], 3);
        const steps = frames / chunk;
        const [worst] = await parity(m, made.analysis, made.model, { x }, { chunk, steps });
        expect(worst).toMatchObject({ maxAbs: 0 });
        expect(worst?.frames).toBeGreaterThan(40);
        const exact = toStreaming(m, neutral, { chunk, warmUp, end: "exact" });
        const offline = await runGraph(m, m.graph, { x });
        for (const difference of await flushed(m, exact, x, offline))
          expect(difference).toMatchObject({ maxAbs: 0, frames });
      }
    });
  }

  test.each([1, 2, 3, 5])("a table without a law is exact up to its end, chunk %i", async (chunk) => {
    const m = model(integers(5, [2, frames], 900), [1, 1]);
    const neutral = analyse(m, { x: 2 });
    expect(neutral.refusals).toEqual([]);
    expect(neutral.limits).toEqual([{ node: "sum", frames }]);
    const made = toStreaming(m, neutral, { chunk, warmUp: "mask", end: "exact" });
    const x = integers(7, [1, 2, frames], 3);
    const offline = await runGraph(m, m.graph, { x });
    for (const difference of await flushed(m, made, x, offline))
      expect(difference).toMatchObject({ maxAbs: 0, frames });
  });

  test("behind the end of a table its last frame stays", async () => {
    const table = integers(5, [2, frames], 900);
    const g = new GraphSketch();
    g.input("x", [1, 2, "T"]);
    const m = g.model([g.op("Add", ["x", g.constant("table", table)], {}, "sum")]);
    const made = toStreaming(m, analyse(m, { x: 2 }), { chunk: 10 });
    const zeros = floatTensor(new Array(2 * 80).fill(0), [1, 2, 80]);
    const steps = await runSteps(m, made.model.modules, { x: zeros }, 8);
    const sum = unstackChunks(stackSteps(steps, "sum"), 2);
    const values = (t: Tensor) => Array.from(new Float32Array(t.bytes.slice().buffer));
    const rows = values(table);
    const held = [0, 1].flatMap((c) =>
      Array.from({ length: 80 }, (_, t) => rows[c * frames + Math.min(t, frames - 1)] ?? 0),
    );
    expect(values(sum)).toEqual(held);
  });
});
