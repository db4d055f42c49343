import type { Node, ValueName } from "../../../ir/graph.ts";
import { producersOf } from "../../../ir/walk.ts";
import { readersOf } from "../link-slots.ts";
import { isComparison, isPassive, takesOutputExponent } from "../op-roles.ts";
import { overlap, rootOf, type Slot, sameScheme } from "../slot.ts";
import type { NodeSlots, SlotTable } from "../slots-of.ts";

/** Ops beside the passive ones that move or negate raw integers: their output cannot have another exponent than their input. */
const COPIES: ReadonlySet<string> = new Set(["InsertZeros", "DepthToSpace", "SpaceToDepth", "Neg"]);

/** Whether an op hands integers on as they are. */
export const isCopy = (op: string): boolean => isPassive(op) || COPIES.has(op);

/**
 * Ties the slots that the chip needs equal, and no others:
 * - all readers of a value that have its width read it as it is stored, graph inputs included;
 * - copies hand their input's exponent on, from a graph input too;
 * - a Relu or Clip decides for the op before it if nothing else reads that;
 * - inputs of Add, Sub, Concat and Resize equal the output, those of a comparison each other. A value that only the join reads is
 *   written with that exponent at once; one that others read keeps its own, and a Requantize stands between.
 */
export function joinSlots(table: SlotTable): void {
  new Joiner(table).join();
}

/** Slots whose values never reach memory: a product before its Relu. Their range decides nothing. */
export type Vanishing = ReadonlySet<Slot>;

/** The slots between an op and the Relu or Clip that decides for it. */
export function vanishingSlots(table: SlotTable): Vanishing {
  const vanishing = new Set<Slot>();
  for (const { activation, producer } of fusedActivations(table))
    for (const slot of [producer.outputs[0], activation.inputs[0]]) if (slot) vanishing.add(slot);
  return vanishing;
}

export interface FusedActivation {
  readonly activation: NodeSlots;
  readonly producer: NodeSlots;
}

/** Every Relu and Clip with the op before it that writes for it alone. */
export function fusedActivations(table: SlotTable): FusedActivation[] {
  const readers = readersOf(table);
  const producers = producersOf(table.graph);
  const outputs = new Set(table.graph.outputs.map((v) => v.name));
  return table.nodes.flatMap((activation) => {
    const [x = ""] = activation.node.inputs;
    const node = producers.get(x);
    const producer = node && table.of.get(node);
    if (activation.node.op !== "Relu" && activation.node.op !== "Clip") return [];
    if (!producer || producer.node.outputs[0] !== x || outputs.has(x) || readers.get(x)?.length !== 1)
      return [];
    const [made, read] = [producer.outputs[0], activation.inputs[0]];
    if (!made || !read || made.rule !== "calibrated" || !sameScheme(made, read)) return [];
    return isCopy(producer.node.op) ? [] : [{ activation, producer }];
  });
}

class Joiner {
  private readonly table: SlotTable;
  private readonly readers: ReadonlyMap<ValueName, readonly Node[]>;
  private readonly makers: ReadonlyMap<ValueName, Slot>;

  constructor(table: SlotTable) {
    this.table = table;
    this.readers = readersOf(table);
    this.makers = new Map(
      table.nodes.flatMap(({ outputs }) =>
        outputs.flatMap((s): [ValueName, Slot][] => (s && s.rule !== "float" ? [[s.value, s]] : [])),
      ),
    );
  }

  join(): void {
    const { table } = this;
    for (const { activation, producer } of fusedActivations(table)) {
      const [output] = activation.outputs;
      if (output)
        for (const slot of [producer.outputs[0], activation.inputs[0]]) if (slot) overlap(slot, output);
    }
    for (const { node, inputs, outputs } of table.nodes) {
      const [read] = inputs;
      if (!read || !isCopy(node.op)) continue;
      for (const output of outputs) if (output && sameScheme(output, read)) overlap(output, read);
    }
    this.joinReaders();
    for (const nodeSlots of table.nodes) this.joinOperands(nodeSlots);
  }

  /** Readers of a value with what stores it; where nothing quantized does, with each other. */
  private joinReaders(): void {
    const firsts = new Map<string, Slot>();
    for (const { node, inputs } of this.table.nodes) {
      if (needsEqual(node.op)) continue;
      for (const read of inputs) {
        if (read?.rule !== "calibrated") continue;
        const made = this.makers.get(read.value);
        if (made && sameScheme(made, read)) overlap(read, made);
        const key = `${read.bits} ${read.value}`;
        const first = firsts.get(key);
        if (first) overlap(read, first);
        else firsts.set(key, read);
      }
    }
  }

  private joinOperands({ node, inputs, outputs }: NodeSlots): void {
    const operands = operandsOf(node.op, inputs);
    const [output] = outputs;
    const master = takesOutputExponent(node.op) || isRecurrent(node.op) ? output : operands[0];
    if (!master || master.rule === "float") return;
    if (isRecurrent(node.op)) {
      for (const slot of [outputs[1], inputs[5]])
        if (slot && slot.rule !== "float" && sameScheme(slot, master)) overlap(slot, master);
      return;
    }
    for (const operand of operands) if (operand !== master) overlap(operand, master);
    for (const { value } of operands) {
      const stored = this.makers.get(value) ?? this.firstReader(value, master);
      if (stored && sameScheme(stored, master) && this.onlyReader(stored, node)) overlap(stored, master);
    }
  }

  /** Of a graph input: a copy or another op that already decided how it is stored. */
  private firstReader(value: ValueName, master: Slot): Slot | undefined {
    for (const { inputs } of this.table.nodes)
      for (const slot of inputs)
        if (slot?.value === value && slot.rule === "calibrated" && slot.bits === master.bits) return slot;
    return undefined;
  }

  /** Whether all that is stored with this slot's exponent is read by that node alone, copies looked through. */
  private onlyReader(stored: Slot, node: Node): boolean {
    const root = rootOf(stored);
    for (const { inputs, outputs } of this.table.nodes) {
      for (const slot of [...inputs, ...outputs]) {
        if (!slot || rootOf(slot) !== root) continue;
        for (const reader of this.readers.get(slot.value) ?? [])
          if (reader !== node && !this.passesOn(reader, slot.value, root)) return false;
      }
    }
    return true;
  }

  /** Whether a reader only hands the value on inside the same group. */
  private passesOn(reader: Node, value: ValueName, root: Slot): boolean {
    const slots = this.table.of.get(reader);
    const read = slots?.inputs.find((s) => s?.value === value);
    const [made] = slots?.outputs ?? [];
    if (!read || !made || rootOf(read) !== root || rootOf(made) !== root) return false;
    return isCopy(reader.op) || reader.op === "Relu" || reader.op === "Clip" || needsEqual(reader.op);
  }
}

const isRecurrent = (op: string): boolean => op === "GRU" || op === "LSTM";
const needsEqual = (op: string): boolean => takesOutputExponent(op) || isComparison(op);

function operandsOf(op: string, inputs: readonly (Slot | undefined)[]): Slot[] {
  if (!needsEqual(op)) return [];
  return inputs.filter((s) => s !== undefined).filter((s) => s.rule !== "float");
}
