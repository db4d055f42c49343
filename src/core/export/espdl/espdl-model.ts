import type { EspdlModel, EspdlNode, EspdlTensor, EspdlValue } from "../../format/espdl/espdl-model.ts";
import { type FilterLayout, packFilter } from "../../format/espdl/filter-packing.ts";
import { attributesOf } from "../../ir/attributes.ts";
import {
  type Attribute,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "../../ir/graph.ts";
import { type Tensor, tensorOf } from "../../ir/tensor.ts";
import { type HistoryState, historyOf } from "../../program/internal-states.ts";
import type { StepValues } from "../../program/interpreter.ts";
import { transposeTensor } from "../../program/layout/reorder.ts";
import {
  type Kernel,
  type Program,
  type ProgramState,
  type ProgramTensor,
  tensorIn,
} from "../../program/program.ts";

export interface EspdlInput {
  readonly name: string;
  /** Channels last; see `channelsLast`. */
  readonly program: Program;
  /** Output channels that stand side by side in one vector, in bytes: 16, or 0 for chips without vector unit. */
  readonly vectorBytes: 0 | 16;
  readonly metadata: ReadonlyMap<string, string>;
  /** One step of the device twin: becomes the file's test vectors, of inputs and of every value that a kernel makes. */
  readonly vectors?: { readonly inputs: Readonly<Record<string, Tensor>>; readonly values: StepValues };
}

const NO_VALUES: ReadonlyMap<string, EspdlTensor> = new Map();

/**
 * A program as the records of an `.espdl` file; its states have to be histories, and become StreamingCache nodes. Source:
 * espdl-format reference §2–§5.
 */
export function espdlModel(input: EspdlInput): EspdlModel {
  const { program, name, metadata, vectors } = input;
  const writer = new NodeWriter(input);
  const histories = program.states.map((state) => historyIn(program, state));
  const windows = new Map(histories.map((h) => [h.window, h]));
  const inside = new Set(program.states.flatMap((s) => [s.input, s.output]));
  const kernels = program.kernels.filter((k) => !k.outputs.some((made) => inside.has(made)));
  const nodes = kernels.map((kernel) => {
    const history = windows.get(kernel.outputs[0] ?? "");
    return history ? writer.cache(kernel, history) : writer.node(kernel);
  });
  const activations = [...program.tensors.values()].filter((t) => !t.data && !inside.has(t.name));
  const inputs = program.inputs.filter((name) => !inside.has(name));
  return {
    irVersion: 8,
    modelVersion: 0n,
    producer: { name: "", version: "" },
    domain: "",
    docString: "",
    metadata,
    graph: {
      name,
      nodes,
      initializers: writer.initializers,
      inputs,
      outputs: program.outputs,
      values: new Map(activations.map((t) => [t.name, valueRecord(t)])),
      testInputs: vectors ? vectorsOf(program, inputs, vectors.inputs) : NO_VALUES,
      testOutputs: vectors
        ? vectorsOf(program, madeBy(kernels), Object.fromEntries(vectors.values))
        : NO_VALUES,
    },
  };
}

function valueRecord({ name, dtype, dims, exponents }: ProgramTensor): EspdlValue {
  return { name, dtype, shape: dims, exponents: exponents ?? [0] };
}

function historyIn(program: Program, state: ProgramState): HistoryState {
  const outputs = [...program.outputs, state.output];
  const history = historyOf({ ...program, outputs }, state);
  if (typeof history === "string") throw new Error(`${state.input} is no history: ${history}`);
  return history;
}

function madeBy(kernels: readonly Kernel[]): string[] {
  return kernels.flatMap((k) => k.outputs.filter((name) => name !== ""));
}

function vectorsOf(
  program: Program,
  names: readonly string[],
  values: Readonly<Record<string, Tensor>>,
): Map<string, EspdlTensor> {
  const found = names.flatMap((name): [string, EspdlTensor][] => {
    const tensor = values[name];
    if (!tensor) return [];
    const { exponents = [0], dims } = tensorIn(program, name);
    return [[name, { name, dtype: tensor.dtype, dims, bytes: tensor.bytes, exponents, layout: "" }]];
  });
  return new Map(found);
}

/** Writes nodes and gathers the parameters that they need. */
class NodeWriter {
  readonly initializers = new Map<string, EspdlTensor>();
  private readonly input: EspdlInput;
  private readonly names = new Set<string>();
  private tables = 0;

  constructor(input: EspdlInput) {
    this.input = input;
  }

  node(kernel: Kernel): EspdlNode {
    const attributes = this.attributes(kernel);
    const inputs = kernel.inputs.map((name, i) => this.parameter(kernel, name, i));
    return {
      op: kernel.op,
      name: this.unique(kernel.name),
      inputs,
      outputs: kernel.outputs,
      attributes: { ...attributes, quant_type: stringAttribute(this.quantType(kernel)) },
    };
  }

  /** The node that keeps the newest frames of a value itself. */
  cache(kernel: Kernel, { value, window, axis, frames }: HistoryState): EspdlNode {
    return {
      op: "StreamingCache",
      name: this.unique(`${value}_SCache`),
      inputs: [value],
      outputs: [window],
      attributes: {
        frame_axis: intAttribute(axis),
        quant_type: stringAttribute(this.quantType(kernel)),
        window_size: intAttribute(frames + 1),
      },
    };
  }

  /** The runtime keeps nodes by name. */
  private unique(name: string): string {
    let free = name === "" ? "node" : name;
    for (let i = 1; this.names.has(free); i++) free = `${name}.${i}`;
    this.names.add(free);
    return free;
  }

  private quantType(kernel: Kernel): string {
    const { program } = this.input;
    // A recurrence of 8 bits has biases, and an LSTM a cell state, of 16: its type is that of the sequence it reads.
    const names =
      kernel.form.kind === "recurrent" ? kernel.inputs.slice(0, 1) : [...kernel.outputs, ...kernel.inputs];
    const dtypes = names
      .map((name) => program.tensors.get(name))
      .filter((t) => t?.exponents !== undefined)
      .map((t) => t?.dtype);
    return dtypes.includes("int16") ? "S16" : dtypes.includes("int8") ? "S8" : "F32";
  }

  private attributes({ op, form, attributes, outputs }: Kernel): Record<string, Attribute> {
    switch (form.kind) {
      case "convolution": {
        const { window, group, relu } = form;
        return {
          activation: stringAttribute(relu ? "Relu" : "Linear"),
          dilations: intsAttribute(window.dilations),
          group: intAttribute(group),
          kernel_shape: intsAttribute(window.kernel),
          pads: intsAttribute([...window.padsBefore, ...window.padsAfter]),
          strides: intsAttribute(window.strides),
        };
      }
      case "product": {
        const activation = stringAttribute(form.relu ? "Relu" : "Linear");
        if (op !== "Gemm") return { activation, input1_layout: stringAttribute("packed") };
        return { activation, alpha: floatAttribute(1), beta: floatAttribute(1), transB: intAttribute(0) };
      }
      case "average":
      case "maximum": {
        if (op.startsWith("Global")) return {};
        const { window } = form;
        return {
          ceil_mode: intAttribute(0),
          ...(form.kind === "average" && { count_include_pad: intAttribute(1) }),
          kernel_shape: intsAttribute(window.kernel),
          pads: intsAttribute([...window.padsBefore, ...window.padsAfter]),
          strides: intsAttribute(window.strides),
        };
      }
      case "table":
        return { ...attributes, lut: stringAttribute(this.table(op, form.table, outputs)) };
      case "coarseTable":
        return { ...attributes, lut: stringAttribute(this.table(op, form.table, outputs)) };
      case "recurrent":
        return {
          ...attributes,
          direction: stringAttribute(form.directions === 2 ? "bidirectional" : "forward"),
          hidden_size: intAttribute(form.hidden),
          layout: intAttribute(0),
          ...(form.cell === "gru" && { linear_before_reset: intAttribute(1) }),
          ...(form.quantized && { gate_exponent: intAttribute(form.quantized.gateLog2) }),
        };
      case "normalize":
        return {
          axis: intAttribute(form.axis),
          ...(form.op === "layer" || form.op === "rms"
            ? { epsilon: floatAttribute(form.epsilon) }
            : { p: intAttribute(form.op === "l1" ? 1 : 2) }),
        };
      case "blocks":
        return {
          blocksize: intAttribute(form.block),
          ...(form.direction === "toSpace" && { mode: stringAttribute(form.columnMajor ? "CRD" : "DCR") }),
        };
      case "insertZeros":
        return { stride: intsAttribute(form.strides), output_padding: intsAttribute(form.extra) };
      case "reduce":
        return {
          keepdims: intAttribute(attributesOf({ attributes }).int("keepdims", 1)),
          noop_with_empty_axes: intAttribute(0),
        };
      case "rescale":
        return {};
      default:
        if (op === "Split") return { ...attributes, num_outputs: intAttribute(outputs.length) };
        return op === "Reshape" ? { ...attributes, allowzero: intAttribute(0) } : { ...attributes };
    }
  }

  private table(op: string, table: Int8Array | Int16Array, [output = ""]: readonly string[]): string {
    const name = `${op}_lut_${this.tables++}`;
    const { exponents = [0] } = tensorIn(this.input.program, output);
    this.add({ name, ...tensorOf(table.slice(), [table.length]), exponents, layout: "" });
    return name;
  }

  /** The name that the node reads: parameters are written once per reader, filters in the order of the chip. */
  private parameter(kernel: Kernel, name: string, index: number): string {
    const tensor = this.input.program.tensors.get(name);
    if (!tensor?.data) return name;
    const own = this.initializers.has(name) ? this.freshParameter(name) : name;
    const exponents = tensor.exponents ?? [0];
    const filter = index === 1 ? this.filterLayout(kernel, tensor) : undefined;
    const data = filter
      ? packFilter(filter, logicalFilter(kernel, tensor.data))
      : scalarAsVector(tensor.data);
    const layout = filter ? labelOf(filter, data) : "UNK";
    this.add({ name: own, dtype: data.dtype, dims: data.dims, bytes: data.bytes, exponents, layout });
    return own;
  }

  private freshParameter(name: string): string {
    let i = 1;
    while (this.initializers.has(`${name}.${i}`)) i++;
    return `${name}.${i}`;
  }

  private add(tensor: EspdlTensor): void {
    this.initializers.set(tensor.name, tensor);
  }

  private filterLayout({ form, op }: Kernel, tensor: ProgramTensor): FilterLayout | undefined {
    const block = this.input.vectorBytes === 0 ? 0 : tensor.dtype === "int16" ? 8 : 16;
    if (form.kind === "convolution") return { kind: form.group > 1 ? "depthwise" : "dense", block };
    if (form.kind === "product") return { kind: op === "Gemm" ? "gemm" : "matmul", block };
    return undefined;
  }
}

/** A Gemm weight as [inputs, outputs]; other filters as they are. */
function logicalFilter({ form }: Kernel, data: Tensor): Tensor {
  return form.kind === "product" && form.transposed ? transposeTensor(data, [1, 0]) : data;
}

function scalarAsVector(data: Tensor): Tensor {
  return data.dims.length === 0 ? { ...data, dims: [1] } : data;
}

/** The label that viewers show; the runtime does not read it (espdl-format reference §3.3). */
function labelOf({ kind, block }: FilterLayout, { dims }: Tensor): string {
  const space = dims.length === 3 ? "W" : "HW";
  if (block === 0) return kind === "depthwise" ? `${space}CN` : `N${space}C`;
  const outputs = (kind === "depthwise" ? dims.at(-2) : dims.at(-1)) ?? 0;
  return `(N/${block})${space}C${block}${outputs % block === 0 ? "" : "_UNALIGNED"}`;
}
