import { equal, type Rational } from "../base/rational.ts";
import { attributesOf } from "../ir/attributes.ts";
import type { Dim, Graph, Node, Shape, ValueName } from "../ir/graph.ts";
import { nodeKey } from "../ir/graph.ts";
import { sameDim } from "../ops/rules/dim.ts";
import { fromFront } from "../ops/rules/operand.ts";
import { placeTime } from "../ops/rules/regroup.ts";
import type { Inference, NodePlan, RulesOf } from "./analysis.ts";
import { type AttentionFrame, attentionFlow, frameOf } from "./attention-frame.ts";
import { type MaskOperand, recogniseMask } from "./attention-mask.ts";
import type { Flow, Refusal } from "./flow.ts";
import { normalises } from "./grid-state.ts";
import type { Limits, MaskProbe } from "./mask-band.ts";
import type { PositionalValues } from "./positional-values.ts";

/** What the recogniser asks of the walk over the graph. */
export interface AttentionContext {
  readonly graph: Graph;
  readonly inference: Inference;
  readonly rulesOf: RulesOf;
  readonly values: PositionalValues;
  /** The facts of a stream, positions included; undefined for anything else. */
  flowOf(name: ValueName): Flow | undefined;
  /** True for constants and for what depends on the length alone. */
  isFree(name: ValueName): boolean;
  /** False behind refusals. */
  isKnown(name: ValueName): boolean;
  /** The length of every symbol when the model's input has `frames` frames. */
  lengthOf(frames: number): (symbol: string) => number;
  /** By the key of the product with the values: narrower contexts that the user accepted. */
  readonly bands: ReadonlyMap<string, Limits>;
}

/** A value with time on two axes: side 0 comes from the rows, side 1 from the columns of the first product. */
export interface GridValue {
  readonly axes: readonly [number, number];
  readonly rank: number;
  /** Whether entries that are blocked are zero because of a softmax. */
  readonly normalised: boolean;
  readonly group: Group;
}

export type Side = 0 | 1;

export type MemberOperand =
  | { readonly kind: "plain" }
  | { readonly kind: "grid"; readonly value: ValueName }
  | { readonly kind: "side"; readonly side: Side; readonly flow: Flow }
  | { readonly kind: "value"; readonly flow: Flow }
  | MaskOperand;

export interface Member {
  readonly node: Node;
  readonly operands: readonly MemberOperand[];
  readonly grid?: GridValue;
}

/** Everything between the products of one attention. */
export interface Group {
  members: Member[];
  /** Which side the keys are; known from the softmax or the second product on. */
  key: Side | undefined;
  frame?: AttentionFrame;
  /** Refused already, with the reason. */
  failed?: true;
}

/** The extent and shape of a value over time × time. */
export interface GridShape {
  readonly queryAxis: number;
  readonly keyAxis: number;
  readonly frame: AttentionFrame;
}

export type Visited =
  | "pending"
  | { readonly refusal: Refusal }
  | {
      readonly plans: ReadonlyMap<Node, NodePlan>;
      readonly grids: ReadonlyMap<ValueName, GridShape>;
      readonly flow: Flow;
    };

const no = (reason: Refusal["reason"], detail?: string): { readonly refusal: Refusal } => ({
  refusal: detail === undefined ? { reason } : { reason, detail },
});

/**
 * Recognises attention (reference: §14 of the theory): a product of two streams over time × time, operators that keep
 * both axes, and a product that sums the keys away. Nothing is decided before that last one, where everything that is
 * read is known: the band of keys by computing the masks, then delays and histories of all of it at once.
 */
export class AttentionWalk {
  private readonly context: AttentionContext;
  private readonly grids = new Map<ValueName, GridValue>();

  constructor(context: AttentionContext) {
    this.context = context;
  }

  /** Undefined for nodes that are no part of an attention. */
  visit(node: Node): Visited | undefined {
    const read = node.inputs.map((name) => this.grids.get(name)?.group).filter((g) => g !== undefined);
    if (read.length === 0) return this.isFirstProduct(node) ? this.begin(node) : undefined;
    if (node.inputs.some((name) => name !== "" && !this.grids.has(name) && !this.context.isKnown(name))) {
      for (const group of read) group.failed = true;
      return "pending";
    }
    const isProduct = node.op === "MatMul" && node.domain === "";
    const answer = isProduct ? this.contract(node) : this.continue(node);
    if (answer !== "pending" && "refusal" in answer) for (const group of read) group.failed = true;
    return answer;
  }

