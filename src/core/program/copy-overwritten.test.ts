import fc from "fast-check";
import { expect, test } from "vitest";
import { tensorOf } from "../ir/tensor.ts";
import { firstOverwrite } from "./arena-links.ts";
import { copyOverwritten } from "./copy-overwritten.ts";
import { DeviceTwin } from "./interpreter.ts";
import type { Kernel, KernelForm, Program, ProgramTensor } from "./program.ts";

const SIZE = 4;
const NEGATED = Int8Array.from({ length: 256 }, (_, i) => Math.min(127, 128 - i));

/** One step: an operator and the places of what it reads among the values before it. */
type Step = readonly [op: "Identity" | "LUT" | "Add" | "Mul", ...from: number[]];

const FORMS: Readonly<Record<Step[0], KernelForm>> = {
  Identity: { kind: "move" },
  LUT: { kind: "table", table: NEGATED },
  Add: { kind: "sum", sign: 1, relu: false },
  Mul: { kind: "multiply", log2: 0, relu: false },
};

/** Values v0 (the input), v1, … of one size. */
function programOf(steps: readonly Step[], outputs: readonly number[]): Program {
  const tensors = new Map<string, ProgramTensor>();
  for (let i = 0; i <= steps.length; i++)
    tensors.set(`v${i}`, { name: `v${i}`, dtype: "int8", dims: [SIZE], exponents: [0] });
  const kernels = steps.map(([op, ...from], i): Kernel => {
    const inputs = from.map((at) => `v${at}`);
    return { name: `k${i}`, op, inputs, outputs: [`v${i + 1}`], attributes: {}, form: FORMS[op] };
  });
  const made = outputs.map((at) => `v${at}`);
  return { rounding: "half-up", tensors, inputs: ["v0"], outputs: made, kernels, states: [] };
}

const opsOf = (program: Program): string[] => program.kernels.map((k) => k.op);

test("a view that is overwritten while its source is still read gets a copy", () => {
  const program = programOf(
    [
      ["Mul", 0, 0],
      ["Identity", 1],
      ["LUT", 2],
      ["Identity", 3],
      ["Mul", 1, 4],
    ],
    [5],
  );
  expect(firstOverwrite(program)).toMatchObject({ kernel: { name: "k2" }, input: "v2" });
  expect(opsOf(copyOverwritten(program))).toEqual(["Mul", "Identity", "Slice", "LUT", "Identity", "Mul"]);
});

test("an output that is a view outlives the value that it shows", () => {
  const program = programOf(
    [
      ["Mul", 0, 0],
      ["Identity", 1],
      ["Mul", 1, 1],
      ["Mul", 3, 3],
      ["Mul", 4, 4],
    ],
    [2, 5],
  );
  expect(opsOf(copyOverwritten(program)).slice(0, 3)).toEqual(["Mul", "Slice", "Identity"]);
});

test("what the memory manager sees itself stays as it is", () => {
  for (const steps of [
    [
      ["LUT", 0],
      ["Mul", 0, 1],
    ],
    [
      ["Identity", 0],
      ["LUT", 1],
    ],
    [
      ["Identity", 0],
      ["LUT", 0],
      ["Mul", 1, 2],
    ],
    [
      ["Mul", 0, 0],
      ["Identity", 1],
      ["Mul", 1, 2],
      ["LUT", 2],
      ["LUT", 4],
      ["Mul", 3, 5],
    ],
  ] satisfies Step[][]) {
    const program = programOf(steps, [steps.length]);
    expect(copyOverwritten(program)).toBe(program);
  }
});

test("copies change no number and leave nothing overwritten", () => {
  const op = fc.constantFrom("Identity" as const, "LUT" as const, "Add" as const, "Mul" as const);
  const steps = fc.array(fc.tuple(op, fc.nat(), fc.nat()), { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(steps, fc.array(fc.nat(), { maxLength: 3 }), (drawn, more) => {
      const program = programOf(
        drawn.map(([name, a, b], i): Step => {
          const from = [a % (i + 1), b % (i + 1)];
          return [name, ...(name === "Add" || name === "Mul" ? from : from.slice(0, 1))];
        }),
        [...new Set([drawn.length, ...more.map((m) => (m % drawn.length) + 1)])],
      );
      const copied = copyOverwritten(program);
      expect(firstOverwrite(copied)).toBeUndefined();
      const inputs = { v0: tensorOf(Int8Array.from([1, -2, 3, 5]), [SIZE]) };
      const [before, after] = [new DeviceTwin(program).step(inputs), new DeviceTwin(copied).step(inputs)];
      for (const name of program.outputs) expect(after.get(name)).toEqual(before.get(name));
    }),
  );
});
