import { exp } from "../../base/elementary.ts";
import { elements, tensorOf } from "../../ir/tensor.ts";
import { roundFloat32 } from "../../quant/esp/rounding.ts";
import { inputAt, type KernelContext, numbersOf, type Run, rangeOf } from "../kernel-context.ts";
import type { KernelForm, ProgramTensor } from "../program.ts";

type Recurrent = Extract<KernelForm, { kind: "recurrent" }>;

/** Arithmetic of one form: how products with the matrices, gates and new states come about. */
interface Arithmetic {
  /** Σ a·b as it leaves the matrix product of the input, or of the state. */
  readonly product: (sum: number, of: "input" | "state") => number;
  /** Sum of a product and biases. */
  readonly biased: (sum: number) => number;
  readonly sigmoid: (x: number) => number;
  readonly tanh: (x: number) => number;
  /** Argument of GRU's tanh before its table. */
  readonly argument: (x: number) => number;
  /** What the new part of a hidden state is multiplied by before it is rounded. */
  readonly rescale: number;
  readonly rescaleCell: number;
  readonly state: (x: number) => number;
  readonly cell: (x: number) => number;
}

const f32 = Math.fround;
const sigmoidOf = (x: number): number => f32(1 / (1 + f32(exp(-x))));
const tanhOf = (x: number): number => f32(f32(2 * sigmoidOf(f32(2 * x))) - 1);
const wrap16 = (x: number): number => (x << 16) >> 16;

/**
 * GRU and LSTM over a sequence of batch 1, states in and out. Integer rules: products saturate to 16 bits, biases are added with
 * wrap-around, gates read float32 tables that end at ±6.3 and ±3.5, states are rounded and saturated at every step.
 * Source: esp-dl dl_module_gru.hpp 114–256, dl_module_lstm.hpp, dl_math.hpp 324–429, dl_base_dotprod.cpp 8–42.
 */
export const runRecurrent: Run<Recurrent> = (context) => {
  const { form, inputs, outputRecords, inputRecords } = context;
  const { hidden, directions, cell } = form;
  const gates = cell === "gru" ? 3 : 4;
  const [x, w, r] = [0, 1, 2].map((i) => numbersOf(inputAt(context, i))) as [Numbers, Numbers, Numbers];
  const b = inputs[3] ? elements(inputs[3]) : undefined;
  const [steps = 1, , width = 1] = inputAt(context, 0).dims;
  const arithmetic = arithmeticOf(context);
  const y = new Float64Array(steps * directions * hidden);
  const lastH = new Float64Array(directions * hidden);
  const lastC = new Float64Array(directions * hidden);
  for (let d = 0; d < directions; d++) {
    const h = startOf(inputs[5] && numbersOf(inputs[5]), d, hidden);
    const c = startOf(inputs[6] && numbersOf(inputs[6]), d, hidden);
    const rows = gates * hidden;
    const bias = Float64Array.from({ length: 2 * rows }, (_, i) => Number(b?.[d * 2 * rows + i] ?? 0));
    const xw = new Float64Array(rows);
    const hr = new Float64Array(rows);
    const step = cell === "gru" ? stepGru : stepLstm;
    for (let k = 0; k < steps; k++) {
      const t = d === 0 ? k : steps - 1 - k;
      for (let row = 0; row < rows; row++) {
        xw[row] = arithmetic.product(dot(w, (d * rows + row) * width, x, t * width, width), "input");
        hr[row] = arithmetic.product(dot(r, (d * rows + row) * hidden, h, 0, hidden), "state");
      }
      step(arithmetic, { xw, hr, bias, h, c });
      y.set(h, (t * directions + d) * hidden);
    }
    lastH.set(h, d * hidden);
    lastC.set(c, d * hidden);
  }
  if (inputRecords.length < 3) throw new Error(`${context.kernel.name} misses its matrices`);
  return outputRecords.map((record, i) => stored(record, [y, lastH, lastC][i] ?? y));
};

type Numbers = Int8Array | Int16Array | Int32Array | Float32Array;

interface StepState {
  readonly xw: Float64Array;
  readonly hr: Float64Array;
  /** Of the inputs, then of the state. */
  readonly bias: Float64Array;
  readonly h: Float64Array;
  readonly c: Float64Array;
}

function dot(a: Numbers, from: number, b: ArrayLike<number>, at: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[from + i] as number) * (b[at + i] as number);
  return sum;
}

