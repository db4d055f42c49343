import type { Model, Node, ValueName } from "../../../core/ir/graph.ts";
import { elements, floats, sizeOf, type Tensor } from "../../../core/ir/tensor.ts";
import { inferShapes } from "../../../core/passes/infer-shapes.ts";
import { runnableDialect } from "../../../core/program/dialect/espdl-runnable.ts";
import { quantizeFeed } from "../../../core/program/interpreter.ts";
import { runKernel } from "../../../core/program/kernels/catalogue.ts";
import { lowerProgram } from "../../../core/program/lower/lower-program.ts";
import { type Kernel, type Program, tensorIn } from "../../../core/program/program.ts";
import type { ExponentPlacement } from "../../../core/quant/esp/place-exponents.ts";
import type { Rounding } from "../../../core/quant/scheme.ts";
import type { Sample } from "./observe-samples.ts";

/** So many parts tell how sure a gain is; a part has to be so large that its error is more than one number's luck. */
const WANTED_PARTS = 16;
const LEAST_PART = 64;
/** What lowering a kernel again counts, and an element beside a product: measured in Node, roughly. */
const KERNEL_WORK = 2e4;
const ELEMENT_WORK = 8;

/** A sample with what the float model answers. */
export interface ReferenceSample {
  readonly inputs: Sample;
  readonly outputs: ReadonlyMap<ValueName, Tensor>;
  /** Of a louder copy: how much its signal and its error count beside those of what was heard, which count 1. */
  readonly weight?: number;
}

/** A program with every value that it made of every sample, and its error at the outputs. */
export interface Trial {
  readonly program: Program;
  readonly values: readonly ReadonlyMap<string, Tensor>[];
  /** Mean over the outputs of Σ(f−q)²/Σf². */
  readonly noise: number;
  /** What each part of the samples adds to the noise. */
  readonly parts: readonly number[];
  /** What louder copies add to it. */
  readonly louder: number;
  /** Multiplications and elements computed for it. */
  readonly work: number;
}

/**
 * Runs variants of one quantized model over the same samples. A variant computes again only what can differ from the trial before:
 * kernels whose form, constants or operands changed.
 */
export class TrialTwin {
  private readonly dialect: Model;
  private readonly rounding: Rounding;
  private readonly samples: readonly ReferenceSample[];
  private readonly inference: ReturnType<typeof inferShapes>;
  private readonly constants = new Map<string, Tensor>();
  /** Float outputs with the sum of their squares. */
  private readonly outputs: ReadonlyMap<ValueName, number>;
  /** Into how many parts every sample is divided. */
  private readonly divisions: number;

  /** Every dim of the dialect must be concrete; at least one output must be float. */
  constructor(dialect: Model, rounding: Rounding, samples: readonly ReferenceSample[]) {
    this.dialect = dialect;
    this.rounding = rounding;
    this.samples = samples;
    this.inference = inferShapes(runnableDialect(dialect));
    this.outputs = signalsOf(dialect, samples);
    const sizes = [...this.outputs.keys()].map((name) => sizeOf(samples[0]?.outputs.get(name)?.dims ?? []));
    const divisible = Math.max(1, Math.floor(Math.min(...sizes) / LEAST_PART));
    this.divisions = Math.min(divisible, Math.ceil(WANTED_PARTS / Math.max(1, samples.length)));
  }

  /** The same samples on the dialect with some other constants; what is lowered of the rest is kept. */
  withDialect(dialect: Model): TrialTwin {
    const twin = new TrialTwin(dialect, this.rounding, this.samples);
    const before = this.dialect.graph.initializers;
    for (const [key, tensor] of this.constants) {
      const name = key.slice(0, key.lastIndexOf(" ", key.lastIndexOf(" ") - 1));
      if (before.get(name) === dialect.graph.initializers.get(name)) twin.constants.set(key, tensor);
    }
    return twin;
  }

