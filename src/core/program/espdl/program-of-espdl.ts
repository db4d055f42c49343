import { fail } from "../../base/problem.ts";
import { decodeUtf8 } from "../../base/utf8.ts";
import type { EspdlModel, EspdlNode } from "../../format/espdl/espdl-model.ts";
import { blocksOf, logicalWeights } from "../../format/espdl/logical-weights.ts";
import { attributesOf } from "../../ir/attributes.ts";
import { intAttribute, intsAttribute, makeNode } from "../../ir/graph.ts";
import { elements, longTensor } from "../../ir/tensor.ts";
import type { Rounding } from "../../quant/scheme.ts";
import { filterBlock } from "../layout/pack-activation.ts";
import { lowerToKernel } from "../lower/catalogue.ts";
import type { NodeView } from "../lower/node-view.ts";
import type { Kernel, KernelForm, Program, ProgramState, ProgramTensor } from "../program.ts";
import { outputDims } from "./output-dims.ts";

/** Ops that read constants as quantized numbers. */
const PARAMETERS =
  /^(Conv|Gemm|MatMul|Add|Sub|Mul|Div|Mod|Pow|Concat|ScatterND|PRelu|Clip|GRU|LSTM|LayerNormalization|Equal|Greater|Less)/;

/** The rounding of the chip that a file says it was made for; half up where it does not say. */
export function roundingOfTarget(target: string | undefined): Rounding {
  return target === "esp32p4" || target === "esp32s31" ? "half-even" : "half-up";
}

/**
 * An `.espdl` model as a program in the layout of the runtime: what the chip computes, from the file alone. Internal caches become
 * states. `inputDims` replaces the declared dims of graph inputs (the runtime's `input_shapes`). Throws `target.noKernel` with
 * the node, RangeError where dims do not fit.
 */
export function programOfEspdl(
  model: EspdlModel,
  rounding: Rounding,
  inputDims: Readonly<Record<string, readonly number[]>> = {},
): Program {
  return new Reader(model, rounding, inputDims).read();
}

class Reader {
  private readonly model: EspdlModel;
  private readonly rounding: Rounding;
  private readonly inputDims: Readonly<Record<string, readonly number[]>>;
  private readonly tensors = new Map<string, ProgramTensor>();
  private readonly kernels: Kernel[] = [];
  private readonly states: ProgramState[] = [];

  constructor(model: EspdlModel, rounding: Rounding, inputDims: Readonly<Record<string, readonly number[]>>) {
    this.model = model;
    this.rounding = rounding;
    this.inputDims = inputDims;
  }

  read(): Program {
    const { graph } = this.model;
    for (const [name, { tensor, exponents, channelAxis }] of logicalWeights(this.model)) {
      const quantized =
        tensor.dtype.startsWith("int") &&
        (exponents.length > 1 || exponents[0] !== 0 || this.isParameter(name));
      this.tensors.set(name, {
        name,
        dtype: tensor.dtype,
        dims: tensor.dims,
        data: tensor,
        ...(quantized && { exponents }),
        ...(exponents.length > 1 && { channelAxis }),
      });
    }
    for (const name of graph.inputs) this.define(name, this.inputDims[name] ?? this.declaredDims(name));
    for (const node of graph.nodes) {
      if (node.op === "StreamingCache") this.readCache(node);
      else this.readNode(node);
    }
    const inputs = [...graph.inputs, ...this.states.map((s) => s.input)];
    return {
      rounding: this.rounding,
      tensors: this.tensors,
      inputs,
      outputs: graph.outputs,
      kernels: this.kernels,
      states: this.states,
    };
  }

  /** Integers with exponent 0 are quantized where a product or sum reads them; elsewhere they are indices. */
  private isParameter(name: string): boolean {
    const reader = this.model.graph.nodes.find((n) => n.inputs.includes(name));
    return reader !== undefined && PARAMETERS.test(reader.op);
  }

  private declaredDims(name: string): number[] {
    return (this.model.graph.values.get(name)?.shape ?? []).map((d) => (typeof d === "number" ? d : 1));
  }

  private define(name: string, dims: readonly number[]): ProgramTensor {
    const value = this.model.graph.values.get(name);
    const dtype = value?.dtype ?? "float32";
    const quantized = dtype === "int8" || dtype === "int16";
    const tensor: ProgramTensor = {
      name,
      dtype,
      dims,
      ...(quantized && { exponents: value?.exponents ?? [0] }),
    };
    this.tensors.set(name, tensor);
    return tensor;
  }

