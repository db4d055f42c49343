import { named } from "../base/detail.ts";
import { type Finding, fail } from "../base/problem.ts";
import { ONE } from "../base/rational.ts";
import { type Dim, type Graph, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { producersOf, usedBy } from "../ir/walk.ts";
import type { OperandInfo, StreamRule } from "../ops/op.ts";
import { sameDim } from "../ops/rules/dim.ts";
import type { Inference, InputPace, NodePlan, RulesOf } from "./analysis.ts";
import type { GridShape } from "./attention-plan.ts";
import { AttentionWalk, type Visited } from "./attention-walk.ts";
import { DIRTY, EXACT, NO_JUNK, type StreamFact } from "./fact.ts";
import type { Flow, PerStepOf, Refusal, Transfer, TransferInput } from "./flow.ts";
import { thenLength } from "./length-law.ts";
import type { Limits } from "./mask-band.ts";
import { meetingPaths } from "./meeting-paths.ts";
import { PositionalValues } from "./positional-values.ts";
import {
  inputFramesOf,
  type LengthLimit,
  positionFlow,
  positionSource,
  positionsWithin,
} from "./positions.ts";
import { joinPerStep } from "./rows/last-frames.ts";
import { StaticValues } from "./static-values.ts";
import { transfer } from "./transfer.ts";

const AT_ONCE: InputPace = { rate: ONE, delay: 0 };
/** Positions at which an index is looked at. */
const PROBED_POSITIONS = 512;

/** What every transfer is asked beside its rule. */
type Asked = Pick<TransferInput, "holdChunk" | "stateChunk" | "exactEnd">;

/** The forward walk of `deriveFacts`, node by node: facts, plans, and refusals of first causes. */
export class FactWalk {
  readonly facts = new Map<ValueName, StreamFact>();
  readonly plans = new Map<Node, NodePlan>();
  readonly refusals: Finding[] = [];
  readonly flows = new Map<ValueName, Flow>();
  /** Symbols of the time axes: a shape vector that mentions one follows the chunk. */
  private readonly freeSymbols = new Set<string>();
  private readonly timeSymbols = new Set<string>();
  /** Static integer vectors that depend on the offline length. */
  private readonly lengthVectors = new Set<ValueName>();
  /** Values that something reads. */
  private readonly read: ReadonlySet<ValueName>;
  private readonly graph: Graph;
  private readonly inference: Inference;
  private readonly rulesOf: RulesOf;
  private readonly asked: Asked;
  private readonly statics: StaticValues;
  readonly grids = new Map<ValueName, GridShape>();
  readonly limits: LengthLimit[] = [];
  /** Values that positions enter, and no data: streams, and masks over time × time. */
  private readonly positional = new Set<ValueName>();
  private readonly masks = new Set<ValueName>();
  private readonly values: PositionalValues;
  private readonly attention: AttentionWalk;
  private readonly tables: boolean;

  constructor(
    graph: Graph,
    inference: Inference,
    rulesOf: RulesOf,
    asked: Asked,
    { bands, tables }: { readonly bands: ReadonlyMap<string, Limits>; readonly tables: boolean },
  ) {
    this.tables = tables;
    this.values = new PositionalValues(graph, inference, rulesOf);
    this.attention = new AttentionWalk({
      graph,
      inference,
      rulesOf,
      values: this.values,
      bands,
      flowOf: (name) => this.flows.get(name),
      isFree: (name) => this.isFree(name),
      isKnown: (name) => this.factOf(name) !== undefined || this.masks.has(name),
      lengthOf: (frames) => this.lengthOf(frames),
    });
    this.graph = graph;
    this.inference = inference;
    this.rulesOf = rulesOf;
    this.asked = asked;
    this.statics = new StaticValues(graph, inference, rulesOf);
    this.read = new Set([...graph.nodes.flatMap(usedBy), ...graph.outputs.map((o) => o.name)]);
  }

  addInput(name: ValueName, axis: number | undefined, pace: InputPace = AT_ONCE): void {
    const shape = this.inference.info(name).shape;
    if (axis === undefined) {
      this.facts.set(name, { kind: "static" });
    } else {
      if (!shape) fail({ code: "stream.axisUnknown", input: name });
      if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length)
        fail({ code: "stream.axisInvalid", input: name, axis, rank: shape.length });
      const fact: StreamFact = {
        kind: "stream",
        axis,
        rate: pace.rate,
        delay: pace.delay,
        junk: pace.delay === 0 ? NO_JUNK : DIRTY,
        field: { past: 0, future: 0 },
        exact: EXACT,
      };
      this.facts.set(name, fact);
      const { num: multiply, den: divide } = pace.rate;
      const length = thenLength([], { multiply, divide, plus: -pace.delay });
      this.flows.set(name, { fact, lag: 0, length, cleanLag: 0, wrong: 0 });
    }
    for (const [i, dim] of (shape ?? []).entries()) {
      if (typeof dim === "string") (i === axis ? this.timeSymbols : this.freeSymbols).add(dim);
    }
  }

  /** Call once, after the last node. */
  finish(): void {
    for (const node of this.attention.unresolved()) this.refuse(node, { reason: "timeContracted" });
  }

  visit(node: Node): void {
    const met = this.attention.visit(node);
    if (met) this.meet(node, met);
    else if (!this.visitMask(node)) this.visitOther(node);
  }

  private meet(node: Node, met: Visited): void {
    if (met === "pending") return;
    if ("refusal" in met) {
      this.refuse(node, met.refusal);
      return;
    }
    for (const [member, plan] of met.plans) this.plans.set(member, plan);
    for (const [name, shape] of met.grids) this.grids.set(name, shape);
    const [output = ""] = node.outputs;
    this.facts.set(output, met.flow.fact);
    this.flows.set(output, met.flow);
  }

  /** Time on two axes and no data: a mask, which the attention that reads it computes. */
  private visitMask(node: Node): boolean {
    const reads = usedBy(node);
    const readsMask = reads.some((name) => this.masks.has(name));
    const depends =
      readsMask || reads.some((name) => this.positional.has(name) || this.lengthVectors.has(name));
    if (!depends || this.isLength(node)) return false;
    const free = reads.every((name) => this.isFree(name));
    if (!free && readsMask) {
      if (reads.every((name) => this.factOf(name) || this.masks.has(name)))
        this.refuse(node, { reason: "timeContracted" });
      return true;
    }
    if (!free || !(readsMask || node.outputs.some((o) => this.timeAxesOf(o).length > 1))) return false;
    this.plans.set(node, { kind: "grid" });
    for (const out of node.outputs) if (out !== "") this.masks.add(out);
    return true;
  }

  private timeAxesOf(name: ValueName): number[] {
    const shape = this.inference.info(name).shape ?? [];
    return shape.flatMap((d, i) => (this.followsTime(d) ? [i] : []));
  }

  private isFree(name: ValueName): boolean {
    return this.factOf(name)?.kind === "static" || this.positional.has(name) || this.masks.has(name);
  }

  private lengthOf(frames: number): (symbol: string) => number {
    return (symbol) => (this.timeSymbols.has(symbol) ? frames : 1);
  }

  private visitOther(node: Node): void {
    const kinds = new Set<StreamFact["kind"]>();
    for (const name of usedBy(node)) {
      const kind = this.factOf(name)?.kind;
      if (kind === undefined) return;
      kinds.add(kind);
    }
    if (!kinds.has("stream") && !kinds.has("perStep")) this.visitStatic(node);
    else if (this.isLength(node)) this.set(node, { kind: "length" }, { kind: "static" });
    else if (!kinds.has("perStep")) this.visitStream(node);
    else if (kinds.has("stream")) this.refuse(node, { reason: "perStepMixed" });
    else this.visitPerStep(node);
  }

  private factOf(name: ValueName): StreamFact | undefined {
    return this.graph.initializers.has(name) ? { kind: "static" } : this.facts.get(name);
  }

  private operand(name: ValueName): OperandInfo | undefined {
    if (name === "") return undefined;
    return this.inference.info(name);
  }

  private set(node: Node, plan: NodePlan, fact: StreamFact): void {
    this.plans.set(node, plan);
    for (const out of node.outputs) if (out !== "") this.facts.set(out, fact);
    if (plan.kind === "length") {
      for (const out of node.outputs) if (this.mentionsTime(out)) this.lengthVectors.add(out);
    }
  }

  /** True if every output is an integer vector that shape inference knows: then no frame of data enters it. */
  private isLength(node: Node): boolean {
    return node.outputs.every((out) => {
      const info = this.inference.info(out);
      return out === "" || info.constant !== undefined || info.symbolic !== undefined;
    });
  }

  private mentionsTime(name: ValueName): boolean {
    const info = this.inference.info(name);
    return !info.constant && (info.symbolic?.some((d) => this.followsTime(d)) ?? false);
  }

  private followsTime(d: Dim): boolean {
    return typeof d !== "number" && (d === null || this.timeSymbols.has(d) || !this.freeSymbols.has(d));
  }

  private visitStatic(node: Node): void {
    const length = node.inputs.find((i) => this.lengthVectors.has(i));
    if (length === undefined) this.set(node, { kind: "static" }, { kind: "static" });
    else if (this.isLength(node)) this.set(node, { kind: "length" }, { kind: "static" });
    else if (!this.visitPosition(node))
      this.refuse(node, { reason: "timeVaryingConstant", detail: named(length) });
  }

  /** Frames that follow from their position alone. */
  private visitPosition(node: Node): boolean {
    const [output = ""] = node.outputs;
    const [axis] = this.timeAxesOf(output);
    if (axis === undefined) return false;
    const operands = node.inputs.map((name) => this.operand(name));
    const source = positionSource(node, operands, axis);
    const beside = this.flowOfLength(this.inference.info(output).shape?.[axis] ?? null);
    if (!source || !beside) return false;
    if (source.kind === "table") this.limit(node, inputFramesOf(source.length, beside));
    const flow = positionFlow(beside, axis);
    this.set(node, { kind: "position", source }, flow.fact);
    this.flows.set(output, flow);
    this.positional.add(output);
    return true;
  }

  /** Some stream with this many frames. */
  private flowOfLength(length: Dim): Flow | undefined {
    for (const [name, flow] of this.flows)
      if (sameDim(this.inference.info(name).shape?.[flow.fact.axis] ?? null, length)) return flow;
    return undefined;
  }

  private limit(node: Node, frames: number): void {
    if (Number.isFinite(frames)) this.limits.push({ node: nodeKey(node), frames });
  }

  private visitPerStep(node: Node): void {
    const length = node.inputs.find((i) => this.lengthVectors.has(i));
    if (length !== undefined) {
      this.refuse(node, { reason: "shapeUnknown", detail: named(length) });
      return;
    }
    const inputs = usedBy(node).map((i) => this.factOf(i));
    const fact = joinPerStep(inputs.filter((f): f is PerStepOf => f?.kind === "perStep"));
    if ("reason" in fact) this.refuse(node, fact);
    else this.set(node, { kind: "perStep" }, fact);
  }

  private visitStream(node: Node): void {
    const answer = this.lookedUp(node, this.withTables(node, this.transferOf(node)));
    const positions = usedBy(node).every((name) => this.isFree(name));
    if (positions) for (const out of node.outputs) this.positional.add(out);
    if ("refusal" in answer) {
      this.refuse(node, answer.refusal);
      return;
    }
    const rewritten = answer.plan.kind === "frames" ? answer.plan.rewrite?.input : undefined;
    const replaced = answer.plan.kind === "window" ? answer.plan.constants : undefined;
    const keepsNode = answer.plan.kind === "frames" || answer.plan.kind === "window";
    const captured = usedBy(node).filter((name) => !node.inputs.includes(name));
    const stuck =
      node.inputs.find(
        (name, i) => keepsNode && i !== rewritten && !replaced?.has(i) && this.lengthVectors.has(name),
      ) ?? captured.find((name) => this.lengthVectors.has(name));
    if (stuck !== undefined) {
      this.refuse(node, { reason: "timeVaryingConstant", detail: named(stuck) });
    } else if ("perStep" in answer) {
      this.set(node, answer.plan, answer.perStep);
    } else if ("outputs" in answer) {
      this.plans.set(node, answer.plan);
      for (const [i, name] of node.outputs.entries()) {
        const output = answer.outputs[i];
        if (name === "" || !output) continue;
        this.facts.set(name, "fact" in output ? output.fact : output);
        if ("fact" in output) this.flows.set(name, output);
      }
    } else {
      this.set(node, answer.plan, answer.flow.fact);
      for (const out of node.outputs) if (out !== "") this.flows.set(out, answer.flow);
    }
  }

  /** Row 39: constants that differ from frame to frame are tables, read by position. */
  private withTables(node: Node, answer: Transfer): Transfer {
    if (!this.tables || !("refusal" in answer) || answer.refusal.reason !== "timeVaryingConstant")
      return answer;
    const streaming = node.inputs.findIndex((name) => this.flows.has(name));
    const flow = this.flows.get(node.inputs[streaming] ?? "");
    const rank = this.operand(node.inputs[streaming] ?? "")?.shape?.length;
    if (!flow || rank === undefined) return answer;
    const tables: { input: number; axis: number }[] = [];
    const operands = node.inputs.map((name, input) => {
      const operand = this.operand(name);
      const axis = (operand?.shape?.length ?? 0) - (rank - flow.fact.axis);
      const extent = operand?.shape?.[axis];
      if (!operand?.shape || this.flows.has(name) || typeof extent !== "number" || extent <= 1)
        return operand;
      tables.push({ input, axis });
      const shape = operand.shape.map((d, i) => (i === axis ? 1 : d));
      return { ...(operand.dtype && { dtype: operand.dtype }), shape };
    });
    const read = this.transferOf(node, operands, "pointwise");
    if (!("flow" in read) || read.plan.kind !== "frames") return answer;
    for (const { input, axis } of tables) {
      const extent = this.operand(node.inputs[input] ?? "")?.shape?.[axis];
      this.limit(node, inputFramesOf(Number(extent), read.flow));
    }
    return { ...read, plan: { ...read.plan, tables } };
  }

  /** A table that is read at positions ends somewhere. */
  private lookedUp(node: Node, answer: Transfer): Transfer {
    const [table = "", indices = ""] = node.inputs;
    if (node.op !== "Gather" || !("flow" in answer) || answer.plan.kind !== "frames") return answer;
    if (this.flows.has(table) || !this.positional.has(indices)) return answer;
    const { shape } = this.operand(table) ?? {};
    const axis = Number(node.attributes.axis?.kind === "int" ? node.attributes.axis.value : 0n);
    const length = shape?.[axis < 0 ? axis + shape.length : axis];
    const values = this.values.at(indices, this.lengthOf(PROBED_POSITIONS), String(PROBED_POSITIONS));
    const within = typeof length === "number" ? positionsWithin(values, length) : undefined;
    if (within === undefined || typeof length !== "number") return { refusal: { reason: "timeIndexed" } };
    if (!Number.isFinite(within)) return answer;
    this.limit(node, inputFramesOf(within, answer.flow));
    return { ...answer, plan: { ...answer.plan, clamp: { input: 1, last: length - 1 } } };
  }

  private transferOf(
    node: Node,
    operands = node.inputs.map((name) => this.operand(name)),
    only?: StreamRule["kind"],
  ): Transfer {
    const rules = this.rulesOf(node);
    const capturesStream = usedBy(node).some((name) => this.flows.has(name) && !node.inputs.includes(name));
    if (!rules?.stream) return { refusal: { reason: "unknownOp" } };
    const flows = node.inputs.map((name) => this.flows.get(name));
    const results = node.outputs.map((name) => this.inference.info(name));
    const rule = rules.stream({ axes: flows.map((f) => f?.fact.axis), operands, results });
    if (capturesStream && rule.kind !== "refuse") return { refusal: { reason: "loopNotOverTime" } };
    if (only && rule.kind !== only) return { refusal: { reason: "timeVaryingConstant" } };
    return transfer(rule, {
      rules,
      operands,
      flows,
      resultShape: results[0]?.shape,
      ...this.asked,
      constant: (i) => this.statics.of(node.inputs[i] ?? ""),
      used: node.outputs.map((name) => this.read.has(name)),
    });
  }

  private refuse(node: Node, { reason, detail }: Refusal): void {
    const streaming = node.inputs.find((name) => this.flows.has(name));
    const axis = (streaming !== undefined && this.flows.get(streaming)?.fact.axis) || 0;
    const why = detail ?? (reason === "axesDiffer" ? named(this.meetingAt(node)) : undefined);
    this.refusals.push({
      severity: "error",
      problem: {
        code: "stream.refused",
        node: nodeKey(node),
        op: node.op,
        axis,
        reason,
        ...(why && { detail: why }),
      },
    });
  }

  private meetingAt(node: Node): string {
    const timeOf = (name: ValueName) => {
      const axis = this.flows.get(name)?.fact.axis;
      const rank = this.inference.info(name).shape?.length;
      return axis === undefined || rank === undefined ? undefined : { axis, rank };
    };
    return meetingPaths(node, { producers: producersOf(this.graph), timeOf });
  }
}
