import { attributesOf } from "../../ir/attributes.ts";
import { intAttribute, intsAttribute } from "../../ir/graph.ts";
import { longTensor, numbers, type Tensor } from "../../ir/tensor.ts";
import { dividesByReciprocal } from "../division.ts";
import type { Kernel, KernelForm, Program, ProgramState, ProgramTensor } from "../program.ts";
import { tensorIn } from "../program.ts";
import {
  type AxisOrder,
  channelsLastOrder,
  normalOrder,
  permBetween,
  sameOrder,
  samePlaces,
  storedAxis,
  storedDims,
} from "./axis-order.ts";
import { filterBlock, packActivation } from "./pack-activation.ts";
import { permuteRows, transposeTensor } from "./reorder.ts";

export interface ChannelsLast {
  readonly program: Program;
  /** Order of every tensor that does not lie as in ONNX: its element [i…] is the ONNX element with the axes put back. */
  readonly orders: ReadonlyMap<string, readonly number[]>;
  /** Flattened values whose columns follow the memory: place → ONNX column, for one batch entry. */
  readonly columns: ReadonlyMap<string, readonly number[]>;
}

/**
 * The program with activations laid out as ESP-DL computes them: channels last around convolutions and pools. Axes of slices,
 * concatenations, reductions and the columns behind a Flatten move with the data; a Transpose is put in only where an op has no
 * such form. Computes the same numbers in another order. Source: espdl-format reference §3.2.
 */
export function channelsLast(program: Program, options: LayoutOptions = {}): ChannelsLast {
  const { carried = [], given } = options;
  const known = new Map<string, AxisOrder>(given);
  // What a run leaves lies as the graph behind it wants it; its input follows, which may move others in turn.
  for (let round = 0; round <= carried.length; round++) {
    const laid = new LayoutWriter(program, options, known).write();
    const apart = carried.filter(([i, o]) => !sameOrder(laid.orders.get(i), laid.orders.get(o)));
    if (apart.length === 0) return laid;
    for (const [input, output] of apart) known.set(input, laid.orders.get(output));
  }
  throw new Error("a cache has no layout that its input and its output share");
}

export interface LayoutOptions {
  /** Inputs that the outputs of the run before become: both lie in one order. */
  readonly carried?: readonly (readonly [input: string, output: string])[];
  /** Inputs that come in an order decided elsewhere. */
  readonly given?: ReadonlyMap<string, AxisOrder>;
  /** Put a Transpose before a Flatten instead of moving the rows of the weights behind it, so that these stay as they are. */
  readonly keepWeights?: boolean;
  /** Of the chip's filters: a MatMul of two activations gets its second one in their order. Absent: as it is. */
  readonly vectorBytes?: 0 | 16;
}

/** Kernels that read and write channels last. */
const SPATIAL: ReadonlySet<KernelForm["kind"]> = new Set([
  "convolution",
  "average",
  "maximum",
  "insertZeros",
  "blocks",
  "resize",
]);
/** Kernels that compute element by element: any order will do. */
const POINTWISE: ReadonlySet<KernelForm["kind"]> = new Set([
  "sum",
  "multiply",
  "divide",
  "binary",
  "compare",
  "table",
  "coarseTable",
  "float",
  "rescale",
]);
/** Movements whose axes can follow the data. */
const REMAPPED: ReadonlySet<string> = new Set(["Slice", "Concat", "Pad", "Split", "Gather"]);

class LayoutWriter {
  private readonly source: Program;
  private readonly options: LayoutOptions;
  /** Orders of inputs that are decided already. */
  private readonly known: ReadonlyMap<string, AxisOrder>;
  readonly tensors = new Map<string, ProgramTensor>();
  private readonly orders = new Map<string, readonly number[]>();
  private readonly kernels: Kernel[] = [];
  private readonly readers = new Map<string, Kernel[]>();
  private readonly columns = new Map<string, readonly number[]>();

  constructor(source: Program, options: LayoutOptions, known: ReadonlyMap<string, AxisOrder>) {
    this.source = source;
    this.options = options;
    this.known = known;
    for (const kernel of source.kernels) {
      for (const name of kernel.inputs) {
        const list = this.readers.get(name);
        if (list) list.push(kernel);
        else this.readers.set(name, [kernel]);
      }
    }
  }

