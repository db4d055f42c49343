import type { ModuleVectors } from "../core/export/package-input.ts";
import type { ValueName } from "../core/ir/graph.ts";
import { floats, type Tensor } from "../core/ir/tensor.ts";
import type { Runtime } from "./ports.ts";
import { type ModuleRun, type RunnableModule, Stepper } from "./stepper.ts";

export interface VectorOptions {
  /** Allowed difference of float values on another runtime, relative to the value's range. */
  readonly relativeTolerance: number;
  /** Quantized value → its scale: on another runtime it may be off by one step. */
  readonly scales?: ReadonlyMap<ValueName, number>;
}

/**
 * Runs the modules from reset over `steps` (model inputs of each step) and keeps what goes in and out of each:
 * one record per module, tensors stacked with the run as first axis.
 */
export async function recordVectors(
  runtime: Runtime,
  modules: readonly RunnableModule[],
  steps: readonly Readonly<Record<string, Tensor>>[],
  options: VectorOptions,
): Promise<ModuleVectors[]> {
  const stepper = await Stepper.open(runtime, modules);
  const records = modules.map((module) => new Recorder(module));
  try {
    for (const inputs of steps) {
      for (const run of await stepper.step(inputs)) records[run.module]?.add(run);
    }
  } finally {
    await stepper.release();
  }
  return records.map((record) => record.finish(options));
}

type Columns = Map<ValueName, Tensor[]>;

class Recorder {
  private readonly module: RunnableModule;
  private runs = 0;
  private readonly inputs: Columns = new Map();
  private readonly caches: Columns = new Map();
  private readonly outputs: Columns = new Map();
  private readonly nextCaches: Columns = new Map();

  constructor(module: RunnableModule) {
    this.module = module;
  }

  add({ inputs, outputs, before, after }: ModuleRun): void {
    this.runs++;
    const keep = (columns: Columns, name: ValueName, tensor: Tensor | undefined) => {
      if (!tensor) throw new Error(`module ${this.module.name} has no value ${name}`);
      const column = columns.get(name);
      if (column) column.push(tensor);
      else columns.set(name, [tensor]);
    };
    for (const { name } of this.module.inputs) keep(this.inputs, name, inputs.get(name));
    for (const { name } of this.module.outputs) keep(this.outputs, name, outputs.get(name));
    for (const cache of this.module.caches) {
      keep(this.caches, cache.input, before.get(cache.input));
      keep(this.nextCaches, cache.output, after.get(cache.input));
    }
  }

  finish({ relativeTolerance, scales }: VectorOptions): ModuleVectors {
    const inputs = stackAll(this.inputs);
    const outputs = stackAll(this.outputs);
    const nextCaches = stackAll(this.nextCaches);
    const largest = Math.max(
      0,
      ...[...inputs, ...outputs, ...nextCaches].map(([, tensor]) => spanOf(tensor)),
    );
    const tolerances = new Map<ValueName, number>();
    for (const [name, tensor] of [...outputs, ...nextCaches]) {
      const span = Math.max(spanOf(tensor), largest * LEAST_SPAN);
      tolerances.set(name, toleranceOf(tensor, relativeTolerance * span, scales?.get(name)));
    }
    return {
      steps: this.runs,
      inputs,
      caches: stackAll(this.caches),
      outputs,
      nextCaches,
      tolerances,
    };
  }
}

function stackAll(columns: Columns): Map<ValueName, Tensor> {
  return new Map([...columns].map(([name, column]) => [name, stack(column)]));
}

/** Equal tensors on a new first axis. */
function stack(parts: readonly Tensor[]): Tensor {
  const first = parts[0];
  if (!first) throw new Error("nothing to stack");
  const size = first.bytes.length;
  const bytes = new Uint8Array(size * parts.length);
  for (const [i, part] of parts.entries()) bytes.set(part.bytes, i * size);
  return { dtype: first.dtype, dims: [parts.length, ...first.dims], bytes };
}

/**
 * The first steps may be silence: a value that is small beside what it was summed from keeps the noise of those sums,
 * so no value counts as smaller than this part of the module's largest.
 */
const LEAST_SPAN = 0.01;

/** Range of the finite elements of a float value, zero included; 0 for other types. */
function spanOf(tensor: Tensor): number {
  if (tensor.dtype !== "float32") return 0;
  let low = 0;
  let high = 0;
  for (const x of floats(tensor)) {
    if (x < low && x > Number.NEGATIVE_INFINITY) low = x;
    if (x > high && x < Number.POSITIVE_INFINITY) high = x;
  }
  return high - low;
}

/** One step of a quantized value, else the given part of a float value's range. */
function toleranceOf(tensor: Tensor, float: number, scale: number | undefined): number {
  if (tensor.dtype === "int64") return 0;
  if (tensor.dtype !== "float32") return 1;
  // A dequantized value is scale · integer, rounded once: neighbours may be a little more than one scale apart.
  return scale === undefined ? float : scale * 1.001;
}