function startOf(given: Numbers | undefined, direction: number, hidden: number): Float64Array {
  return Float64Array.from({ length: hidden }, (_, i) => given?.[direction * hidden + i] ?? 0);
}

function stored(record: ProgramTensor, values: Float64Array) {
  const { dtype, dims } = record;
  if (dtype === "int8") return tensorOf(Int8Array.from(values), dims);
  return dtype === "int16"
    ? tensorOf(Int16Array.from(values), dims)
    : tensorOf(Float32Array.from(values), dims);
}

/** Gates z, r, n. */
function stepGru(a: Arithmetic, { xw, hr, bias, h }: StepState): void {
  const { length: hidden } = h;
  for (let i = 0; i < xw.length; i++) {
    xw[i] = a.biased((xw[i] as number) + (bias[i] as number));
    hr[i] = a.biased((hr[i] as number) + (bias[xw.length + i] as number));
  }
  for (let i = 0; i < hidden; i++) {
    const z = a.sigmoid((xw[i] as number) + (hr[i] as number));
    const reset = a.sigmoid((xw[hidden + i] as number) + (hr[hidden + i] as number));
    const n = a.tanh(
      a.argument(f32((xw[2 * hidden + i] as number) + f32(reset * (hr[2 * hidden + i] as number)))),
    );
    const fresh = f32(f32(f32(1 - z) * n) * a.rescale);
    h[i] = a.state(f32(fresh + f32(z * (h[i] as number))));
  }
}

/** Gates i, o, f, g. */
function stepLstm(a: Arithmetic, { xw, hr, bias, h, c }: StepState): void {
  const { length: hidden } = h;
  const gate = (k: number, i: number): number => {
    const at = k * hidden + i;
    return a.biased(
      (xw[at] as number) + (bias[at] as number) + (hr[at] as number) + (bias[xw.length + at] as number),
    );
  };
  for (let i = 0; i < hidden; i++) {
    const input = a.sigmoid(gate(0, i));
    const output = a.sigmoid(gate(1, i));
    const forget = a.sigmoid(gate(2, i));
    const candidate = a.tanh(gate(3, i));
    const next = a.cell(f32(f32(forget * (c[i] as number)) + f32(f32(input * candidate) * a.rescaleCell)));
    c[i] = next;
    h[i] = a.state(f32(f32(output * a.tanh(next)) * a.rescale));
  }
}

function arithmeticOf({ form, rounding, outputRecords }: KernelContext<Recurrent>): Arithmetic {
  const { quantized } = form;
  if (!quantized)
    return {
      product: (sum) => f32(sum),
      biased: f32,
      sigmoid: sigmoidOf,
      tanh: tanhOf,
      argument: (x) => x,
      rescale: 1,
      rescaleCell: 1,
      state: f32,
      cell: f32,
    };
  const { gateLog2, inputShift, stateShift, outputLog2 } = quantized;
  const round = roundFloat32(rounding);
  const range = rangeOf(outputRecords[0]?.dtype ?? "int8");
  const saturate = (x: number, { min, max }: { readonly min: number; readonly max: number }): number =>
    x < min ? min : x > max ? max : x;
  const wide = rangeOf("int16");
  const [inputScale, stateScale] = [2 ** -inputShift, 2 ** -stateShift];
  const sigmoid = gateTable(sigmoidOf, 6.3, gateLog2);
  const tanh = gateTable(tanhOf, 3.5, gateLog2);
  return {
    product: (sum, of) => saturate(round(f32(sum) * (of === "input" ? inputScale : stateScale)), wide),
    biased: wrap16,
    sigmoid: (q) => (q >= 0 ? sigmoid(q) : f32(1 - sigmoid(-q))),
    tanh: (q) => (q >= 0 ? tanh(q) : -tanh(-q)),
    argument: round,
    rescale: 2 ** -outputLog2,
    rescaleCell: 2 ** -gateLog2,
    state: (x) => saturate(round(x), range),
    cell: (x) => wrap16(round(x)),
  };
}

/** f at the non-negative multiples of 2^log2 up to `reach`, its last value beyond. */
function gateTable(f: (x: number) => number, reach: number, log2: number): (q: number) => number {
  const last = Math.trunc(f32(reach) * 2 ** -log2) + 1;
  const table = Float32Array.from({ length: last + 1 }, (_, i) => f(i * 2 ** log2));
  return (q) => table[q < last ? q : last] as number;
}