  write(): ChannelsLast {
    const { source } = this;
    for (const tensor of source.tensors.values()) if (tensor.data) this.tensors.set(tensor.name, tensor);
    for (const name of source.inputs) {
      const rank = tensorIn(source, name).dims.length;
      const wished = this.reachesSpatial(name) ? channelsLastOrder(rank) : undefined;
      this.define(name, this.known.has(name) ? this.known.get(name) : wished);
    }
    for (const kernel of source.kernels) this.place(kernel);
    const states = source.states.map((state) => this.sameAsInput(state));
    const { rounding, inputs, outputs } = source;
    const program = { rounding, tensors: this.tensors, inputs, outputs, kernels: this.kernels, states };
    return { program, orders: this.orders, columns: this.columns };
  }

  /** Whether a spatial kernel reads the value, directly or through kernels that keep its order. */
  private reachesSpatial(name: string, seen = new Set<string>()): boolean {
    if (seen.has(name)) return false;
    seen.add(name);
    return (this.readers.get(name) ?? []).some(
      (k) =>
        SPATIAL.has(k.form.kind) ||
        ((POINTWISE.has(k.form.kind) || REMAPPED.has(k.op)) &&
          k.outputs.some((output) => this.reachesSpatial(output, seen))),
    );
  }

  private place(kernel: Kernel): void {
    const { form, op } = kernel;
    if (SPATIAL.has(form.kind)) this.placeSpatial(kernel);
    else if (POINTWISE.has(form.kind)) this.placePointwise(kernel);
    else if (form.kind === "softmax") this.placeAlong(kernel, form);
    else if (form.kind === "normalize" && (form.op === "l1" || form.op === "l2"))
      this.placeAlong(kernel, form);
    else if (form.kind === "reduce") this.placeReduce(kernel, form);
    else if (form.kind === "product") this.placeProduct(kernel);
    else if (op === "Transpose") this.placeTranspose(kernel);
    else if (REMAPPED.has(op)) this.placeRemapped(kernel);
    else if (op !== "Flatten" || !this.flattenInto(kernel)) this.placeInOnnxOrder(kernel);
  }

  /** What only re-reads memory needs it in ONNX order. */
  private placeInOnnxOrder(kernel: Kernel): void {
    const inputs = kernel.inputs.map((name) => this.inOrder(name, undefined));
    this.emit(kernel, inputs, undefined);
  }

  private placeSpatial(kernel: Kernel): void {
    const [x = "", ...others] = kernel.inputs;
    const order = channelsLastOrder(tensorIn(this.source, x).dims.length);
    const form = { ...kernel.form, layout: "channels-last" } as KernelForm;
    this.emit({ ...kernel, form }, [this.inOrder(x, order), ...others], order);
  }

  /** All operands in one order: channels last if any of them is. Constants are laid out to match. */
  private placePointwise(kernel: Kernel): void {
    const rank = Math.max(...kernel.outputs.map((name) => tensorIn(this.source, name).dims.length));
    const orders = kernel.inputs.map((name) => this.orders.get(name)).filter((o) => o !== undefined);
    const order = orders.find((o) => o.length === rank);
    const inputs = kernel.inputs.map((name) => {
      const tensor = this.source.tensors.get(name);
      if (name === "" || !tensor || tensor.dims.length === 0) return name;
      if (tensor.data) return this.constantInOrder(tensor, order);
      return tensor.dims.length === rank ? this.inOrder(name, order) : this.inOrder(name, undefined);
    });
    this.emit(
      kernel.form.kind === "divide" ? this.asLaid(kernel, kernel.form, inputs) : kernel,
      inputs,
      order,
    );
  }

  /** How the runtime divides depends on where the operands' axes lie. */
  private asLaid(
    kernel: Kernel,
    form: Extract<KernelForm, { kind: "divide" }>,
    [a = "", b = ""]: readonly string[],
  ): Kernel {
    const [dividend, divisor] = [tensorIn(this, a), tensorIn(this, b)];
    const reciprocal = dividesByReciprocal(dividend.dims, divisor.dims, dividend.dtype);
    return { ...kernel, form: { ...form, reciprocal } };
  }

  /** One axis matters, wherever it lies. */
  private placeAlong(kernel: Kernel, form: Extract<KernelForm, { kind: "softmax" | "normalize" }>): void {
    const order = this.orders.get(kernel.inputs[0] ?? "");
    const axis = storedAxis(order, form.axis);
    const attributes = { ...kernel.attributes, axis: intAttribute(axis) };
    this.emit({ ...kernel, form: { ...form, axis }, attributes }, kernel.inputs, order);
  }

