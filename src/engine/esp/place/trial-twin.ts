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

/** A sample with what the float model answers. */
export interface ReferenceSample {
  readonly inputs: Sample;
  readonly outputs: ReadonlyMap<ValueName, Tensor>;
  /** How much its signal and its error count; 1 if absent. */
  readonly weight?: number;
}

/** A program with every value that it made of every sample, and its error at the outputs. */
export interface Trial {
  readonly program: Program;
  readonly values: readonly ReadonlyMap<string, Tensor>[];
  /** Mean over the outputs of Σ(f−q)²/Σf². */
  readonly noise: number;
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
  private readonly outputs: readonly ValueName[];

  /** Every dim of the dialect must be concrete; at least one output must be float. */
  constructor(dialect: Model, rounding: Rounding, samples: readonly ReferenceSample[]) {
    this.dialect = dialect;
    this.rounding = rounding;
    this.samples = samples;
    this.inference = inferShapes(runnableDialect(dialect));
    this.outputs = dialect.graph.outputs
      .map((v) => v.name)
      .filter((name) => samples.every((s) => s.outputs.get(name)?.dtype === "float32"));
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
    const unchanged = base && unchangedKernels(base.program, program);
    let work = 0;
    const values = this.samples.map(({ inputs }, i) => {
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
      return now;
    });
    return { program, values, work, noise: this.noise(program, values) };
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

  private noise(program: Program, values: readonly ReadonlyMap<string, Tensor>[]): number {
    let sum = 0;
    for (const name of this.outputs) {
      const scale = 2 ** (tensorIn(program, name).exponents?.[0] ?? 0);
      let [signal, error] = [0, 0];
      for (const [i, { outputs, weight = 1 }] of this.samples.entries()) {
        const reference = outputs.get(name);
        const made = values[i]?.get(name);
        if (!reference || !made) throw new Error(`${name} was not made`);
        const [f, q] = [floats(reference), elements(made)];
        for (let k = 0; k < f.length; k++) {
          const real = f[k] as number;
          signal += weight * real * real;
          error += weight * (real - Number(q[k]) * scale) ** 2;
        }
      }
      // NaN (an overflown softmax) is as bad as it gets.
      const ratio = error / Math.max(signal, Number.MIN_VALUE);
      sum += ratio >= 0 ? ratio : Number.POSITIVE_INFINITY;
    }
    return sum / Math.max(this.outputs.length, 1);
  }
}

function unchangedKernels(before: Program, after: Program): Set<Kernel> {
  const known = new Map(before.kernels.map((k) => [k.outputs.join(), k]));
  const unchanged = new Set<Kernel>();
  for (const kernel of after.kernels) {
    const twin = known.get(kernel.outputs.join());
    if (twin && kernelKey(before, twin) === kernelKey(after, kernel)) unchanged.add(kernel);
  }
  return unchanged;
}

/** All that decides what a kernel computes but the elements of its operands. */
function kernelKey(program: Program, { inputs, outputs, form }: Kernel): string {
  const formKey = JSON.stringify(form, (_, v: unknown) => (v instanceof Int8Array ? v.join() : v));
  return [formKey, ...[...inputs, ...outputs].map((name) => recordKey(program, name))].join("|");
}

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

/** Elements made, times the products behind each. */
function workOf(program: Program, { inputs, outputs, form }: Kernel): number {
  const made = sizeOf(tensorIn(program, outputs[0] ?? "").dims);
  if (form.kind !== "convolution" && form.kind !== "product") return made;
  const { dims } = tensorIn(program, inputs[1] ?? "");
  if (form.kind === "convolution") return made * (sizeOf(dims) / (dims[0] ?? 1));
  return made * ((form.transposed ? dims.at(-1) : dims.at(-2)) ?? 1);
}
