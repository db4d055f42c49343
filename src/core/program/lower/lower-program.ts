import { fail, type KernelRefusal } from "../../base/problem.ts";
import { attributesOf } from "../../ir/attributes.ts";
import { type Graph, type Node, nodeKey, type ValueName } from "../../ir/graph.ts";
import type { DType, Tensor } from "../../ir/tensor.ts";
import { consumersOf, producersOf, realInputs } from "../../ir/walk.ts";
import { integerConstant } from "../../quant/esp/integer-constant.ts";
import type { ExponentPlacement, PlacedNode, PlacedSlot } from "../../quant/esp/place-exponents.ts";
import type { Rounding } from "../../quant/scheme.ts";
import type { Kernel, Program, ProgramState, ProgramTensor } from "../program.ts";
import { kernelsOf } from "./kernels-of.ts";
import type { NodeView } from "./node-view.ts";

export interface LowerInput {
  /** In the dialect of ESP-DL. */
  readonly graph: Graph;
  readonly placement: ExponentPlacement;
  readonly rounding: Rounding;
  /** Concrete dims of every value. */
  dimsOf(value: ValueName): readonly number[];
  /** Element type of a value that is not quantized. */
  dtypeOf(value: ValueName): DType;
  readonly states?: readonly ProgramState[];
  /**
   * Leave out the requantizations that ESP-PPQ leaves out: between scales closer than 1e-5, and of graph inputs that are read
   * with two exponents. The result then is as wrong as there.
   */
  readonly compatible?: boolean;
  /** Inputs that come in this form whatever reads them; undefined: in float. */
  readonly storedInputs?: ReadonlyMap<ValueName, PlacedSlot | undefined>;
  /** Inputs of the model that come in this form, of which the graph may be a part. Others take the form of their first quantized reader. */
  readonly modelInputs?: ReadonlyMap<ValueName, PlacedSlot>;
  /** Told of nodes without a kernel instead of a throw; the program then lacks them. */
  readonly onRefusal?: (node: Node, reason: KernelRefusal) => void;
  /** Integers of constants that were lowered before, for callers that lower one graph many times. Filled as it goes. */
  readonly constants?: Map<string, Tensor>;
}

/** Ops whose following Relu costs nothing. */
const FUSES_RELU: ReadonlySet<string> = new Set(["Conv", "Gemm", "MatMul"]);

/** Scales closer than this get no RequantizeLinear in ESP-PPQ. Source: parser/espdl/export_patterns.py 138–180. */
const SCALE_TOLERANCE = 1e-5;

/**
 * Lowers a quantized graph to integer kernels: Relu into the product before it, conversions where formats meet, constants as
 * integers, shifts from exponents. Throws `target.noKernel` with the node for what has no kernel.
 */
export function lowerProgram(input: LowerInput): Program {
  return new Lowerer(input).lower();
}

class Lowerer {
  private readonly input: LowerInput;
  private readonly tensors = new Map<string, ProgramTensor>();
  private readonly kernels: Kernel[] = [];
  private readonly graphInputs: ReadonlySet<ValueName>;
  /** Product → the Relu that it swallows, and back. */
  private readonly swallowed: ReadonlyMap<Node, Node>;
  private readonly swallowing: ReadonlyMap<Node, Node>;

  constructor(input: LowerInput) {
    this.input = input;
    this.graphInputs = new Set(realInputs(input.graph).map((v) => v.name));
    this.swallowing = fusedRelus(input);
    this.swallowed = new Map([...this.swallowing].map(([product, relu]) => [relu, product]));
  }

  lower(): Program {
    const { graph, rounding, states = [] } = this.input;
    for (const name of this.graphInputs) this.tensors.set(name, this.inputRecord(name));
    for (const node of graph.nodes) if (!this.swallowed.has(node)) this.lowerNode(node);
    return {
      rounding,
      tensors: this.tensors,
      inputs: [...this.graphInputs],
      outputs: graph.outputs.map((v) => v.name),
      kernels: this.kernels,
      states,
    };
  }

  private inputRecord(name: ValueName): ProgramTensor {
    const { storedInputs, modelInputs } = this.input;
    const stored = storedInputs?.get(name) ?? modelInputs?.get(name);
    if (stored) return this.quantizedRecord(name, stored);
    if (storedInputs?.has(name))
      return { name, dtype: this.input.dtypeOf(name), dims: this.input.dimsOf(name) };
    for (const node of this.input.graph.nodes) {
      const slot = this.input.placement.get(node)?.inputs.find((s) => s?.value === name);
      if (slot) return this.quantizedRecord(name, slot);
    }
    return { name, dtype: this.input.dtypeOf(name), dims: this.input.dimsOf(name) };
  }

  private quantizedRecord(name: string, slot: PlacedSlot): ProgramTensor {
    const dtype = slot.bits <= 8 ? "int8" : slot.bits <= 16 ? "int16" : "int32";
    return { name, dtype, dims: this.input.dimsOf(slot.value), exponents: slot.exponents };
  }

