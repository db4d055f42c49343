import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noise } from "../../../../test/array-clip.ts";
import { goldenModel } from "../../../../test/golden.ts";
import { sharedData } from "../../../../test/shared-data.ts";
import { makeModel } from "../../../core/format/onnx/make-model.ts";
import { concatAxis } from "../../../core/ir/axis.ts";
import { intAttribute, intsAttribute, type Model, makeNode, type Node } from "../../../core/ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../../../core/ir/tensor.ts";
import type { ChipCost } from "../../../core/quant/esp/joint/choice-trace.ts";
import type { WidthBudget } from "../../../core/quant/esp/width-budget.ts";
import { targetById } from "../../../core/targets/catalogue.ts";
import type { EspdlTarget } from "../../../core/targets/target.ts";
import { createRuntime } from "../../../runtime/ort.ts";
import { SILENT_JOB } from "../../ports.ts";
import { offlineProgram } from "../chip-model.ts";
import { offlineCost } from "./chip-cost.ts";
import type { Sample } from "./observe-samples.ts";
import { placeAsPlanned } from "./place-as-planned.ts";
import type { ErrorPlacement } from "./place-by-error.ts";
import { observeStatistics } from "./reference-samples.ts";
import type { SearchProgress } from "./search-progress.ts";

const FRAMES = 40;
const runtime = createRuntime();

function chip(id: string): EspdlTarget {
  const target = targetById(id);
  if (target.exporter !== "espdl") throw new Error("a chip");
  return target;
}

function modelOf(nodes: Node[], channels: number, constants: Record<string, Tensor>): Model {
  const output = nodes.at(-1)?.outputs[0] ?? "";
  return makeModel(
    {
      name: "g",
      inputs: [{ name: "x", dtype: "float32", shape: [1, channels, FRAMES] }],
      outputs: [{ name: output, dtype: "float32" }],
      initializers: new Map(Object.entries(constants)),
      nodes,
      values: new Map(),
    },
    { opset: 17 },
  );
}

interface Case {
  readonly model: Model;
  readonly samples: readonly Sample[];
  readonly target: EspdlTarget;
}

async function placed({ model, samples, target }: Case, budget?: WidthBudget): Promise<ErrorPlacement> {
  const statistics = await observeStatistics(model, samples, runtime, SILENT_JOB);
  const plan = budget ? { budget } : {};
  const input = { normalized: model, model, samples, statistics, target, plan, costOf: offlineCost(target) };
  return placeAsPlanned({ ...input, work: 2e7 }, runtime, SILENT_JOB);
}

const widthsIn = ({ placement }: ErrorPlacement, bits: number): string[] =>
  [...placement.values()].filter((p) => p.bits === bits).map((p) => p.node.name);

const within = (cost: ChipCost, base: ChipCost, { bytes = Infinity, cycles = Infinity }: WidthBudget) =>
  cost.bytes <= bytes * base.bytes && cost.cycles <= cycles * base.cycles;

/** Every integer that a program is made of. */
const programText = (p: ErrorPlacement): string =>
  JSON.stringify([offlineProgram(p).kernels, [...offlineProgram(p).tensors]], (_, v: unknown) =>
    v instanceof Uint8Array ? v.join() : typeof v === "bigint" ? String(v) : v,
  );