  private readNode(node: EspdlNode): void {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.tensors.get(name)));
    const form = this.formOf(node, inputs);
    const kernel: Kernel = {
      name: node.name,
      op: node.op,
      inputs: form.kind === "rescale" ? node.inputs.slice(0, 1) : node.inputs,
      outputs: node.outputs,
      attributes: attributesWithPerm(node, inputs[0]?.dims.length ?? 0),
      form,
    };
    for (const [i, dims] of outputDims(kernel, inputs).entries()) {
      const name = node.outputs[i];
      if (name) this.define(name, dims);
    }
    this.kernels.push(kernel);
  }

  private formOf(node: EspdlNode, inputs: readonly (ProgramTensor | undefined)[]): KernelForm {
    const attributes = attributesOf(node);
    if (/^(Re|De)?[Qq]uantizeLinear$/.test(node.op)) return { kind: "rescale" };
    const table = this.tableOf(node);
    if (table) return table;
    const outputs = node.outputs.map((name) => {
      const value = this.model.graph.values.get(name);
      return { name, dtype: value?.dtype ?? "float32", dims: [], exponents: value?.exponents ?? [0] };
    });
    const made = outputs[0]?.dtype;
    const dtype = made === "int8" || made === "int16" ? made : inputs[0]?.dtype;
    const view: NodeView = {
      node: makeNode(node.op, node.inputs, node.outputs, node.attributes, node.name),
      attributes,
      inputs,
      outputs,
      bits: dtype === "int8" ? 8 : dtype === "int16" ? 16 : undefined,
      rounding: this.rounding,
      relu: attributes.string("activation", "Linear") === "Relu",
      layout: "channels-last",
    };
    const form = this.withPacking(node, inputs, lowerToKernel(view));
    if ("refused" in form)
      return fail({ code: "target.noKernel", node: node.name, op: node.op, reason: form.refused });
    return form;
  }

  /**
   * A MatMul of two activations reads the second one in the order of a filter, unless the file says otherwise (newer exporters).
   * Where nothing tells the chip, its filters are taken for those of one without vector unit.
   */
  private withPacking(
    node: EspdlNode,
    inputs: readonly (ProgramTensor | undefined)[],
    form: ReturnType<typeof lowerToKernel>,
  ): ReturnType<typeof lowerToKernel> {
    const w = inputs[1];
    if ("refused" in form || form.kind !== "product" || !w || w.data) return form;
    if (attributesOf(node).string("input1_layout", "packed") !== "packed") return form;
    return { ...form, packed: filterBlock(w.dtype, blocksOf(this.model) ? 16 : 0) };
  }

  /** The table of a node that reads one: every 8-bit node that has one, and LUT and Gelu at 16 bits. */
  private tableOf(node: EspdlNode): KernelForm | undefined {
    const lut = node.attributes.lut;
    const { initializers, values } = this.model.graph;
    const table = lut?.kind === "string" ? initializers.get(decodeUtf8(lut.value)) : undefined;
    const made = values.get(node.outputs[0] ?? "")?.dtype;
    if (!table || table.dtype !== made) return undefined;
    const data = elements({ dtype: table.dtype, dims: table.dims, bytes: table.bytes });
    if (data instanceof Int8Array && data.length === 256) return { kind: "table", table: data };
    if (!(data instanceof Int16Array) || (node.op !== "LUT" && node.op !== "Gelu")) return undefined;
    // The runtime takes steps of powers of two only.
    const step = 65536 / (data.length - 1);
    return Number.isInteger(step) && 65536 % step === 0 ? { kind: "coarseTable", table: data } : undefined;
  }

  /** StreamingCache: state ‖ input, and the last window − 1 frames of that as the next state. */
  private readCache(node: EspdlNode): void {
    const attributes = attributesOf(node);
    const [x = ""] = node.inputs;
    const [y = ""] = node.outputs;
    const chunk = this.tensors.get(x);
    const axis = attributes.int("frame_axis", 1);
    const frames = attributes.int("window_size", 1) - 1;
    if (!chunk) throw new Error(`${node.name} reads ${x} before it is made`);
    const dimsWith = (count: number): number[] => chunk.dims.map((d, i) => (i === axis ? count : d));
    const length = chunk.dims[axis] ?? 1;
    const [input, output] = [`${node.name}.state`, `${node.name}.state.next`];
    this.tensors.set(input, { ...chunk, name: input, dims: dimsWith(frames) });
    this.define(y, dimsWith(frames + length));
    this.tensors.set(output, { ...chunk, name: output, dims: dimsWith(frames) });
    const bound = (name: string, value: number): string => {
      const data = longTensor([value]);
      const own = `${node.name}.${name}`;
      this.tensors.set(own, { name: own, dtype: "int64", dims: [1], data });
      return own;
    };
    const slice = [y, bound("from", length), bound("to", length + frames), bound("axis", axis)];
    const move = (op: string, inputs: string[], made: string): Kernel => ({
      name: `${node.name}.${op}`,
      op,
      inputs,
      outputs: [made],
      attributes: op === "Concat" ? { axis: intAttribute(axis) } : {},
      form: { kind: "move" },
    });
    this.kernels.push(move("Concat", [input, x], y), move("Slice", slice, output));
    this.states.push({ input, output, init: 0 });
  }
}

/** ESP-PPQ writes axes from the end into the `perm` of some Transposes. */
function attributesWithPerm({ op, attributes }: EspdlNode, rank: number): EspdlNode["attributes"] {
  const perm = op === "Transpose" ? attributesOf({ attributes }).optionalInts("perm") : undefined;
  if (!perm?.some((axis) => axis < 0)) return attributes;
  return { ...attributes, perm: intsAttribute(perm.map((axis) => (axis < 0 ? axis + rank : axis))) };
}
