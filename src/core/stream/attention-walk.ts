import { named } from "../base/detail.ts";
import { attributesOf } from "../ir/attributes.ts";
import type { Node, ValueName } from "../ir/graph.ts";
import { fromFront } from "../ops/rules/operand.ts";
import { placedAxes } from "./attention-axes.ts";
import {
  type AttentionContext,
  type GridValue,
  type Group,
  type MemberOperand,
  no,
} from "./attention-group.ts";
import { type PlannedAttention, planAttention } from "./attention-plan.ts";
import type { Refusal } from "./flow.ts";
import { normalises } from "./grid-state.ts";

export type Visited = "pending" | { readonly refusal: Refusal } | PlannedAttention;

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
    const placed = placedAxes(this.context, node, { grids: this.grids, grid, rank });
    if ("refusal" in placed) return placed;
    if (node.outputs.length > 1) return no("timeContracted", named(node.op));
    if (normalises(node)) {
      const axis = fromFront(attributesOf(node).int("axis", -1), rank);
      const side = placed.axes.indexOf(axis);
      if (side === 0 || side === 1) {
        if (group.key !== undefined && group.key !== side) return no("timeReduced", { code: "bothAxes" });
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

  private operandOf(
    name: ValueName,
    { axes, rank }: { readonly axes: readonly [number, number]; readonly rank: number },
  ): MemberOperand | { readonly refusal: Refusal } {
    if (name === "") return { kind: "plain" };
    if (this.grids.has(name)) return { kind: "grid", value: name };
    const shape = this.context.inference.info(name).shape;
    if (!shape) return no("shapeUnknown", named(name));
    const ends = axes.map((axis) => rank - axis);
    const flow = this.context.flowOf(name);
    if (flow) {
      const side = ends.indexOf(shape.length - flow.fact.axis);
      const other = ends[1 - side];
      const varies = other !== undefined && (shape[shape.length - other] ?? 1) !== 1;
      return (side === 0 || side === 1) && !varies
        ? { kind: "side", side, flow }
        : no("axesDiffer", named(name));
    }
    const varies = ends.some((end) => (shape[shape.length - end] ?? 1) !== 1);
    if (!varies) return { kind: "plain" };
    if (!this.context.isFree(name)) return no("maskIrregular", named(name));
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
    if (group.key !== undefined && group.key !== key)
      return no("timeContracted", { code: "softmaxOverQueries" });
    if (group.frame) return no("timeContracted", { code: "weightsReadTwice" });
    group.key = key;
    const operands: MemberOperand[] = node.inputs.map((name) =>
      name === value ? { kind: "value", flow } : { kind: "grid", value: name },
    );
    const axis = left ? rank - 2 : rank - 1;
    const isNormalised = (name: ValueName): boolean => this.grids.get(name)?.normalised === true;
    return planAttention(this.context, group, { last: { node, operands }, axis, isNormalised });
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
