import { type Tensor, tensorOf } from "../ir/tensor.ts";
import { filled } from "./kernel-context.ts";
import { runKernel } from "./kernels/catalogue.ts";
import { type Program, tensorIn } from "./program.ts";

/** Every tensor of one step by name, constants left out. */
export type StepValues = ReadonlyMap<string, Tensor>;

/**
 * The device twin: runs a program step by step and computes the integers that the chip computes. Deterministic; state is kept
 * between steps until `reset`.
 */
export class DeviceTwin {
  readonly program: Program;
  private readonly constants: ReadonlyMap<string, Tensor>;
  private states = new Map<string, Tensor>();

  constructor(program: Program) {
    this.program = program;
    const constants = new Map<string, Tensor>();
    for (const { name, data } of program.tensors.values()) if (data) constants.set(name, data);
    this.constants = constants;
    this.reset();
  }

  /** Every state back to its initial contents. */
  reset(): void {
    this.states = new Map(
      this.program.states.map(({ input, init }) => {
        const record = tensorIn(this.program, input);
        return [input, filled(record, count(record.dims), () => init)];
      }),
    );
  }

  /**
   * Runs one step. `feeds` holds every input of the program that is no state, in the tensor's own type: quantize floats first.
   * Throws RangeError if one is missing or of another size.
   */
  step(feeds: Readonly<Record<string, Tensor>>): StepValues {
    const { program } = this;
    const values = new Map<string, Tensor>(this.states);
    for (const name of program.inputs) {
      if (values.has(name)) continue;
      const record = tensorIn(program, name);
      const tensor = feeds[name];
      if (tensor?.dtype !== record.dtype || count(tensor.dims) !== count(record.dims))
        throw new RangeError(`${name} needs ${record.dtype} [${record.dims}]`);
      values.set(name, { ...tensor, dims: record.dims });
    }
    for (const kernel of program.kernels) {
      const results = runKernel({
        kernel,
        form: kernel.form,
        inputs: kernel.inputs.map((name) => (name === "" ? undefined : this.valueOf(values, name))),
        inputRecords: kernel.inputs.map((name) => (name === "" ? undefined : tensorIn(program, name))),
        outputRecords: kernel.outputs.filter((name) => name !== "").map((name) => tensorIn(program, name)),
        rounding: program.rounding,
      });
      const names = kernel.outputs.filter((name) => name !== "");
      for (const [i, name] of names.entries()) {
        const result = results[i];
        if (result) values.set(name, result);
      }
    }
    this.states = new Map(program.states.map(({ input, output }) => [input, this.valueOf(values, output)]));
    return values;
  }

  private valueOf(values: ReadonlyMap<string, Tensor>, name: string): Tensor {
    const tensor = values.get(name) ?? this.constants.get(name);
    if (!tensor) throw new Error(`${name} is read before it is made`);
    return tensor;
  }
}

/** The integers of a float32 tensor in the type and exponent of a program's tensor, or the floats themselves. */
export function quantizeFeed(program: Program, name: string, values: Float32Array): Tensor {
  const record = tensorIn(program, name);
  if (record.dtype === "float32") return tensorOf(Float32Array.from(values), record.dims);
  const [output] = runKernel({
    kernel: {
      name,
      op: "QuantizeLinear",
      inputs: [name],
      outputs: [name],
      attributes: {},
      form: { kind: "rescale" },
    },
    form: { kind: "rescale" },
    inputs: [tensorOf(Float32Array.from(values), record.dims)],
    inputRecords: [{ name, dtype: "float32", dims: record.dims }],
    outputRecords: [record],
    rounding: program.rounding,
  });
  if (!output) throw new Error("quantization answers nothing");
  return output;
}

function count(dims: readonly number[]): number {
  return dims.reduce((n, d) => n * d, 1);
}
