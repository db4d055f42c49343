import { sha256Hex } from "../../core/base/sha256.ts";
import { encodeUtf8 } from "../../core/base/utf8.ts";
import type { PackagedCache, PackagedPort } from "../../core/export/package-input.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { printPlan } from "../../core/plan/print-plan.ts";
import { tensorIn } from "../../core/program/program.ts";
import type { Cache, Port } from "../../core/stream/module.ts";
import type { Schedule } from "../../core/stream/schedule.ts";
import type { UnpackedChip, UnpackedModule } from "../package-model.ts";
import { type ModuleRun, Stepper } from "../stepper.ts";
import { type ChipModule, chipCache, chipFile, chipPort, runnableChipModule } from "./chip-modules.ts";
import type { QuantizedChip } from "./evaluate-chip.ts";
import { chipFeeds } from "./stream-chip.ts";
import { twinRuntime } from "./twin-session.ts";

export interface ChipStream {
  /** Float model inputs of the first steps. */
  readonly steps: readonly Readonly<Record<ValueName, Tensor>>[];
  readonly schedule: Schedule;
  /** Model-input frames per step. */
  readonly chunk: number;
  readonly plan: Plan;
}

/**
 * What a package tells of a chip: every module's final file, which names the plan that it was made by and carries test vectors
 * of one run, and its ports and caches in the chip's layout and types.
 */
export async function chipRequest(
  { target, bits, modules }: QuantizedChip,
  { steps, schedule, chunk, plan }: ChipStream,
): Promise<UnpackedChip> {
  const planned = modules.map((m): ChipModule => {
    const metadata = new Map([...m.metadata, ["plan", sha256Hex(encodeUtf8(printPlan(plan)))]]);
    return { ...m, metadata };
  });
  const feeds = steps.map((inputs) => chipFeeds(modules, inputs));
  const tested = await testFeeds(modules, feeds, chunk, target.formats[bits].rounding);
  return {
    target,
    bits,
    modules: planned.map((m, i) => unpacked(m, i, schedule, chipFile(m, tested[i]))),
    steps: feeds,
  };
}

/**
 * What each module reads in the run that its test vectors show: the last recorded one; the first one where the file keeps caches
 * itself, since they begin with zeros. A module that never ran has none.
 */
async function testFeeds(
  modules: readonly ChipModule[],
  feeds: readonly Readonly<Record<ValueName, Tensor>>[],
  chunk: number,
  rounding: Parameters<typeof twinRuntime>[0],
): Promise<(Record<string, Tensor> | undefined)[]> {
  const found: (Record<string, Tensor> | undefined)[] = modules.map(() => undefined);
  const stepper = await Stepper.open(
    twinRuntime(rounding),
    modules.map((m) => runnableChipModule(m, chunk)),
  );
  try {
    for (const [step, inputs] of feeds.entries()) {
      for (const run of await stepper.step(inputs)) {
        const chip = modules[run.module];
        if (!chip || Math.floor(step / (chip.module.chunk / chunk)) < chip.module.gateRuns) continue;
        const keepsOwn = chip.caches.some((c) => c.inside);
        if (!keepsOwn || !found[run.module]) found[run.module] = readBy(chip, run);
      }
    }
  } finally {
    await stepper.release();
  }
  return found;
}

function readBy({ caches }: ChipModule, { inputs, before }: ModuleRun): Record<string, Tensor> {
  const outside = new Set(caches.filter((c) => !c.inside).map((c) => c.cache.input));
  return Object.fromEntries([...inputs, ...[...before].filter(([name]) => outside.has(name))]);
}

function unpacked(chip: ChipModule, index: number, schedule: Schedule, bytes: Uint8Array): UnpackedModule {
  const { module } = chip;
  return {
    name: module.name,
    bytes,
    period: schedule.periods[index] ?? schedule.period,
    startStep: schedule.startSteps[index] ?? 0,
    gateRuns: module.gateRuns,
    inputs: module.inputs.map((p) => portOf(chip, p)),
    outputs: module.outputs.map((p) => portOf(chip, p)),
    caches: chip.caches.map((c): PackagedCache => {
      const { input, output, dtype, shape, init } = chipCache(chip, c);
      const order = chip.laid.orders.get(c.cache.input);
      const axis = order ? order.indexOf(c.cache.axis) : c.cache.axis;
      return {
        ...c.cache,
        ...scaleOf(chip, c.cache.input),
        ...{ input, output, dtype: dtype as Cache["dtype"], shape, init, axis },
        ...(c.inside && { internal: true as const }),
        ...(c.explicit && { explicit: c.explicit }),
      };
    }),
    cost: { ...module.cost, ...storedBytes(chip) },
  };
}

function portOf(chip: ChipModule, port: Port): PackagedPort {
  const { dtype, shape, axis } = chipPort(chip, port);
  const order = chip.laid.orders.get(port.name);
  const { axis: _, ...rest } = port;
  return {
    ...rest,
    dtype,
    shape,
    ...(axis !== undefined && { axis }),
    ...(order && { order }),
    ...scaleOf(chip, port.name),
  };
}

function scaleOf({ program }: ChipModule, name: ValueName): { scale?: number; zeroPoint?: number } {
  const [exponent] = tensorIn(program, name).exponents ?? [];
  return exponent === undefined ? {} : { scale: 2 ** exponent, zeroPoint: 0 };
}

/** Bytes as the chip holds them. */
function storedBytes({ laid: { program }, caches, module }: ChipModule) {
  const bytesOf = (name: ValueName): number => {
    const { dtype, dims } = tensorIn(program, name);
    const width =
      dtype === "int8" || dtype === "bool" ? 1 : dtype === "int16" ? 2 : dtype === "int64" ? 8 : 4;
    return dims.reduce((n, d) => n * d, width);
  };
  const constants = [...program.tensors.values()].filter((t) => t.data);
  const made = program.kernels.flatMap((k) => k.outputs.filter((name) => name !== ""));
  return {
    weightBytes: constants.reduce((n, t) => n + (t.data?.bytes.length ?? 0), 0),
    cacheBytes: caches.reduce((n, c) => n + bytesOf(c.cache.input), 0),
    activationBytes: made.reduce((n, name) => n + bytesOf(name), 0),
    dispatches: Math.min(module.cost.dispatches, program.kernels.length),
  };
}
