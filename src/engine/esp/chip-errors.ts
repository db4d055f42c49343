import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, numbers, type Tensor, tensorOf } from "../../core/ir/tensor.ts";
import { inferShapes } from "../../core/passes/infer-shapes.ts";
import { runnableDialect } from "../../core/program/dialect/espdl-runnable.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { runKernel } from "../../core/program/kernels/catalogue.ts";
import { type Kernel, type Program, type ProgramTensor, tensorIn } from "../../core/program/program.ts";
import { ErrorMeter } from "../../core/quant/error-metrics.ts";
import { integersOf } from "../../core/quant/esp/number-format.ts";
import { encodeGraph } from "../encode-graph.ts";
import type { Job, Runtime } from "../ports.ts";
import { atLength, offlineProgram, type PlacedModel } from "./chip-model.ts";
import type { Sample } from "./place/observe-samples.ts";

/** Error of one value against float. */
export interface ValueError {
  /** +Infinity when equal. */
  readonly sqnrDb: number;
  readonly maxAbs: number;
  /** Of the value's range in float. */
  readonly maxRelative: number;
}

/** One value of the model as the chip computes it. */
export interface ChipValueError {
  readonly value: ValueName;
  /** Empty for a model input: what is lost there is the rounding of the input itself. */
  readonly op: string;
  /** Values of the model that its operator reads. */
  readonly reads: readonly ValueName[];
  /** Width of its integers. */
  readonly bits: number;
  /** The real number is the integer × 2^exponent. */
  readonly exponent: number;
  /** Its operator alone is quantized and reads float values. */
  readonly own: ValueError;
  /** Everything before it is quantized too. */
  readonly accumulated: ValueError;
  /** Share of the integers that stand at an end of their range. */
  readonly saturated: number;
}

interface Meters {
  readonly own: ErrorMeter;
  readonly accumulated: ErrorMeter;
  saturated: number;
  elements: number;
}

export interface ChipErrorsInput {
  readonly placed: PlacedModel;
  /** Whole inputs, all of the same dims. */
  readonly samples: readonly Sample[];
}

/**
 * Where errors come from: every kernel of the offline program runs once on quantized float values (own) and once behind
 * all others (accumulated), and both are held against float. Values in running order.
 */