  /** Lowers the placement. Throws `target.noKernel`; tells `onRefusal` instead if there is one. */
  program(placement: ExponentPlacement, onRefusal?: (node: Node) => void): Program {
    const dimsOf = (value: ValueName): readonly number[] =>
      (this.inference.info(value).shape ?? []).map((d) => {
        if (typeof d !== "number") throw new Error(`${value} has no concrete dims`);
        return d;
      });
    const dtypeOf = (value: ValueName) => this.inference.info(value).dtype ?? "float32";
    const { rounding, constants } = this;
    const { graph } = this.dialect;
    const refusal = onRefusal && { onRefusal };
    return lowerProgram({ graph, placement, rounding, dimsOf, dtypeOf, constants, ...refusal });
  }

  /** Runs the program over all samples; what equals `base` is taken from there. */
  run(program: Program, base?: Trial): Trial {
    return this.runWhile(program, base, () => true);
  }

  /**
   * As {@link run}, but given up as soon as too little is left for the program to become better than `base`: half of the noise
   * that is still to come would have to vanish. The noise of what was given up is infinite.
   */
  race(program: Program, base: Trial): Trial {
    const { noise, parts } = base;
    let [theirs, ours] = [0, 0];
    return this.runWhile(program, base, (added, from) => {
      for (const [i, part] of added.entries()) {
        ours += part;
        theirs += parts[from + i] ?? 0;
      }
      return !(ours - theirs > (noise - theirs) / 2);
    });
  }

  private runWhile(
    program: Program,
    base: Trial | undefined,
    goOn: (added: readonly number[], from: number) => boolean,
  ): Trial {
    const unchanged = base && unchangedKernels(base.program, program);
    const values: ReadonlyMap<string, Tensor>[] = [];
    const parts: number[] = [];
    let louder = 0;
    let work = program.kernels.length * KERNEL_WORK;
    for (const [i, { inputs, weight }] of this.samples.entries()) {
      const before = base?.values[i];
      const now = new Map<string, Tensor>();
      for (const name of program.inputs) {
        const feed = inputs[name];
        if (!feed) throw new RangeError(`no sample of ${name}`);
        const same = base && recordKey(base.program, name) === recordKey(program, name);
        const kept = same ? before?.get(name) : undefined;
        now.set(name, kept ?? (feed.dtype === "float32" ? quantizeFeed(program, name, floats(feed)) : feed));
      }
      for (const kernel of program.kernels) work += this.runOne(program, kernel, now, before, unchanged);
      const added = this.partsOf(program, now, i);
      values.push(now);
      parts.push(...added);
      if (weight !== undefined) louder += sum(added);
      if (!goOn(added, parts.length - added.length))
        return { program, values, work, parts, louder, noise: Number.POSITIVE_INFINITY };
    }
    return { program, values, work, parts, louder, noise: sum(parts) };
  }

  private runOne(
    program: Program,
    kernel: Kernel,
    now: Map<string, Tensor>,
    before: ReadonlyMap<string, Tensor> | undefined,
    unchanged: ReadonlySet<Kernel> | undefined,
  ): number {
    const operands = kernel.inputs.map((name) =>
      name === "" ? undefined : (now.get(name) ?? tensorIn(program, name).data),
    );
    const outputs = kernel.outputs.filter((name) => name !== "");
    const same =
      unchanged?.has(kernel) &&
      kernel.inputs.every((name) => name === "" || !now.has(name) || now.get(name) === before?.get(name));
    if (same) {
      for (const name of outputs) {
        const kept = before?.get(name);
        if (kept) now.set(name, kept);
      }
      return 0;
    }
    const results = runKernel({
      kernel,
      form: kernel.form,
      inputs: operands,
      inputRecords: kernel.inputs.map((name) => (name === "" ? undefined : tensorIn(program, name))),
      outputRecords: outputs.map((name) => tensorIn(program, name)),
      rounding: program.rounding,
    });
    for (const [i, name] of outputs.entries()) {
      const result = results[i];
      const kept = before?.get(name);
      // The same integers at another exponent are another value: their readers' forms differ then.
      if (result) now.set(name, kept && equalBytes(kept, result) ? kept : result);
    }
    return workOf(program, kernel);
  }

