import { equal, type Rational } from "../base/rational.ts";
import { type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import type { NodePlan } from "./analysis.ts";
import { type AttentionFrame, attentionFlow, frameOf } from "./attention-frame.ts";
import {
  type AttentionContext,
  type Group,
  type Member,
  type MemberOperand,
  no,
  type Side,
} from "./attention-group.ts";
import { type MaskFound, recogniseMask } from "./attention-mask.ts";
import type { Flow, Refusal } from "./flow.ts";
import { normalises } from "./grid-state.ts";
import type { MaskProbe } from "./mask-band.ts";

/** The extent and shape of a value over time × time. */
export interface GridShape {
  readonly queryAxis: number;
  readonly keyAxis: number;
  readonly frame: AttentionFrame;
}

/** How one input of a node of an attention is read; `late`: by so many frames. */
export type AttentionOperand =
  | { readonly kind: "plain" | "grid" }
  | { readonly kind: "query" | "key" | "value"; readonly late: number }
  | { readonly kind: "mask"; readonly probe: MaskProbe; readonly size: number };

export interface PlannedAttention {
  readonly plans: ReadonlyMap<Node, NodePlan>;
  readonly grids: ReadonlyMap<ValueName, GridShape>;
  readonly flow: Flow;
}

interface LastProduct {
  readonly last: Member;
  readonly axis: number;
  /** Whether a value over time × time comes from a softmax over its keys. */
  readonly isNormalised: (value: ValueName) => boolean;
}

/**
 * Plans everything between the products of an attention, `last` the one that sums the keys away; time is `axis` of its result. The
 * group gets its frame.
 */
export function planAttention(
  context: AttentionContext,
  group: Group,
  { last, axis, isNormalised }: LastProduct,
): PlannedAttention | { readonly refusal: Refusal } {
  const members = [...group.members, last];
  const rate = commonRate(members);
  if (!("num" in rate)) return rate;
  const limits = context.bands.get(nodeKey(last.node));
  const mask = recogniseMask(context, group, last, rate, limits);
  if ("refusal" in mask) return mask;
  const { key = 1 } = group;
  const queries = flowsOf(members, (o) => o.kind === "side" && o.side !== key);
  const keys = flowsOf(members, (o) => o.kind === "value" || (o.kind === "side" && o.side === key));
  const frame = frameOf(queries, keys, mask.band, limits);
  group.frame = frame;
  const grids = new Map<ValueName, GridShape>();
  const plans = new Map<Node, NodePlan>();
  for (const member of members) {
    const { node, grid } = member;
    if (grid) {
      const shape = { queryAxis: grid.axes[1 - key] ?? 0, keyAxis: grid.axes[key] ?? 0, frame };
      grids.set(node.outputs[0] ?? "", shape);
    }
    const operands = member.operands.map((o) => plannedOperand(o, { key, frame, mask }));
    const validity = validityOf(member, isNormalised);
    plans.set(node, { kind: "attention", frame, operands, ...(validity && { validity }) });
  }
  return { plans, grids, flow: attentionFlow(queries, keys, mask.band, frame, axis) };
}

function flowsOf(
  members: readonly Member[],
  wanted: (operand: MemberOperand) => boolean,
): { readonly name: ValueName; readonly flow: Flow }[] {
  return members.flatMap(({ node, operands }) =>
    operands.flatMap((o, i) =>
      wanted(o) && "flow" in o ? [{ name: node.inputs[i] ?? "", flow: o.flow }] : [],
    ),
  );
}

interface Known {
  readonly key: Side;
  readonly frame: AttentionFrame;
  readonly mask: MaskFound;
}

function plannedOperand(operand: MemberOperand, { key, frame, mask }: Known): AttentionOperand {
  switch (operand.kind) {
    case "side":
      return operand.side === key
        ? { kind: "key", late: frame.keyDelay - operand.flow.fact.delay }
        : { kind: "query", late: frame.delay - operand.flow.fact.delay };
    case "value":
      return { kind: "value", late: frame.keyDelay - operand.flow.fact.delay };
    case "mask": {
      const probe = mask.probes.get(operand);
      if (!probe) throw new Error(`${operand.value} was not computed`);
      return { kind: "mask", probe, size: mask.size };
    }
    default:
      return { kind: operand.kind };
  }
}

/** Keys that are no true frames are kept out of the softmax; without one, of the sum itself. */
function validityOf(
  { node, operands, grid }: Member,
  isNormalised: LastProduct["isNormalised"],
): "lowest" | "zero" | undefined {
  const readsNormalised = operands.some((o) => o.kind === "grid" && isNormalised(o.value));
  if (grid) return normalises(node) && grid.normalised && !readsNormalised ? "lowest" : undefined;
  return readsNormalised ? undefined : "zero";
}

function commonRate(members: readonly Member[]): Rational | { readonly refusal: Refusal } {
  const flows = members.flatMap((m) => m.operands.flatMap((o) => ("flow" in o ? [o.flow] : [])));
  const [first] = flows;
  if (!first) throw new Error("an attention reads no stream");
  const { rate } = first.fact;
  return flows.every((f) => equal(f.fact.rate, rate)) ? rate : no("ratesDiffer");
}
