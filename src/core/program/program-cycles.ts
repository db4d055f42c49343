import { sizeOf } from "../ir/tensor.ts";
import type { CycleCosts } from "../targets/target.ts";
import { type Kernel, type Program, tensorIn } from "./program.ts";

/** Functions that need neither an exponential nor a logarithm nor a root. */
const ARITHMETIC: ReadonlySet<string> = new Set(
  "Relu LeakyRelu PRelu HardSigmoid HardSwish Clip Neg Abs Floor Ceil".split(" "),
);

/** Estimated cycles of one run: what every kernel computes, times what that costs on the chip. Widths compare, latency does not. */
export function programCycles(program: Program, costs: CycleCosts): number {
  return program.kernels.reduce((sum, kernel) => sum + kernelCycles(program, kernel, costs), 0);
}

function kernelCycles(program: Program, kernel: Kernel, costs: CycleCosts): number {
  const { form, inputs, outputs } = kernel;
  const read = tensorIn(program, inputs.find((name) => name !== "") ?? "");
  const made = outputs.filter((name) => name !== "").map((name) => tensorIn(program, name));
  const [elements, readElements] = [made.reduce((n, t) => n + sizeOf(t.dims), 0), sizeOf(read.dims)];
  const is16 = [read, ...made].some((t) => t.dtype === "int16");
  const width = is16 ? 16 : 8;
  const element = costs.element[width];
  switch (form.kind) {
    case "convolution": {
      const { dims } = tensorIn(program, inputs[1] ?? "");
      return elements * ((sizeOf(dims) / (dims[0] ?? 1)) * costs.multiplyAdd[width] + element);
    }
    case "product": {
      const { dims } = tensorIn(program, inputs[1] ?? "");
      const taps = (form.transposed ? dims.at(-1) : dims.at(-2)) ?? 1;
      return elements * (taps * costs.multiplyAdd[width] + element);
    }
    case "recurrent": {
      const steps = read.dims[0] ?? 1;
      const weights = inputs.slice(1, 3).reduce((n, name) => n + sizeOf(tensorIn(program, name).dims), 0);
      const gates = (form.cell === "gru" ? 3 : 4) * form.hidden * form.directions;
      const product = form.quantized ? costs.multiplyAdd[width] : costs.float;
      return steps * (weights * product + gates * (form.quantized ? costs.float : costs.transcendental));
    }
    case "table":
    case "coarseTable":
      return elements * costs.lookup;
    case "float":
      return elements * (ARITHMETIC.has(form.f.op) ? costs.float : costs.transcendental);
    case "binary":
      return elements * (form.op === "pow" ? costs.transcendental : costs.float);
    case "divide":
      return elements * costs.float;
    case "softmax":
      // At 8 bits exponentials come from a table.
      return elements * (is16 ? costs.transcendental : costs.lookup + costs.float);
    case "average":
    case "maximum":
      return elements * form.window.kernel.reduce((a, b) => a * b, 1) * element;
    case "reduce":
      return readElements * (form.op === "mean" || form.op === "sum" ? element : costs.float);
    case "normalize":
      return readElements * 2 * costs.float;
    case "rescale":
      return elements * (read.dtype === "float32" ? costs.float : element);
    default:
      return elements * element;
  }
}
