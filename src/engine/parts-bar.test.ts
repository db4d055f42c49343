import fc from "fast-check";
import { expect, test } from "vitest";
import { PartsBar } from "./parts-bar.ts";
import { SILENT_JOB } from "./ports.ts";

const WEIGHTS = [
  ["a", 0.3],
  ["b", 1],
  ["c", 0.7],
] as const;

function bar() {
  const told: (readonly [string, number])[] = [];
  return { told, bar: new PartsBar(WEIGHTS, (part, portion) => told.push([part, portion])) };
}

test("whatever the parts report in their order, the bar never falls, and ends at 1", () => {
  const portions = fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { maxLength: 5 });
  fc.assert(
    fc.property(portions, portions, portions, (...reports) => {
      const { told, bar: all } = bar();
      for (const [i, [part]] of WEIGHTS.entries()) {
        const job = all.job(part, SILENT_JOB);
        for (const portion of reports[i] ?? []) job.report(portion);
      }
      all.reach("c", 1);
      const seen = told.map(([, portion]) => portion);
      expect(seen).toEqual([...seen].sort((x, y) => x - y));
      expect(seen.every((portion) => portion >= 0)).toBe(true);
      expect(told.at(-1)).toEqual(["c", 1]);
    }),
  );
});

test("a part that ends early leaves its rest behind", () => {
  const { told, bar: all } = bar();
  all.reach("a", 1);
  all.reach("b", 0.5);
  all.reach("c", 0);
  expect(told.map(([part]) => part)).toEqual(["a", "b", "c"]);
  for (const [i, portion] of [0.15, 0.4, 0.65].entries()) expect(told[i]?.[1]).toBeCloseTo(portion, 12);
});