  /** First products that led to no sum over keys. */
  unresolved(): Node[] {
    const groups = new Set([...this.grids.values()].map((g) => g.group));
    const open = [...groups].filter((g) => !g.frame && !g.failed);
    return open.flatMap((g) => g.members.slice(0, 1).map((m) => m.node));
  }

  private rank(name: ValueName): number | undefined {
    return this.context.inference.info(name).shape?.length;
  }

  private isFirstProduct(node: Node): boolean {
    if (node.op !== "MatMul" || node.domain !== "") return false;
    const [a = "", b = ""] = node.inputs;
    const [rows, columns] = [this.context.flowOf(a), this.context.flowOf(b)];
    return (
      rows !== undefined &&
      columns !== undefined &&
      (this.rank(a) ?? 0) - rows.fact.axis === 2 &&
      (this.rank(b) ?? 0) - columns.fact.axis === 1
    );
  }

  private begin(node: Node): Visited {
    const [a = "", b = ""] = node.inputs;
    const [rows, columns] = [this.context.flowOf(a), this.context.flowOf(b)];
    const rank = this.rank(node.outputs[0] ?? "");
    if (!rows || !columns || rank === undefined) return no("shapeUnknown");
    const group: Group = { members: [], key: undefined };
    return this.add(
      group,
      node,
      [
        { kind: "side", side: 0, flow: rows },
        { kind: "side", side: 1, flow: columns },
      ],
      { axes: [rank - 2, rank - 1], rank, normalised: false, group },
    );
  }

  private add(group: Group, node: Node, operands: readonly MemberOperand[], grid: GridValue): Visited {
    group.members.push({ node, operands, grid });
    this.grids.set(node.outputs[0] ?? "", grid);
    return "pending";
  }

  /** A node that keeps both axes. */
  private continue(node: Node): Visited {
    const rank = this.rank(node.outputs[0] ?? "");
    if (rank === undefined) return no("shapeUnknown");
    const groups = new Set(
      node.inputs.map((name) => this.grids.get(name)?.group).filter((g) => g !== undefined),
    );
    const group = this.merged([...groups]);
    if (!group) return no("timeContracted");
    const grid = this.gridOf(node);
    if (!grid) return no("shapeUnknown");
    const placed = this.placed(node, grid, rank);
    if ("refusal" in placed) return placed;
    if (node.outputs.length > 1) return no("timeContracted", node.op);
    if (normalises(node)) {
      const axis = fromFront(attributesOf(node).int("axis", -1), rank);
      const side = placed.axes.indexOf(axis);
      if (side === 0 || side === 1) {
        if (group.key !== undefined && group.key !== side) return no("timeReduced", "both axes");
        group.key = side;
      }
    }
    const operands: MemberOperand[] = [];
    for (const name of node.inputs) {
      const operand = this.operandOf(name, placed);
      if ("refusal" in operand) return operand;
      operands.push(operand);
    }
    const normalised =
      (normalises(node) && group.key !== undefined) ||
      node.inputs.some((name) => this.grids.get(name)?.normalised === true);
    return this.add(group, node, operands, { ...placed, normalised, group });
  }

  private gridOf(node: Node): GridValue | undefined {
    return node.inputs.map((name) => this.grids.get(name)).find((g) => g !== undefined);
  }

  /** Where the two axes are in the result. */
  private placed(
    node: Node,
    grid: GridValue,
    rank: number,
  ): { readonly axes: readonly [number, number]; readonly rank: number } | { readonly refusal: Refusal } {
    if (this.isElementwise(node)) {
      const others = node.inputs.map((name) => this.grids.get(name)).filter((g) => g !== undefined);
      const ends = (g: GridValue): string => g.axes.map((a) => g.rank - a).join();
      if (others.some((g) => ends(g) !== ends(grid))) return no("axesDiffer");
      const [a, b] = grid.axes;
      return { axes: [rank - grid.rank + a, rank - grid.rank + b], rank };
    }
    if (normalises(node)) return { axes: grid.axes, rank };
    const [x = ""] = node.inputs;
    const from = this.context.inference.info(x).shape ?? [];
    const to = this.context.inference.info(node.outputs[0] ?? "").shape ?? [];
    const axes = movedAxes(node, grid, from, to);
    return axes ? { axes, rank } : no("timeContracted", node.op);
  }

