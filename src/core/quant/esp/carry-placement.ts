import { type Graph, type Node, nodeKey, type ValueName } from "../../ir/graph.ts";
import { realInputs } from "../../ir/walk.ts";
import type { ExponentPlacement, PlacedNode, PlacedSlot } from "./place-exponents.ts";

/** Ops that a streaming form adds around the offline nodes, and that move integers as they are. */
const MOVES: ReadonlySet<string> = new Set(
  "Concat Slice Split Pad Gather Transpose Reshape Squeeze Unsqueeze Identity".split(" "),
);

export interface CarryInput {
  /** A streaming module, in the dialect of the offline graph. */
  readonly graph: Graph;
  readonly offline: { readonly graph: Graph; readonly placement: ExponentPlacement };
  /** Module input that holds a value under another name (a cache) → that value. */
  readonly sourceOf: ReadonlyMap<ValueName, ValueName>;
}

/**
 * The offline graph's exponents on one of its streaming modules: a node keeps the slots of its offline twin (same key), what
 * carries frames between them keeps the exponent that a value is stored with. Streaming integers then equal offline ones. A node
 * that neither is computes in float.
 */
export function carryPlacement({ graph, offline, sourceOf }: CarryInput): ExponentPlacement {
  const stored = storedSlots(offline.graph, offline.placement);
  const twins = new Map([...offline.placement.values()].map((p) => [nodeKey(p.node), p]));
  const known = new Map<ValueName, PlacedSlot>();
  for (const { name } of realInputs(graph)) {
    const slot = stored.get(sourceOf.get(name) ?? name);
    if (slot) known.set(name, { ...slot, value: name });
  }
  const placement = new Map<Node, PlacedNode>();
  for (const node of graph.nodes) {
    const twin = twins.get(nodeKey(node));
    const placed = twin?.node.op === node.op ? likeTwin(node, twin) : moved(node, known, stored);
    if (!placed) continue;
    placement.set(node, placed);
    for (const slot of placed.outputs) if (slot) known.set(slot.value, slot);
  }
  return placement;
}

/**
 * How inputs of a module are stored that other modules compute. Undefined: in float. Who reads them with another width or exponent
 * converts, as offline. Caches are not among them: what reads a cache has its form.
 */
export function storedInputs({ graph, offline }: CarryInput): Map<ValueName, PlacedSlot | undefined> {
  const made = new Map<ValueName, PlacedSlot | undefined>();
  for (const node of offline.graph.nodes)
    for (const [i, name] of node.outputs.entries())
      if (name !== "") made.set(name, offline.placement.get(node)?.outputs[i]);
  const inputs = new Map<ValueName, PlacedSlot | undefined>();
  for (const { name } of realInputs(graph)) {
    if (made.has(name)) inputs.set(name, made.get(name));
  }
  return inputs;
}

/** How the inputs of the whole model are stored that a module reads: all modules get them in one form. */
export function modelInputs({ graph, offline }: CarryInput): Map<ValueName, PlacedSlot> {
  const stored = storedSlots(offline.graph, offline.placement);
  const whole = new Set(realInputs(offline.graph).map((v) => v.name));
  return new Map(
    realInputs(graph).flatMap(({ name }) => {
      const slot = whole.has(name) ? stored.get(name) : undefined;
      return slot ? [[name, slot] as const] : [];
    }),
  );
}

/** How every value is stored: as its producer writes it, a graph input as its first quantized reader wants it. */
function storedSlots(graph: Graph, placement: ExponentPlacement): Map<ValueName, PlacedSlot> {
  const stored = new Map<ValueName, PlacedSlot>();
  const inputs = new Set(realInputs(graph).map((v) => v.name));
  for (const node of graph.nodes) {
    const placed = placement.get(node);
    for (const slot of placed?.inputs ?? [])
      if (slot && inputs.has(slot.value) && !stored.has(slot.value)) stored.set(slot.value, slot);
    for (const slot of placed?.outputs ?? []) if (slot) stored.set(slot.value, slot);
  }
  return stored;
}

function likeTwin(node: Node, { bits, inputs, outputs }: PlacedNode): PlacedNode {
  const renamed = (slots: readonly (PlacedSlot | undefined)[], names: readonly ValueName[]) =>
    names.map((value, i) => {
      const slot = slots[i];
      return slot && { ...slot, value };
    });
  return { node, bits, inputs: renamed(inputs, node.inputs), outputs: renamed(outputs, node.outputs) };
}

/** In the form of what is moved; floats in that of the value that they become, which offline is quantized before it is moved. */
function moved(
  node: Node,
  known: ReadonlyMap<ValueName, PlacedSlot>,
  stored: ReadonlyMap<ValueName, PlacedSlot>,
): PlacedNode | undefined {
  if (!MOVES.has(node.op)) return undefined;
  const data = node.op === "Concat" ? node.inputs : node.inputs.slice(0, 1);
  const slot =
    data.map((name) => known.get(name)).find((s) => s !== undefined) ?? stored.get(node.outputs[0] ?? "");
  if (!slot) return undefined;
  const at = (value: ValueName): PlacedSlot => ({ ...slot, value });
  return {
    node,
    bits: slot.bits <= 8 ? 8 : 16,
    inputs: node.inputs.map((name) => (data.includes(name) ? at(name) : undefined)),
    outputs: node.outputs.map((name) => (name === "" ? undefined : at(name))),
  };
}
