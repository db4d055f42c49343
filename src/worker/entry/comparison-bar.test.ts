import { expect, test } from "vitest";
import type { Plan } from "../../core/plan/plan.ts";
import { SILENT_JOB } from "../../engine/ports.ts";
import type { CompareProgress } from "../../engine/reports.ts";
import type { StageProgress } from "../protocol.ts";
import { comparisonBar } from "./comparison-bar.ts";

const clips = (stage: "parity" | "quantization" | "integerParity"): CompareProgress[] =>
  [1, 2].map((clip) => ({ stage, clip, clipCount: 2, file: `${clip}.wav` }));
const search: CompareProgress[] = [
  { stage: "search", part: "float", portion: 0 },
  { stage: "search", part: "exponents", portion: 0.4 },
  { stage: "search", part: "biases", portion: 1 },
];

test.each<[Pick<Plan, "target" | "compatible" | "budget">, CompareProgress[]]>([
  [{ target: "onnxruntime" }, [...clips("parity"), ...clips("quantization")]],
  // An approximated model is compared twice.
  [{ target: "onnxruntime" }, [...clips("parity"), ...clips("parity"), ...clips("quantization")]],
  [{ target: "esp32-s3" }, [...clips("parity"), ...search, ...clips("integerParity")]],
  [{ target: "esp32-s3", budget: {} }, [...clips("parity"), ...search, ...clips("integerParity")]],
  [
    { target: "esp32-p4", compatible: "esp-ppq" },
    [...clips("parity"), ...clips("quantization"), ...clips("integerParity")],
  ],
])("a comparison is one bar over its stages: %o", (plan, progress) => {
  const told: StageProgress[] = [];
  const bar = comparisonBar(plan, { ...SILENT_JOB, report: (p) => told.push(p) });
  for (const p of progress) bar.comparison.report(p);
  expect(told.map((p) => p.stage)).toEqual(progress.map((p) => p.stage));
  const portions = told.map((p) => p.portion ?? Number.NaN);
  expect(portions[0]).toBe(0);
  expect(portions).toEqual([...portions].sort((a, b) => a - b));
  // The last clip has only begun.
  const last = portions.at(-1) ?? 1;
  expect(last).toBeGreaterThan(0.5);
  expect(last).toBeLessThan(1);
});

test("clips are counted, and a search names its part", () => {
  const told: StageProgress[] = [];
  const bar = comparisonBar(
    { target: "esp32-s3", budget: {} },
    { ...SILENT_JOB, report: (p) => told.push(p) },
  );
  for (const p of [...clips("parity"), ...search]) bar.comparison.report(p);
  expect(told[1]).toMatchObject({ stage: "parity", done: 2, total: 2, what: "2.wav" });
  expect(told.at(-1)).toMatchObject({ stage: "search", part: "biases" });
});

const rest = [
  ["pack", 1],
  ["verify", 2],
] as const;
const packing: StageProgress[] = [
  { stage: "pack", done: 0, total: 0 },
  ...[0, 1, 2].map((done): StageProgress => ({ stage: "verify", done, total: 2, what: "float" })),
];

test("what follows a comparison goes on where that ended, and fills the bar", () => {
  const told: StageProgress[] = [];
  const job = { ...SILENT_JOB, report: (p: StageProgress) => told.push(p) };
  const bar = comparisonBar({ target: "esp32-s3" }, job, { rest });
  for (const p of [...clips("parity"), ...search, ...clips("integerParity")]) bar.comparison.report(p);
  for (const p of packing) bar.rest.report(p);
  const portions = told.map((p) => p.portion ?? Number.NaN);
  expect(portions).toEqual([...portions].sort((a, b) => a - b));
  expect(portions.at(-1)).toBe(1);
  expect(told.at(-1)).toMatchObject({ stage: "verify", done: 2, total: 2, what: "float" });
});

test("with the comparison at hand, the rest has the bar for itself", () => {
  const told: StageProgress[] = [];
  const job = { ...SILENT_JOB, report: (p: StageProgress) => told.push(p) };
  const bar = comparisonBar({ target: "esp32-s3" }, job, { rest, compared: true });
  for (const p of packing) bar.rest.report(p);
  expect(told.map((p) => p.portion)).toEqual([0, 1 / 3, 2 / 3, 1]);
});