  private placeReduce(kernel: Kernel, form: Extract<KernelForm, { kind: "reduce" }>): void {
    const [x = ""] = kernel.inputs;
    const order = this.orders.get(x);
    const [output = ""] = kernel.outputs;
    const rank = tensorIn(this.source, x).dims.length;
    const keeps = tensorIn(this.source, output).dims.length === rank;
    const axes = form.axes.map((axis) => storedAxis(order, axis)).sort((a, b) => a - b);
    const rest = (order ?? []).filter((axis) => !form.axes.includes(axis));
    const kept = [...rest].sort((a, b) => a - b);
    const left = keeps ? order : order && normalOrder(rest.map((axis) => kept.indexOf(axis)));
    const name = this.addConstant(`${output}.axes`, longTensor(axes));
    this.emit({ ...kernel, form: { ...form, axes } }, [x, name], left);
  }

  /** Gemm and MatMul read rows; a permuted Flatten before them permutes the weight's rows instead. */
  private placeProduct(kernel: Kernel): void {
    const [x = "", w = "", ...others] = kernel.inputs;
    const columns = this.columns.get(x);
    const weight = this.source.tensors.get(w);
    if (!columns || !weight?.data || kernel.form.kind !== "product") {
      this.placeInOnnxOrder(weight?.data ? kernel : this.withPackedOperand(kernel));
      return;
    }
    const data = permuteRows(weight.data, columns, kernel.form.transposed);
    const name = this.addConstant(`${w}.columns`, data, weight);
    this.emit(kernel, [x, name, ...others], undefined);
  }

  /** A product of two activations that reads the second one as a filter. */
  private withPackedOperand(kernel: Kernel): Kernel {
    const { form } = kernel;
    const { vectorBytes } = this.options;
    if (vectorBytes === undefined || form.kind !== "product") return kernel;
    const [x = "", w = "", ...others] = kernel.inputs;
    const name = this.inOrder(w, undefined);
    const source = tensorIn(this, name);
    const block = filterBlock(source.dtype, vectorBytes);
    const { kernels, tensors, packed } = packActivation(source, block);
    if (!this.tensors.has(packed)) {
      for (const tensor of tensors) this.tensors.set(tensor.name, tensor);
      this.kernels.push(...kernels);
    }
    return { ...kernel, inputs: [x, packed, ...others], form: { ...form, packed: block } };
  }

  /** Flatten [N, C, …space] without moving data, where only products with constant weights follow. */
  private flattenInto(kernel: Kernel): boolean {
    const [x = ""] = kernel.inputs;
    const [y = ""] = kernel.outputs;
    const order = this.orders.get(x);
    const { dims } = tensorIn(this.source, x);
    if (!order || attributesOf(kernel).int("axis", 1) !== 1 || order[0] !== 0) return false;
    if (samePlaces(order, undefined, dims)) {
      this.emit(kernel, [x], undefined);
      return true;
    }
    const readers = this.readers.get(y) ?? [];
    const onlyProducts =
      !this.options.keepWeights &&
      readers.length > 0 &&
      !this.source.outputs.includes(y) &&
      readers.every(
        (k) =>
          k.form.kind === "product" && k.inputs[0] === y && this.source.tensors.get(k.inputs[1] ?? "")?.data,
      );
    if (!onlyProducts) return false;
    this.columns.set(y, columnsOf(order, dims));
    this.emit(kernel, [x], undefined);
    return true;
  }

  private placeTranspose(kernel: Kernel): void {
    const [x = ""] = kernel.inputs;
    const order = this.orders.get(x);
    const rank = tensorIn(this.source, x).dims.length;
    const perm = attributesOf(kernel).ints(
      "perm",
      Array.from({ length: rank }, (_, i) => rank - 1 - i),
    );
    // Output axis i is ONNX axis perm[i] of the input, which lies at its stored place.
    const stored = perm.map((axis) => storedAxis(order, axis));
    this.emit({ ...kernel, attributes: { perm: intsAttribute(stored) } }, [x], undefined);
  }

  private placeRemapped(kernel: Kernel): void {
    const activations = kernel.inputs.filter((name) => name !== "" && !this.source.tensors.get(name)?.data);
    const order = activations.map((name) => this.orders.get(name)).find((o) => o !== undefined);
    const equal = activations.every((name) => tensorIn(this.source, name).dims.length === order?.length);
    if (!order || !equal || (kernel.op === "Gather" && !this.keepsRank(kernel))) {
      this.placeInOnnxOrder(kernel);
      return;
    }
    const inputs = kernel.inputs.map((name) => {
      const tensor = this.source.tensors.get(name);
      if (!tensor?.data) return name === "" ? name : this.inOrder(name, order);
      return kernel.op === "Concat" ? this.constantInOrder(tensor, order) : name;
    });
    this.emit(this.remapped(kernel, inputs, order), inputs, order);
  }

