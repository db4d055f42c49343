import { expect, test } from "vitest";
import { intAttribute } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import { arenaBytes } from "./arena-bytes.ts";
import type { Kernel, KernelForm, Program, ProgramTensor } from "./program.ts";

const NEGATED: KernelForm = {
  kind: "table",
  table: Int8Array.from({ length: 256 }, (_, i) => Math.min(127, 128 - i)),
};
const PRODUCT: KernelForm = { kind: "multiply", log2: 0, relu: false };
const MOVE: KernelForm = { kind: "move" };

/** A program of a dozen nodes over vectors of different lengths, from a seed. */
function programOf(seed: number): Program {
  let state = seed;
  const below = (n: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % n;
  };
  const tensors = new Map<string, ProgramTensor>();
  const lengths: number[] = [];
  const define = (length: number): string => {
    const name = `v${lengths.length}`;
    lengths.push(length);
    tensors.set(name, { name, dtype: "int8", dims: [length], exponents: [0] });
    return name;
  };
  define(20 + below(60));
  const kernels: Kernel[] = [];
  while (kernels.length < 12) {
    const from = Math.max(0, lengths.length - 1 - below(4));
    const length = lengths[from] ?? 1;
    const op = ["Concat", "LUT", "Identity", "Mul", "Slice"][below(5)] ?? "";
    const inputs = [`v${from}`];
    let made = length;
    if (op === "Mul") inputs.push(`v${from}`);
    if (op === "Concat") {
      const other = below(lengths.length);
      inputs.push(`v${other}`);
      made += lengths[other] ?? 0;
    }
    if (op === "Slice") {
      made = 1 + below(length);
      for (const [what, at] of [
        ["starts", 0],
        ["ends", made],
        ["axes", 0],
        ["steps", 1],
      ] as const) {
        const data = longTensor([at]);
        const name = `k${kernels.length}.${what}`;
        tensors.set(name, { name, dtype: "int64", dims: [1], data });
        inputs.push(name);
      }
    }
    if (made > 400) continue;
    const form = op === "LUT" ? NEGATED : op === "Mul" ? PRODUCT : MOVE;
    const attributes = op === "Concat" ? { axis: intAttribute(0) } : {};
    kernels.push({ name: `k${kernels.length}`, op, inputs, outputs: [define(made)], attributes, form });
  }
  const read = new Set(kernels.flatMap((k) => k.inputs));
  const outputs = lengths.map((_, i) => `v${i}`).filter((name) => !read.has(name));
  return { rounding: "half-up", tensors, inputs: ["v0"], outputs, kernels, states: [] };
}

// What ESP-DL 3.3.9 allocated when it loaded the files of these programs.
const ALLOCATED = [
  368, 160, 1728, 240, 432, 80, 320, 1168, 480, 1024, 1040, 672, 336, 176, 192, 96, 608, 592, 432, 384, 112,
  368, 320, 272,
];

test("the arena is as large as the runtime's", () => {
  expect(ALLOCATED.map((_, i) => arenaBytes(programOf(i + 1)))).toEqual(ALLOCATED);
});
