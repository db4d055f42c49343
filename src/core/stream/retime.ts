import { equal } from "../base/rational.ts";
import type { Graph, Node, ValueName } from "../ir/graph.ts";
import { byteLength, sizeOf } from "../ir/tensor.ts";
import { consumersOf, producersOf } from "../ir/walk.ts";
import type { Inference, NodePlan } from "./analysis.ts";
import { DIRTY, type StreamFact } from "./fact.ts";

/** What the forward walk found and retiming adjusts. */
export interface Timing {
  readonly graph: Graph;
  readonly inference: Inference;
  readonly facts: Map<ValueName, StreamFact>;
  readonly plans: Map<Node, NodePlan>;
  readonly lags: readonly Map<ValueName, number>[];
}

/**
 * Moves the delays that joins need against the data flow, through operators that treat every frame alike, to where
 * they cost the fewest bytes (reference: §8.3 of the theory): before an expanding 1×1 convolution, or into a ring that
 * is there already. Streaming values are delayed more than they must be, never less; outputs keep their delays.
 */
export function retime(timing: Timing): void {
  let walk: Retiming | undefined;
  for (const node of [...timing.graph.nodes].reverse()) {
    const plan = timing.plans.get(node);
    if (plan?.kind !== "frames" || plan.align.every((frames) => frames === 0)) continue;
    walk ??= new Retiming(timing);
    for (const [input, frames] of plan.align.entries()) if (frames > 0) walk.move(node, input, frames);
  }
}

class Retiming {
  private readonly timing: Timing;
  private readonly producers: ReadonlyMap<ValueName, Node>;
  private readonly consumers: ReadonlyMap<ValueName, readonly Node[]>;
  private readonly outputs: ReadonlySet<ValueName>;

  constructor(timing: Timing) {
    this.timing = timing;
    this.producers = producersOf(timing.graph);
    this.consumers = consumersOf(timing.graph);
    this.outputs = new Set(timing.graph.outputs.map((o) => o.name));
  }

  /** Finds the cheapest place for the delay of one input of a join, and puts it there. */
  move(join: Node, input: number, frames: number): void {
    // Constant junk behind a delay may spare a later window its mask: such a delay stays.
    const joined = this.timing.facts.get(join.outputs[0] ?? "");
    if (joined?.kind !== "stream" || joined.junk.kind !== "dirty") return;
    const from = join.inputs[input] ?? "";
    let best = this.extraBytes(from, frames, join);
    let length = 0;
    const path: Node[] = [];
    for (let value = from, reader = join; this.isPrivate(value, reader); ) {
      const maker = this.producers.get(value);
      const source = maker && this.passesThrough(maker);
      if (!maker || source === undefined) break;
      path.push(maker);
      const bytes = this.extraBytes(source, frames, maker);
      if (bytes < best) [best, length] = [bytes, path.length];
      [value, reader] = [source, maker];
    }
    if (length > 0) this.apply(join, input, frames, path.slice(0, length));
  }

  private apply(join: Node, input: number, frames: number, path: readonly Node[]): void {
    const { plans } = this.timing;
    const joinPlan = plans.get(join);
    const last = path.at(-1);
    if (joinPlan?.kind !== "frames" || !last) return;
    plans.set(join, { ...joinPlan, align: joinPlan.align.map((a, i) => (i === input ? a - frames : a)) });
    plans.set(last, this.delayed(last, frames));
    for (const node of path) this.delayOutput(node.outputs[0] ?? "", frames);
  }

  private delayed(node: Node, frames: number): NodePlan {
    const plan = this.timing.plans.get(node);
    if (plan?.kind === "frames") {
      const streams = (i: number): boolean => this.timing.facts.get(node.inputs[i] ?? "")?.kind === "stream";
      return { ...plan, align: plan.align.map((a, i) => (streams(i) ? a + frames : a)) };
    }
    if (plan?.kind !== "window") throw new Error(`${node.name} cannot be delayed`);
    const { history, extra, carried, delayOut } = plan.law;
    const law = { history, extra: extra + frames, carried: carried + frames, delayOut: delayOut + frames };
    return { ...plan, law };
  }

  private delayOutput(value: ValueName, frames: number): void {
    const { facts, lags } = this.timing;
    const fact = facts.get(value);
    if (fact?.kind !== "stream") throw new Error(`${value} does not stream`);
    facts.set(value, { ...fact, delay: fact.delay + frames, junk: DIRTY });
    for (const lag of lags) lag.set(value, (lag.get(value) ?? 0) + frames);
  }

  /** Read by this node alone, once, and not by the outside. */
  private isPrivate(value: ValueName, reader: Node): boolean {
    const readers = this.consumers.get(value) ?? [];
    const uses = reader.inputs.filter((i) => i === value).length;
    return readers.length === 1 && readers[0] === reader && uses === 1 && !this.outputs.has(value);
  }

  /** The only stream that a node reads, if delaying it delays the node's only output by as many frames. */
  private passesThrough(node: Node): ValueName | undefined {
    const { plans, facts } = this.timing;
    const plan = plans.get(node);
    const alike =
      plan?.kind === "frames" ||
      (plan?.kind === "window" && plan.law.carried === 0 && !plan.guard && plan.tail === undefined);
    if (!alike || node.outputs.length !== 1) return undefined;
    const streams = node.inputs.filter((i) => facts.get(i)?.kind === "stream");
    const [source] = streams;
    const [from, to] = [facts.get(source ?? ""), facts.get(node.outputs[0] ?? "")];
    if (streams.length !== 1 || from?.kind !== "stream" || to?.kind !== "stream") return undefined;
    return equal(from.rate, to.rate) && (plan.kind === "frames" || plan.law.history === 0)
      ? source
      : undefined;
  }

  /** Bytes by which the history of a value grows if `reader` reads it `frames` frames late. */
  private extraBytes(value: ValueName, frames: number, reader: Node): number {
    const { inference, facts } = this.timing;
    const fact = facts.get(value);
    const info = inference.info(value);
    if (fact?.kind !== "stream" || !info.shape) return Number.POSITIVE_INFINITY;
    const others = this.consumers.get(value) ?? [];
    const kept = Math.max(0, ...others.map((n) => (n === reader ? 0 : this.historyOf(n, value))));
    const perFrame = info.shape.map((d, i) => (i !== fact.axis && typeof d === "number" ? d : 1));
    return Math.max(0, frames - kept) * byteLength(info.dtype ?? "float32", sizeOf(perFrame));
  }

  private historyOf(node: Node, value: ValueName): number {
    const plan = this.timing.plans.get(node);
    if (plan?.kind === "window") return node.inputs[0] === value ? plan.law.carried : 0;
    if (plan?.kind === "delay") return plan.frames;
    if (plan?.kind !== "frames") return 0;
    return Math.max(0, ...plan.align.map((a, i) => (node.inputs[i] === value ? a : 0)));
  }
}