  private keepsRank(kernel: Kernel): boolean {
    const rankOf = (name = "") => tensorIn(this.source, name).dims.length;
    return rankOf(kernel.inputs[0]) === rankOf(kernel.outputs[0]);
  }

  /** Axes of a movement where the data now lies; index inputs are replaced in `inputs`. */
  private remapped(kernel: Kernel, inputs: string[], order: readonly number[]): Kernel {
    const [output = ""] = kernel.outputs;
    const rank = order.length;
    const fromFront = (axis: number): number => (axis < 0 ? axis + rank : axis);
    const constant = (i: number): number[] | undefined => {
      const data = this.source.tensors.get(kernel.inputs[i] ?? "")?.data;
      return data && numbers(data);
    };
    if (kernel.op === "Slice") {
      const starts = constant(1) ?? [];
      const axes = (constant(3) ?? starts.map((_, i) => i)).map((axis) => storedAxis(order, fromFront(axis)));
      inputs[3] = this.addConstant(`${output}.axes`, longTensor(axes));
      return kernel;
    }
    if (kernel.op === "Pad") {
      const pads = constant(1) ?? [];
      const places = order.map((axis) => pads[axis] ?? 0).concat(order.map((axis) => pads[axis + rank] ?? 0));
      inputs[1] = this.addConstant(`${output}.pads`, longTensor(places));
      return kernel;
    }
    const axis = storedAxis(order, fromFront(attributesOf(kernel).int("axis", 0)));
    return { ...kernel, attributes: { ...kernel.attributes, axis: intAttribute(axis) } };
  }

  /** A state must lie as it did when it was read. */
  private sameAsInput(state: ProgramState): ProgramState {
    const order = this.orders.get(state.input);
    return { ...state, output: this.inOrder(state.output, order) };
  }

  /** The value in that order: itself, or behind a Transpose that all readers share. */
  private inOrder(name: string, order: AxisOrder): string {
    const tensor = this.source.tensors.get(name);
    if (name === "" || !tensor || tensor.data) return name;
    const now = this.orders.get(name);
    if (sameOrder(now, order)) return name;
    const turned = `${name}.${order ? "last" : "first"}`;
    if (this.tensors.has(turned)) return turned;
    const perm = permBetween(now, order, tensor.dims.length);
    this.tensors.set(turned, { ...tensor, name: turned, dims: storedDims(order, tensor.dims) });
    if (order) this.orders.set(turned, order);
    this.kernels.push({
      name: `Transpose:${turned}`,
      op: "Transpose",
      inputs: [name],
      outputs: [turned],
      attributes: { perm: intsAttribute(perm) },
      form: { kind: "move" },
    });
    return turned;
  }

  /** A constant operand laid out like the activations it meets; its missing leading axes have extent 1. */
  private constantInOrder(tensor: ProgramTensor, order: AxisOrder): string {
    if (!order || !tensor.data || tensor.dims.every((d) => d === 1)) return tensor.name;
    const dims = [...new Array<number>(order.length - tensor.dims.length).fill(1), ...tensor.dims];
    const data = transposeTensor({ ...tensor.data, dims }, order);
    return this.addConstant(`${tensor.name}.last`, data, tensor);
  }

  private addConstant(name: string, data: Tensor, like?: ProgramTensor): string {
    this.tensors.set(name, { ...like, name, dtype: data.dtype, dims: data.dims, data });
    return name;
  }

  private emit(kernel: Kernel, inputs: readonly string[], order: AxisOrder): void {
    for (const name of kernel.outputs) if (name !== "") this.define(name, order);
    this.kernels.push({ ...kernel, inputs });
  }

  private define(name: string, order: AxisOrder): void {
    const tensor = tensorIn(this.source, name);
    const fits = order?.length === tensor.dims.length ? order : undefined;
    this.tensors.set(name, { ...tensor, dims: storedDims(fits, tensor.dims) });
    if (fits) this.orders.set(name, fits);
  }
}

/** Place in memory → column of the flattened ONNX tensor, for one batch entry. */
function columnsOf(order: readonly number[], dims: readonly number[]): number[] {
  let columns = [0];
  for (const axis of order.slice(1)) {
    const step = dims.slice(axis + 1).reduce((n, d) => n * d, 1);
    columns = columns.flatMap((at) => Array.from({ length: dims[axis] ?? 1 }, (_, i) => at + i * step));
  }
  return columns;
}
