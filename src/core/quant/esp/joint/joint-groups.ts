import type { ValueName } from "../../../ir/graph.ts";
import type { PlacementInput } from "../place-exponents.ts";
import { rootOf, type Slot } from "../slot.ts";
import { type SlotTable, slotsOf } from "../slots-of.ts";
import { isCopy, joinSlots, vanishingSlots } from "./join-slots.ts";

/** Slots with one exponent. */
export interface ExponentGroup {
  /** The slot that decides; its index in {@link JointGroups.groups} is the group's number. */
  readonly root: Slot;
  /** Values whose statistics tell what the exponent must hold: each once, copies left out. */
  readonly values: readonly ValueName[];
  readonly constants: readonly ValueName[];
}

/** What a placement has to decide: an exponent for every group, exponents for every constant with its own. */
export interface JointGroups {
  readonly table: SlotTable;
  readonly groups: readonly ExponentGroup[];
  /** Filters and constant operands that no join forces. */
  readonly parameters: readonly Slot[];
  groupOf(slot: Slot | undefined): number | undefined;
}

/** Groups in the order of the graph. */
export function jointGroups({ graph, formatOf, keepFloat }: PlacementInput): JointGroups {
  const table = slotsOf(graph, formatOf, keepFloat);
  joinSlots(table);
  const vanishing = vanishingSlots(table);
  const members = new Map<
    Slot,
    { values: Set<ValueName>; copied: Set<ValueName>; constants: Set<ValueName> }
  >();
  const parameters: Slot[] = [];
  for (const { node, inputs, outputs } of table.nodes) {
    const copies = new Set(isCopy(node.op) ? outputs : []);
    for (const slot of [...inputs, ...outputs]) {
      if (!slot) continue;
      const constant = graph.initializers.has(slot.value);
      const root = rootOf(slot);
      const ownConstant = root === slot && (slot.rule === "percentile" || slot.rule === "perChannel");
      if (ownConstant) parameters.push(slot);
      if (ownConstant || (slot.rule !== "calibrated" && slot.rule !== "percentile")) continue;
      const group = members.get(root) ?? { values: new Set(), copied: new Set(), constants: new Set() };
      members.set(root, group);
      if (constant) group.constants.add(slot.value);
      else if (copies.has(slot)) group.copied.add(slot.value);
      else if (!vanishing.has(slot)) group.values.add(slot.value);
    }
  }
  const groups = [...members].map(([root, { values, copied, constants }]): ExponentGroup => {
    const sources = [...values].filter((v) => !copied.has(v));
    return { root, values: sources.length > 0 ? sources : [...values, ...copied], constants: [...constants] };
  });
  const numbers = new Map(groups.map(({ root }, i) => [root, i]));
  return { table, groups, parameters, groupOf: (slot) => slot && numbers.get(rootOf(slot)) };
}