describe("16 bits where they pay", () => {
  const conv = (name: string, x: string, y: string) => makeNode("Conv", [x, `${name}.w`], [y], {}, name);
  // All channels are equal, and the second filter nearly cancels two of them: 8 bits cannot hold its weights. What it reads, 8 bits
  // hold exactly, also where it is a quarter louder, as the search makes it. The first filter is the larger one.
  const [channels, taps] = [8, 9];
  const one = floatTensor(
    floats(noise([1, 1, FRAMES], 3)).map((x) => Math.round(x * 24) / 32),
    [1, 1, FRAMES],
  );
  const halves = Float32Array.from({ length: channels * channels * taps }, (_, i) => {
    const [row, column] = [Math.floor(i / (channels * taps)), i % (channels * taps)];
    return column === row * taps + (taps - 1) / 2 ? 0.5 : 0;
  });
  const same = { pads: intsAttribute([(taps - 1) / 2, (taps - 1) / 2]) };
  const cancelling: Case = {
    model: modelOf(
      [makeNode("Conv", ["x", "first.w"], ["a"], same, "first"), conv("cancels", "a", "b")],
      channels,
      {
        "first.w": floatTensor(halves, [channels, channels, taps]),
        "cancels.w": floatTensor([1, -1.003, 0, 0, 0, 0, 0, 0], [1, channels, 1]),
      },
    ),
    samples: [
      {
        x: concatAxis(
          Array.from({ length: channels }, () => one),
          1,
        ),
      },
    ],
    target: chip("esp32-s3"),
  };

  test("the one operator that needs them is found, and nothing else where the budget is just enough", async () => {
    const { choices } = await placed(cancelling, {});
    const [first] = choices.widths?.steps ?? [];
    const base = choices.widths?.base;
    expect(first?.nodes.map((n) => n.node)).toEqual(["b"]);
    expect(first?.why).toBe("node");
    expect((first?.afterDb ?? 0) - (first?.beforeDb ?? 0)).toBeGreaterThan(20);
    if (!first || !base) throw new Error("no step");
    const budget = {
      // A byte and a cycle more: quotients round.
      bytes: (first.after.bytes + 1) / base.cost.bytes,
      cycles: (first.after.cycles + 1) / base.cost.cycles,
    };
    const just = await placed(cancelling, budget);
    expect(widthsIn(just, 16)).toEqual(["cancels"]);
    expect(just.choices.widths?.stopped).toBe("budget");
  });

  test("a search is told as one bar: part after part, never falling, to its end", async () => {
    const { model, samples, target } = cancelling;
    const statistics = await observeStatistics(model, samples, runtime, SILENT_JOB);
    const input = { normalized: model, model, samples, statistics, target, costOf: offlineCost(target) };
    const partsOf = async (plan: { budget?: WidthBudget }, work: number) => {
      const told: SearchProgress[] = [];
      const job = { ...SILENT_JOB, report: (progress: SearchProgress) => told.push(progress) };
      const { choices } = await placeAsPlanned({ ...input, plan, work }, runtime, job);
      const portions = told.map((p) => p.portion);
      expect(portions).toEqual([...portions].sort((a, b) => a - b));
      expect(portions[0]).toBe(0);
      expect(portions.at(-1)).toBe(1);
      const parts = told.map((p) => p.part).filter((part, i, all) => part !== all[i - 1]);
      return { parts, widened: (choices.widths?.steps ?? []).length > 0 };
    };
    const parts = ["float", "exponents", "widths", "refine", "biases"];
    // Nothing is refined where nothing became wider.
    const without = parts.filter((part) => part !== "refine");
    expect(await partsOf({ budget: {} }, 2e7)).toEqual({ parts, widened: true });
    expect(await partsOf({ budget: { bytes: 1 } }, 2e7)).toEqual({ parts: without, widened: false });
    // Work that cuts the parts short.
    for (const work of [1e6, 1e5, 1e4]) {
      const short = await partsOf({ budget: {} }, work);
      expect(short.parts).toEqual(short.widened ? parts : without);
      expect((await partsOf({}, work)).parts).toEqual(["float", "exponents", "biases"]);
    }
  });

  test("a width of the plan stands, and a budget that buys nothing is refused", async () => {
    const { model, samples, target } = cancelling;
    const statistics = await observeStatistics(model, samples, runtime, SILENT_JOB);
    const common = { normalized: model, model, samples, statistics, target, costOf: offlineCost(target) };
    const plan = { budget: {}, widths: { cancels: 8, first: 16 } } as const;
    const kept = await placeAsPlanned({ ...common, plan, work: 2e7 }, runtime, SILENT_JOB);
    expect(widthsIn(kept, 8)).toContain("cancels");
    expect(widthsIn(kept, 16)).toContain("first");
    const refused = (more: object) => async () =>
      placeAsPlanned({ ...common, plan: { budget: {}, ...more } }, runtime, SILENT_JOB);
    await expect(refused({ bits: 16 })).rejects.toThrow("plan.budgetUnused");
    await expect(refused({ compatible: "esp-ppq" })).rejects.toThrow("plan.budgetUnused");
  });

  const ops = fc.array(fc.constantFrom("Conv", "Relu", "Sigmoid", "Add", "Softmax", "MaxPool"), {
    minLength: 2,
    maxLength: 6,
  });
  const factor = fc.constantFrom(1.1, 1.5, 2.5);
  const chips = fc.constantFrom("esp32-s3", "esp32-p4", "esp32", "esp32-c3");

  test("never beyond the budget, never worse than without, and without where nothing may cost more", async () => {
    await fc.assert(
      fc.asyncProperty(ops, factor, factor, chips, fc.nat(99), async (list, bytes, cycles, id, seed) => {
        const any: Case = {
          model: chainOf(list, seed),
          samples: [{ x: noise([1, 3, FRAMES], seed + 1) }],
          target: chip(id),
        };
        const without = await placed(any);
        const same = await placed(any, { bytes: 1 });
        expect(programText(same)).toBe(programText(without));
        expect(same.choices.widths?.steps).toEqual([]);
        for (const budget of [{ bytes, cycles }, {}]) {
          const { choices } = await placed(any, budget);
          const { widths } = choices;
          if (!widths) throw new Error("no trace");
          expect(widths.base.sqnrDb).toBe(without.choices.exponents.sqnrDb);
          expect(widths.sqnrDb).toBeGreaterThanOrEqual(widths.base.sqnrDb);
          expect(within(widths.cost, widths.base.cost, budget)).toBe(true);
          for (const step of widths.steps) {
            expect(step.afterDb).toBeGreaterThan(step.beforeDb);
            expect(within(step.after, widths.base.cost, budget)).toBe(true);
          }
        }
      }),
      // Each compiles and searches four models.
      { numRuns: 6 },
    );
  });

  function chainOf(list: readonly string[], seed: number): Model {
    const constants: Record<string, Tensor> = {};
    let value = "x";
    const nodes = list.map((op, i): Node => {
      const [from, to] = [value, `v${i}`];
      value = to;
      if (op === "Conv") constants[`n${i}.w`] = noise([3, 3, 1], seed + 7 * i + 2);
      if (op === "Conv") return conv(`n${i}`, from, to);
      if (op === "Add") return makeNode("Add", [from, "x"], [to], {}, `n${i}`);
      if (op === "Softmax") return makeNode("Softmax", [from], [to], { axis: intAttribute(1) }, `n${i}`);
      if (op === "MaxPool")
        return makeNode("MaxPool", [from], [to], { kernel_shape: { kind: "ints", value: [1n] } }, `n${i}`);
      return makeNode(op, [from], [to], {}, `n${i}`);
    });
    return modelOf(nodes, 3, constants);
  }
});

const folder = sharedData("espdl/golden");
const mix = join(folder ?? "", "mix");

describe.skipIf(!folder || !existsSync(mix))("on a model that ends in a softmax", () => {
  test("a fifth more buys decibels, the softmax among what is widened", async () => {
    const { model, samples } = goldenModel(mix);
    const { choices } = await placed(
      { model, samples, target: chip("esp32-s3") },
      { bytes: 1.2, cycles: 1.2 },
    );
    const { widths } = choices;
    expect(widths?.steps.flatMap((step) => step.nodes.map((n) => n.op))).toContain("Softmax");
    // 3.2 dB when written; a search that finds nothing gains none.
    expect((widths?.sqnrDb ?? 0) - (widths?.base.sqnrDb ?? 0)).toBeGreaterThan(2);
  });
});