  /** Asked of the operator's own rule: a stream beside scalars passes through it untouched. */
  private isElementwise(node: Node): boolean {
    const rules = this.context.rulesOf(node);
    const at = node.inputs.findIndex((name) => this.grids.has(name));
    const rule = rules?.stream?.({
      axes: node.inputs.map((_, i) => (i === at ? 0 : undefined)),
      operands: node.inputs.map((name, i) => (name === "" ? undefined : { shape: i === at ? [null] : [] })),
      results: [{ shape: [null] }],
    });
    return rule?.kind === "pointwise";
  }

  private operandOf(
    name: ValueName,
    { axes, rank }: { readonly axes: readonly [number, number]; readonly rank: number },
  ): MemberOperand | { readonly refusal: Refusal } {
    if (name === "") return { kind: "plain" };
    if (this.grids.has(name)) return { kind: "grid", value: name };
    const shape = this.context.inference.info(name).shape;
    if (!shape) return no("shapeUnknown", name);
    const ends = axes.map((axis) => rank - axis);
    const flow = this.context.flowOf(name);
    if (flow) {
      const side = ends.indexOf(shape.length - flow.fact.axis);
      const other = ends[1 - side];
      const varies = other !== undefined && (shape[shape.length - other] ?? 1) !== 1;
      return (side === 0 || side === 1) && !varies ? { kind: "side", side, flow } : no("axesDiffer", name);
    }
    const varies = ends.some((end) => (shape[shape.length - end] ?? 1) !== 1);
    if (!varies) return { kind: "plain" };
    if (!this.context.isFree(name)) return no("maskIrregular", name);
    return { kind: "mask", value: name, ends: [ends[0] ?? 1, ends[1] ?? 1] };
  }

  /** The product that sums the keys away. */
  private contract(node: Node): Visited {
    const [a = "", b = ""] = node.inputs;
    const [left, right] = [this.grids.get(a), this.grids.get(b)];
    const grid = left ?? right;
    const value = left ? b : a;
    const flow = this.context.flowOf(value);
    const rank = this.rank(node.outputs[0] ?? "");
    if (!grid || (left && right) || !flow || rank === undefined) return no("timeContracted");
    // Weights · values sums over the last axis of the weights, values · weights over the one before.
    const summed = left ? grid.rank - 1 : grid.rank - 2;
    const key = grid.axes.indexOf(summed);
    const kept = left ? grid.rank - 2 : grid.rank - 1;
    const meets = (this.rank(value) ?? 0) - flow.fact.axis === (left ? 2 : 1);
    if ((key !== 0 && key !== 1) || grid.axes[1 - key] !== kept || !meets) return no("timeContracted");
    const { group } = grid;
    if (group.key !== undefined && group.key !== key) return no("timeContracted", "softmax over queries");
    if (group.frame) return no("timeContracted", "weights read twice");
    group.key = key;
    const operands: MemberOperand[] = node.inputs.map((name) =>
      name === value ? { kind: "value", flow } : { kind: "grid", value: name },
    );
    const axis = left ? rank - 2 : rank - 1;
    return this.resolve(group, { node, operands }, axis);
  }