  private lowerNode(node: Node): void {
    const placed = this.input.placement.get(node);
    const relu = this.swallowing.get(node);
    const last = relu ?? node;
    const outputSlots = this.input.placement.get(last)?.outputs ?? [];
    const inputs = node.inputs.map((name, i) =>
      name === "" ? undefined : this.operand(node, name, placed?.inputs[i], placed),
    );
    const outputs = last.outputs.map((name, i) => this.outputRecord(name, outputSlots[i]));
    for (const record of outputs) if (record) this.tensors.set(record.name, record);
    const view: NodeView = {
      node,
      attributes: attributesOf(node),
      inputs,
      outputs: outputs.filter((o) => o !== undefined),
      bits: placed?.bits,
      rounding: this.input.rounding,
      relu: relu !== undefined,
      layout: "channels-first",
      compatible: this.input.compatible === true,
    };
    const spelled = kernelsOf(
      view,
      outputs.map((t) => t?.name ?? ""),
    );
    if ("refused" in spelled) {
      const { onRefusal } = this.input;
      const reason = spelled.refused;
      if (onRefusal) onRefusal(node, reason);
      else fail({ code: "target.noKernel", node: nodeKey(node), op: node.op, reason });
      return;
    }
    for (const tensor of spelled.tensors) this.tensors.set(tensor.name, tensor);
    this.kernels.push(...spelled.kernels);
  }

  private outputRecord(name: ValueName, slot: PlacedSlot | undefined): ProgramTensor | undefined {
    if (name === "") return undefined;
    if (slot) return this.quantizedRecord(name, slot);
    return { name, dtype: this.input.dtypeOf(name), dims: this.input.dimsOf(name) };
  }

  /** The tensor that a slot reads, converted to the slot's format where the value has another. */
  private operand(
    node: Node,
    name: ValueName,
    slot: PlacedSlot | undefined,
    placed: PlacedNode | undefined,
  ): ProgramTensor {
    const constant = this.input.graph.initializers.get(name);
    if (constant) return this.constant(name, constant, slot);
    const stored = this.tensors.get(name);
    if (!stored) throw new Error(`${nodeKey(node)} reads ${name} before it is made`);
    if (slot)
      return this.sameFormat(stored, slot) ? stored : this.convert(stored, this.quantizedRecord(name, slot));
    const floatReader = placed === undefined && stored.exponents !== undefined;
    return floatReader ? this.convert(stored, { name, dtype: "float32", dims: stored.dims }) : stored;
  }

  private sameFormat(stored: ProgramTensor, slot: PlacedSlot): boolean {
    const wanted = this.quantizedRecord(stored.name, slot);
    if (stored.exponents === undefined || stored.dtype !== wanted.dtype) return false;
    const [a = 0, b = 0] = [stored.exponents[0], slot.exponents[0]];
    if (a === b) return true;
    if (!this.input.compatible) return false;
    const isModelInput = this.graphInputs.has(stored.name) && !this.input.storedInputs?.has(stored.name);
    return isModelInput || Math.abs(2 ** a - 2 ** b) < SCALE_TOLERANCE;
  }

  /** One conversion for all readers that want the same format. */
  private convert(from: ProgramTensor, wanted: ProgramTensor): ProgramTensor {
    const [e] = wanted.exponents ?? [];
    const name = `${from.name}.${wanted.dtype}${e === undefined ? "" : `.${e}`}`;
    const known = this.tensors.get(name);
    if (known) return known;
    const to = { ...wanted, name };
    const op =
      from.exponents === undefined
        ? "Quantize"
        : wanted.exponents === undefined
          ? "Dequantize"
          : "Requantize";
    this.tensors.set(name, to);
    this.kernels.push({
      name: `${op}:${name}`,
      op: `${op}Linear`,
      inputs: [from.name],
      outputs: [name],
      attributes: {},
      form: { kind: "rescale" },
    });
    return to;
  }

  private constant(name: ValueName, tensor: Tensor, slot: PlacedSlot | undefined): ProgramTensor {
    const record = this.constantRecord(name, tensor, slot);
    const known = this.tensors.get(name);
    const taken = known && `${known.exponents}` !== `${record.exponents}`;
    const own = taken ? { ...record, name: `${name}.${record.exponents?.[0] ?? "float"}` } : record;
    this.tensors.set(own.name, own);
    return own;
  }

  private constantRecord(name: ValueName, tensor: Tensor, slot: PlacedSlot | undefined): ProgramTensor {
    const { dtype, dims } = tensor;
    if (!slot || dtype !== "float32") return { name, dtype, dims, data: tensor };
    const { bits, exponents, channelAxis } = slot;
    const axis = channelAxis === undefined ? {} : { channelAxis };
    const { rounding, constants } = this.input;
    const key = `${name} ${bits} ${exponents}`;
    const integers =
      constants?.get(key) ?? integerConstant(tensor, { bits, exponents, rounding, ...axis }).tensor;
    constants?.set(key, integers);
    return { name, dtype: integers.dtype, dims: integers.dims, exponents, ...axis, data: integers };
  }
}

/** Products whose only reader is a Relu, with that Relu. */
function fusedRelus({ graph, placement }: LowerInput): Map<Node, Node> {
  const producers = producersOf(graph);
  const consumers = consumersOf(graph);
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const fused = new Map<Node, Node>();
  for (const relu of graph.nodes) {
    const [x = ""] = relu.inputs;
    const product = relu.op === "Relu" ? producers.get(x) : undefined;
    if (!product || !FUSES_RELU.has(product.op) || outputs.has(x) || consumers.get(x)?.length !== 1) continue;
    if (placement.has(product) && placement.has(relu)) fused.set(product, relu);
  }
  return fused;
}