export async function chipErrors(
  { placed, samples }: ChipErrorsInput,
  runtime: Runtime,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<ChipValueError[]> {
  const [first] = samples;
  if (!first) return [];
  const sized = atLength(placed, new Map(Object.entries(first).map(([name, t]) => [name, t.dims])));
  const program = offlineProgram(sized);
  const floatOf = await floatRunner(sized, runtime);
  const meters = new Map<ValueName, Meters>();
  const total = samples.length * program.kernels.length;
  let done = 0;
  try {
    for (const sample of samples) {
      const float = await floatOf.run(sample);
      await job.checkpoint();
      const feeds = Object.fromEntries(
        program.inputs.map((name) => [name, quantizeFeed(program, name, floats(given(sample, name)))]),
      );
      const twin = new DeviceTwin(program).step(feeds);
      for (const name of program.inputs) measureInput(meters, { program, float, twin }, name);
      for (const kernel of program.kernels) {
        await job.checkpoint();
        measure(meters, { program, kernel, float, twin });
        job.report({ done: ++done, total });
      }
    }
  } finally {
    await floatOf.release();
  }
  return errorsOf(program, meters);
}

/** Inputs first, then what kernels make. */
function errorsOf(program: Program, meters: ReadonlyMap<ValueName, Meters>): ChipValueError[] {
  const isMeasured = (name: ValueName): boolean => meters.has(name);
  const entry = (value: ValueName, op: string, reads: readonly ValueName[]): ChipValueError[] => {
    const seen = meters.get(value);
    return seen ? [errorOf(tensorIn(program, value), { op, reads }, seen)] : [];
  };
  return [
    ...program.inputs.flatMap((name) => entry(name, "", [])),
    ...program.kernels.flatMap((kernel) => {
      const [value = ""] = kernel.outputs;
      const reads = kernel.inputs.map((name) => sourceOf(program, name, isMeasured)).filter(isMeasured);
      return entry(value, kernel.op, reads);
    }),
  ];
}

function measureInput(
  meters: Map<ValueName, Meters>,
  { program, float, twin }: Omit<Measured, "kernel">,
  name: ValueName,
): void {
  const [reference, actual] = [float.get(name), twin.get(name)];
  const record = tensorIn(program, name);
  if (!reference || !actual || !record.exponents) return;
  const seen = metersOf(meters, name);
  const layout = { dims: reference.dims };
  seen.own.add(floats(reference), realsOf(record, actual), layout);
  seen.accumulated.add(floats(reference), realsOf(record, actual), layout);
  countSaturated(seen, record, actual);
}

function metersOf(meters: Map<ValueName, Meters>, value: ValueName): Meters {
  const seen = meters.get(value) ?? {
    own: new ErrorMeter(),
    accumulated: new ErrorMeter(),
    saturated: 0,
    elements: 0,
  };
  meters.set(value, seen);
  return seen;
}

interface Measured {
  readonly program: Program;
  readonly kernel: Kernel;
  readonly float: ReadonlyMap<ValueName, Tensor>;
  readonly twin: ReadonlyMap<ValueName, Tensor>;
}

function measure(meters: Map<ValueName, Meters>, { program, kernel, float, twin }: Measured): void {
  const [value = ""] = kernel.outputs;
  const [reference, actual] = [float.get(value), twin.get(value)];
  const record = program.tensors.get(value);
  if (!reference || !actual || !record?.exponents) return;
  const seen = metersOf(meters, value);
  const layout = { dims: reference.dims };
  seen.accumulated.add(floats(reference), realsOf(record, actual), layout);
  countSaturated(seen, record, actual);
  const alone = runAlone({ program, kernel, float, twin });
  seen.own.add(floats(reference), realsOf(record, alone), layout);
}

/** The kernel's first output when it reads the float values themselves, quantized to what it takes. */
function runAlone({ program, kernel, float, twin }: Measured): Tensor {
  const records = kernel.inputs.map((name) => (name === "" ? undefined : tensorIn(program, name)));
  const inputs = records.map((record) => {
    if (!record) return undefined;
    if (record.data) return record.data;
    const source = float.get(sourceOf(program, record.name, (name) => float.has(name)));
    if (!source) return twin.get(record.name);
    return quantizeFeed(program, record.name, floats(source));
  });
  const [output] = runKernel({
    kernel,
    form: kernel.form,
    inputs,
    inputRecords: records,
    outputRecords: kernel.outputs.filter((name) => name !== "").map((name) => tensorIn(program, name)),
    rounding: program.rounding,
  });
  if (!output) throw new Error(`${kernel.name} answers nothing`);
  return output;
}

/** The value of the float graph that a tensor is a conversion of. */
function sourceOf(program: Program, name: string, isValue: (name: string) => boolean): ValueName {
  if (isValue(name)) return name;
  const maker = program.kernels.find((k) => k.outputs.includes(name));
  const [from] = maker?.form.kind === "rescale" ? maker.inputs : [];
  return from === undefined ? name : sourceOf(program, from, isValue);
}

function realsOf({ exponents = [0] }: ProgramTensor, tensor: Tensor): Float32Array {
  const scale = 2 ** (exponents[0] ?? 0);
  return Float32Array.from(numbers(tensor), (q) => q * scale);
}

function countSaturated(seen: Meters, { dtype }: ProgramTensor, tensor: Tensor): void {
  const { min, max } = integersOf(widthOf(dtype));
  const data = elements(tensor);
  for (const q of data) if (Number(q) <= min || Number(q) >= max) seen.saturated++;
  seen.elements += data.length;
}

function widthOf(dtype: string): number {
  return dtype === "int8" ? 8 : dtype === "int16" ? 16 : 32;
}

function errorOf(
  record: ProgramTensor,
  made: Pick<ChipValueError, "op" | "reads">,
  seen: Meters,
): ChipValueError {
  const summary = (meter: ErrorMeter): ValueError => {
    const { sqnrDb, maxAbs, maxRelative } = meter.summary(record.name);
    return { sqnrDb, maxAbs, maxRelative };
  };
  return {
    value: record.name,
    ...made,
    bits: widthOf(record.dtype),
    exponent: record.exponents?.[0] ?? 0,
    own: summary(seen.own),
    accumulated: summary(seen.accumulated),
    saturated: seen.elements === 0 ? 0 : seen.saturated / seen.elements,
  };
}

function given(sample: Sample, name: ValueName): Tensor {
  const tensor = sample[name];
  if (!tensor) throw new Error(`no sample for ${name}`);
  return tensor;
}

/** Runs the float dialect and gives every float value, inputs included. */
async function floatRunner(placed: PlacedModel, runtime: Runtime) {
  const runnable = runnableDialect(placed.dialect);
  const inference = inferShapes(runnable);
  const made = placed.dialect.graph.nodes.flatMap((n) => n.outputs.filter((o) => o !== ""));
  const outputs = made.flatMap((name) => {
    const { dtype, shape } = inference.info(name);
    return dtype === "float32" ? [{ name, dtype, ...(shape && { shape }) }] : [];
  });
  const session = await runtime.open(encodeGraph({ ...runnable.graph, outputs }, runnable.opsets));
  return {
    async run(sample: Sample): Promise<ReadonlyMap<ValueName, Tensor>> {
      const results = await session.run(sample);
      const inputs = Object.entries(sample).map(([name, t]): [string, Tensor] => [
        name,
        tensorOf(Float32Array.from(floats(t)), t.dims),
      ]);
      return new Map([...inputs, ...Object.entries(results)]);
    },
    release: () => session.release(),
  };
}