  /** The noise of one sample at the outputs, division by division. */
  private partsOf(program: Program, made: ReadonlyMap<string, Tensor>, index: number): number[] {
    const { divisions, outputs } = this;
    const { outputs: references, weight = 1 } = this.samples[index] as ReferenceSample;
    const parts = new Array<number>(divisions).fill(0);
    for (const [name, signal] of outputs) {
      const scale = 2 ** (tensorIn(program, name).exponents?.[0] ?? 0);
      const [reference, answer] = [references.get(name), made.get(name)];
      if (!reference || !answer) throw new Error(`${name} was not made`);
      const [f, q] = [floats(reference), elements(answer)];
      for (let part = 0; part < divisions; part++) {
        const end = Math.floor(((part + 1) * f.length) / divisions);
        let error = 0;
        for (let k = Math.floor((part * f.length) / divisions); k < end; k++)
          error += ((f[k] as number) - Number(q[k]) * scale) ** 2;
        // NaN (an overflown softmax) is as bad as it gets.
        const ratio = (weight * error) / (signal * outputs.size);
        parts[part] = (parts[part] ?? 0) + (ratio >= 0 ? ratio : Number.POSITIVE_INFINITY);
      }
    }
    return parts;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Weighted sums of squares of the float outputs; one that is silent throughout has no ratio to its error and is left out. */
function signalsOf(dialect: Model, samples: readonly ReferenceSample[]): Map<ValueName, number> {
  const signals = new Map<ValueName, number>();
  for (const { name } of dialect.graph.outputs) {
    let signal = 0;
    for (const { outputs, weight = 1 } of samples) {
      const reference = outputs.get(name);
      if (reference?.dtype !== "float32") break;
      for (const x of floats(reference)) signal += weight * x * x;
    }
    if (signal > 0) signals.set(name, signal);
  }
  return signals;
}

function unchangedKernels(before: Program, after: Program): Set<Kernel> {
  const known = new Map(before.kernels.map((k) => [k.outputs.join(), k]));
  const unchanged = new Set<Kernel>();
  for (const kernel of after.kernels) {
    const twin = known.get(kernel.outputs.join());
    if (!twin || kernelKey(before, twin) !== kernelKey(after, kernel)) continue;
    if (kernel.inputs.every((name) => constantOf(before, name) === constantOf(after, name)))
      unchanged.add(kernel);
  }
  return unchanged;
}

/** All that decides what a kernel computes but the elements of its operands. */
function kernelKey(program: Program, { inputs, outputs, form }: Kernel): string {
  const formKey = JSON.stringify(form, (_, v: unknown) => (v instanceof Int8Array ? v.join() : v));
  return [formKey, ...[...inputs, ...outputs].map((name) => recordKey(program, name))].join("|");
}

/** Lowered once and kept, so that it is another object where the dialect has other numbers. */
const constantOf = (program: Program, name: string): Tensor | undefined =>
  name === "" ? undefined : tensorIn(program, name).data;

function recordKey(program: Program, name: string): string {
  if (name === "") return "";
  const { dtype, exponents } = tensorIn(program, name);
  return `${name} ${dtype} ${exponents}`;
}

function equalBytes(a: Tensor, b: Tensor): boolean {
  const [x, y] = [a.bytes, b.bytes];
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** Products; elements where there are none. */
function workOf(program: Program, { inputs, outputs, form }: Kernel): number {
  const made = sizeOf(tensorIn(program, outputs[0] ?? "").dims);
  if (form.kind === "recurrent") {
    const steps = tensorIn(program, inputs[0] ?? "").dims[0] ?? 1;
    return inputs.slice(1, 3).reduce((n, name) => n + steps * sizeOf(tensorIn(program, name).dims), 0);
  }
  if (form.kind !== "convolution" && form.kind !== "product") return made * ELEMENT_WORK;
  const { dims } = tensorIn(program, inputs[1] ?? "");
  if (form.kind === "convolution") return made * (sizeOf(dims) / (dims[0] ?? 1));
  return made * ((form.transposed ? dims.at(-1) : dims.at(-2)) ?? 1);
}
