import type { ExponentState } from "./exponent-state.ts";
import type { JointGroups } from "./joint-groups.ts";

/**
 * The exponents of a state where widths have changed since: what kept its width keeps its exponent (groups that became one take the
 * largest), what has another width takes that of `fresh`, a state of the new groups.
 */
export function carriedState(
  from: { readonly joint: JointGroups; readonly state: ExponentState },
  joint: JointGroups,
  fresh: ExponentState,
): ExponentState {
  const groups: (number | undefined)[] = joint.groups.map(() => undefined);
  const parameterAt = new Map(joint.parameters.map((slot, i) => [slot, i]));
  const parameterBefore = new Map(from.joint.parameters.map((slot, i) => [slot, i]));
  const parameters = [...fresh.parameters];
  for (const { node, inputs, outputs } of joint.table.nodes) {
    const before = from.joint.table.of.get(node);
    if (!before) continue;
    const slots = [...inputs, ...outputs];
    const old = [...before.inputs, ...before.outputs];
    for (const [i, slot] of slots.entries()) {
      const was = old[i];
      if (!slot || was?.bits !== slot.bits) continue;
      const at = parameterAt.get(slot);
      const wasAt = parameterBefore.get(was);
      if (at !== undefined && wasAt !== undefined) parameters[at] = from.state.parameters[wasAt] ?? [0];
      const [group, wasGroup] = [joint.groupOf(slot), from.joint.groupOf(was)];
      const exponent = wasGroup === undefined ? undefined : from.state.groups[wasGroup];
      if (group === undefined || exponent === undefined || joint.groups[group]?.root.bits !== slot.bits)
        continue;
      groups[group] = Math.max(groups[group] ?? exponent, exponent);
    }
  }
  return { groups: groups.map((e, i) => e ?? fresh.groups[i] ?? 0), parameters };
}