  private resolve(group: Group, last: Member, axis: number): Visited {
    const members = [...group.members, last];
    const rate = this.commonRate(members);
    if (!("num" in rate)) return rate;
    const limits = this.context.bands.get(nodeKey(last.node));
    const mask = recogniseMask(this.context, group, last, rate, limits);
    if ("refusal" in mask) return mask;
    const { key = 1 } = group;
    const flowsOf = (wanted: (o: MemberOperand) => boolean): { name: ValueName; flow: Flow }[] =>
      members.flatMap(({ node, operands }) =>
        operands.flatMap((o, i) =>
          wanted(o) && "flow" in o ? [{ name: node.inputs[i] ?? "", flow: o.flow }] : [],
        ),
      );
    const queries = flowsOf((o) => o.kind === "side" && o.side !== key);
    const keys = flowsOf((o) => o.kind === "value" || (o.kind === "side" && o.side === key));
    const frame = frameOf(queries, keys, mask.band, limits);
    group.frame = frame;
    const grids = new Map<ValueName, GridShape>();
    const plans = new Map<Node, NodePlan>();
    for (const { node, operands, grid } of members) {
      if (grid) {
        const shape = { queryAxis: grid.axes[1 - key] ?? 0, keyAxis: grid.axes[key] ?? 0, frame };
        grids.set(node.outputs[0] ?? "", shape);
      }
      const planned = operands.map((o): AttentionOperand => {
        switch (o.kind) {
          case "side":
            return o.side === key
              ? { kind: "key", late: frame.keyDelay - o.flow.fact.delay }
              : { kind: "query", late: frame.delay - o.flow.fact.delay };
          case "value":
            return { kind: "value", late: frame.keyDelay - o.flow.fact.delay };
          case "mask": {
            const probe = mask.probes.get(o);
            if (!probe) throw new Error(`${o.value} was not computed`);
            return { kind: "mask", probe, size: mask.size };
          }
          default:
            return { kind: o.kind };
        }
      });
      const validity = this.validityOf(node, operands, grid);
      plans.set(node, { kind: "attention", frame, operands: planned, ...(validity && { validity }) });
    }
    return { plans, grids, flow: attentionFlow(queries, keys, mask.band, frame, axis) };
  }

  /** Keys that are no true frames are kept out of the softmax; without one, of the sum itself. */
  private validityOf(
    node: Node,
    operands: readonly MemberOperand[],
    grid: GridValue | undefined,
  ): "lowest" | "zero" | undefined {
    if (grid)
      return normalises(node) && grid.normalised && !this.readsNormalised(operands) ? "lowest" : undefined;
    return this.readsNormalised(operands) ? undefined : "zero";
  }

  private readsNormalised(operands: readonly MemberOperand[]): boolean {
    return operands.some((o) => o.kind === "grid" && this.grids.get(o.value)?.normalised === true);
  }

  private commonRate(members: readonly Member[]): Rational | { readonly refusal: Refusal } {
    const flows = members.flatMap((m) => m.operands.flatMap((o) => ("flow" in o ? [o.flow] : [])));
    const [first] = flows;
    if (!first) throw new Error("an attention reads no stream");
    const { rate } = first.fact;
    return flows.every((f) => equal(f.fact.rate, rate)) ? rate : no("ratesDiffer");
  }

  /** Several first products in one sum (content and position) are one attention. */
  private merged([first, ...others]: readonly Group[]): Group | undefined {
    if (!first || first.frame || others.some((g) => g.frame)) return undefined;
    for (const other of others) {
      if (other.key !== undefined && first.key !== undefined && other.key !== first.key) return undefined;
      first.members.push(...other.members);
      first.key ??= other.key;
      for (const [name, grid] of this.grids)
        if (grid.group === other) this.grids.set(name, { ...grid, group: first });
    }
    return first;
  }
}

/** How one input of a node of an attention is read; `late`: by so many frames. */
export type AttentionOperand =
  | { readonly kind: "plain" | "grid" }
  | { readonly kind: "query" | "key" | "value"; readonly late: number }
  | { readonly kind: "mask"; readonly probe: MaskProbe; readonly size: number };

function movedAxes(
  node: Node,
  { axes, rank }: GridValue,
  from: Shape,
  to: Shape,
): readonly [number, number] | undefined {
  if (node.domain !== "") return undefined;
  switch (node.op) {
    case "Transpose": {
      const perm = attributesOf(node).optionalInts("perm") ?? from.map((_, i) => rank - 1 - i);
      const [a, b] = axes.map((axis) => perm.indexOf(axis));
      return a === undefined || b === undefined ? undefined : [a, b];
    }
    case "Reshape":
    case "Squeeze":
    case "Unsqueeze":
    case "Flatten": {
      const places = axes.map((axis) => placeTime(from, to, axis));
      const [a, b] = places;
      const whole = places.every((p) => p?.factor.num === p?.factor.den);
      const kept = (p: typeof a, axis: number): boolean =>
        p !== undefined && sameDim(to[p.axis] ?? null, (from[axis] ?? null) as Dim);
      return a && b && whole && a.axis !== b.axis && kept(a, axes[0]) && kept(b, axes[1])
        ? [a.axis, b.axis]
        : undefined;
    }
    default:
      return undefined;
  }
}
