import { named } from "../base/detail.ts";
import type { Rational } from "../base/rational.ts";
import type { Dim, ValueName } from "../ir/graph.ts";
import { dimAt, sameDim } from "../ops/rules/dim.ts";
import { uniformConstant } from "../ops/rules/time.ts";
import type { AttentionContext, Group, Member, MemberOperand } from "./attention-group.ts";
import type { Refusal } from "./flow.ts";
import { normalises, type OperandState, stateAfter } from "./grid-state.ts";
import {
  type Band,
  bandOf,
  type GridState,
  type Limits,
  type MaskProbe,
  periodOf,
  samePrefix,
  stateOf,
} from "./mask-band.ts";

/** An operand over time × time that no data enters. `ends`: its two time axes counted from the end, side by side. */
export interface MaskOperand {
  readonly kind: "mask";
  readonly value: ValueName;
  readonly ends: readonly [number, number];
}

export interface MaskFound {
  readonly band: Band;
  /** The masks at the length that showed the band. */
  readonly probes: ReadonlyMap<MaskOperand, MaskProbe>;
  readonly size: number;
}

type Refused = { readonly refusal: Refusal };

/** Lengths to try in turn: long enough for a band to close, short where it does. */
const SIZES = [32, 128, 512];

/** The keys that count for a query, by computing every mask on the way at several lengths. */
export function recogniseMask(
  context: AttentionContext,
  group: Group,
  last: Member,
  rate: Rational,
  limits: Limits | undefined,
): MaskFound | Refused {
  const masks = group.members.flatMap((m) => m.operands.filter((o) => o.kind === "mask"));
  if (masks.length === 0) {
    if (!limits) return { refusal: { reason: "fullAttention" } };
    const band = { period: 1, left: [limits.left], right: [limits.right] };
    return { band, probes: new Map(), size: 0 };
  }
  const extents = extentsOf(context, group);
  if (!extents) return { refusal: { reason: "maskIrregular", detail: { code: "keysDiffer" } } };
  const enough = limits ? 2 * (limits.left + limits.right) + 16 : 0;
  const sizes = typeof extents === "number" ? [extents] : [...SIZES.filter((s) => s >= enough), enough];
  let found: MaskFound | Refused = { refusal: { reason: "maskIrregular" } };
  for (const wanted of sizes) {
    if (wanted === 0) continue;
    const trial = new MaskTrial(context, group, last, rate, extents, wanted);
    const answer = trial.run(masks, limits);
    if (!("refusal" in answer)) {
      if (typeof extents === "number") return answer;
      // At another length as well: a mask that depends on the length is none.
      const other = new MaskTrial(context, group, last, rate, extents, wanted + Math.ceil(wanted / 2) + 1);
      return other.agreesWith(trial, masks)
        ? answer
        : { refusal: { reason: "maskIrregular", detail: { code: "dependsOnLength" } } };
    }
    found = answer;
  }
  return found;
}

/** The common extent of both sides. */
function extentsOf({ inference }: AttentionContext, { members }: Group): Dim | undefined {
  const [first] = members;
  const shape = inference.info(first?.node.outputs[0] ?? "").shape;
  if (!first?.grid || !shape) return undefined;
  const [a, b] = first.grid.axes.map((axis) => shape[axis] ?? null);
  return a !== undefined && b !== undefined && a !== null && sameDim(a, b) ? a : undefined;
}

/** All masks of an attention at one length. */
class MaskTrial {
  readonly size: number;
  private readonly context: AttentionContext;
  private readonly group: Group;
  private readonly last: Member;
  private readonly frames: number;

  constructor(
    context: AttentionContext,
    group: Group,
    last: Member,
    { num, den }: Rational,
    extent: Dim,
    wanted: number,
  ) {
    this.context = context;
    this.group = group;
    this.last = last;
    this.frames = Math.ceil((wanted * den) / num);
    this.size = typeof extent === "string" ? dimAt(extent, context.lengthOf(this.frames)) : wanted;
  }

  run(masks: readonly MaskOperand[], limits: Limits | undefined): MaskFound | Refused {
    const probes = this.probes(masks);
    if ("refusal" in probes) return probes;
    const period = periodOf([...probes.values()], this.size);
    if (period === undefined) return { refusal: { reason: "maskIrregular" } };
    const weights = this.weights(probes);
    if (!weights && !limits) return { refusal: { reason: "fullAttention" } };
    const band = bandOf(weights ?? new Float64Array(this.size ** 2).fill(1), this.size, period, limits);
    switch (band) {
      case "openLeft":
        return { refusal: { reason: "unboundedContext" } };
      case "open":
        return { refusal: { reason: "fullAttention" } };
      case "empty":
        return { refusal: { reason: "maskIrregular", detail: { code: "readsNone" } } };
      default:
        return { band, probes, size: this.size };
    }
  }

  agreesWith(other: MaskTrial, masks: readonly MaskOperand[]): boolean {
    const [own, its] = [this.probes(masks), other.probes(masks)];
    if ("refusal" in own || "refusal" in its) return false;
    return masks.every((mask) => {
      const [a, b] = [own.get(mask), its.get(mask)];
      if (!a || !b) return false;
      return samePrefix(stateOf(a, this.size), this.size, stateOf(b, other.size), other.size);
    });
  }

  private probes(masks: readonly MaskOperand[]): ReadonlyMap<MaskOperand, MaskProbe> | Refused {
    const { values, lengthOf } = this.context;
    const { key = 1 } = this.group;
    const probes = new Map<MaskOperand, MaskProbe>();
    for (const mask of masks) {
      const tensor = values.at(mask.value, lengthOf(this.frames), String(this.frames));
      if (!tensor) return { refusal: { reason: "maskIrregular", detail: named(mask.value) } };
      probes.set(mask, { tensor, query: mask.ends[1 - key] ?? 1, key: mask.ends[key] ?? 1 });
    }
    return probes;
  }

  /** What is known of the weights, query by key; undefined if nothing is. */
  private weights(probes: ReadonlyMap<MaskOperand, MaskProbe>): GridState | undefined {
    const { inference, rulesOf } = this.context;
    const states = new Map<ValueName, GridState | undefined>();
    const masks = new Map([...probes].map(([mask, probe]) => [mask, stateOf(probe, this.size)]));
    for (const { node, operands } of this.group.members) {
      const known = operands.map(
        (o, i): OperandState => this.stateOfOperand(o, node.inputs[i] ?? "", states, masks),
      );
      const dtypes = node.inputs.map((name) => inference.info(name).dtype);
      const moves = !normalises(node) && operands.every((o) => o.kind === "grid" || o.kind === "plain");
      const elementwise = !(moves && REARRANGING.has(node.op));
      states.set(node.outputs[0] ?? "", stateAfter(node, rulesOf(node), known, dtypes, elementwise));
    }
    const weights = this.last.operands.find((o) => o.kind === "grid");
    return weights && states.get(weights.value);
  }

  private stateOfOperand(
    operand: MemberOperand,
    name: ValueName,
    states: ReadonlyMap<ValueName, GridState | undefined>,
    masks: ReadonlyMap<MaskOperand, GridState>,
  ): OperandState {
    switch (operand.kind) {
      case "grid":
        return states.get(operand.value);
      case "mask":
        return masks.get(operand);
      case "plain":
        return uniformConstant(this.context.inference.info(name));
      default:
        return undefined;
    }
  }
}

const REARRANGING: ReadonlySet<string> = new Set([
  "Cast",
  "Flatten",
  "Reshape",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);
