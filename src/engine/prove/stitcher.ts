import { type Graph, type Node, nodeKey, type ValueName } from "../../core/ir/graph.ts";
import { elements, sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import { producersOf } from "../../core/ir/walk.ts";
import type { Divergence } from "../../core/proof/proof.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { firstTrueStep, framesAfter } from "../frames-of.ts";
import { orderOf } from "../value-order.ts";
import type { ExactRun } from "./exact-runs.ts";

export interface StitchOptions {
  /** Model-input frames per round. */
  readonly chunk: number;
  /** Rounds that are fed real input. */
  readonly steps: number;
  /** Model-input frames that are real, if not all of the rounds. */
  readonly inputFrames?: number;
  /** Whether the stream was told where it ends: frames that read padding behind the end are compared too. */
  readonly toTheEnd?: boolean;
  /** Values that need not be equal. */
  readonly except?: ReadonlySet<ValueName>;
  /** Values that are compared (default: all). */
  readonly only?: ReadonlySet<ValueName>;
}

/**
 * Holds what streaming makes, step by step, against the whole offline run: drops the delay, leaves out what reads padding
 * behind the end, and remembers of every value the first frame that is not the same.
 */
export class Stitcher {
  private readonly analysis: StreamAnalysis;
  private readonly offline: ReadonlyMap<ValueName, Tensor>;
  private readonly options: StitchOptions;
  private readonly compared = new Map<ValueName, number>();
  private readonly divergences = new Map<ValueName, Omit<Divergence, "value" | "node" | "op">>();
  private elementCount = 0;

  constructor(analysis: StreamAnalysis, offline: ReadonlyMap<ValueName, Tensor>, options: StitchOptions) {
    this.analysis = analysis;
    this.offline = offline;
    this.options = options;
  }

  /** Compares the values of one run. */
  add({ index: step, chunk, values }: Omit<ExactRun, "module">): void {
    const { except, only } = this.options;
    for (const [name, tensor] of values) {
      const fact = this.analysis.facts.get(name);
      const reference = this.offline.get(name);
      if (!fact || fact.kind === "static" || !reference || except?.has(name) || (only && !only.has(name)))
        continue;
      // Offline knows what exists once per step for whole rounds only.
      if (fact.kind === "perStep" && chunk !== this.options.chunk) continue;
      const { from, to, axis, at } =
        fact.kind === "stream" ? this.streamSpan(name, fact, tensor, step) : this.stepSpan(fact, step);
      if (from >= to) continue;
      this.compared.set(name, (this.compared.get(name) ?? 0) + to - from);
      this.compare(name, reference, tensor, { axis, from, to, at });
    }
  }

  get frames(): number {
    return [...this.compared.values()].reduce((n, frames) => n + frames, 0);
  }

  get values(): number {
    return this.compared.size;
  }

  get elements(): number {
    return this.elementCount;
  }

  framesOf(value: ValueName): number {
    return this.compared.get(value) ?? 0;
  }

  /** The first value in graph order that differs, with its first frame that does. */
  first(): Divergence | undefined {
    const order = orderOf(this.analysis.graph);
    const [worst] = [...this.divergences].sort(([a], [b]) => order(a) - order(b));
    return worst && { value: worst[0], ...makerAt(this.analysis.graph, worst[0]), ...worst[1] };
  }

  /** Offline frames [from, to) that this step shows, and where offline's frame `from` stands in the step's tensor. */
  private streamSpan(
    name: ValueName,
    fact: Extract<ReturnType<StreamAnalysis["facts"]["get"]>, { kind: "stream" }>,
    tensor: Tensor,
    step: number,
  ) {
    const { analysis, options } = this;
    const frames = tensor.dims[fact.axis] ?? 0;
    const start = step * frames - fact.delay;
    const extent = this.offline.get(name)?.dims[fact.axis] ?? 0;
    const real = options.inputFrames ?? options.chunk * options.steps;
    const clean = options.toTheEnd
      ? extent
      : framesAfter(fact, real) - fact.delay + Math.min(0, analysis.cleanLags.get(name) ?? 0);
    const unguarded = analysis.warmUp === "ignore" ? (analysis.wrong.get(name) ?? 0) : 0;
    const from = Math.max(0, start, unguarded);
    return { axis: fact.axis, from, to: Math.min(start + frames, extent, clean), at: from - start };
  }

  private stepSpan(
    fact: Extract<ReturnType<StreamAnalysis["facts"]["get"]>, { kind: "perStep" }>,
    step: number,
  ) {
    const skipped = this.analysis.warmUp === "ignore" ? Number.POSITIVE_INFINITY : 0;
    const shown = step >= firstTrueStep(fact, this.options.chunk) + skipped;
    return { axis: undefined, from: step, to: shown ? step + 1 : step, at: 0 };
  }

  private compare(
    name: ValueName,
    reference: Tensor,
    tensor: Tensor,
    { axis, from, to, at }: { axis: number | undefined; from: number; to: number; at: number },
  ): void {
    const inner = axis === undefined ? sizeOf(tensor.dims) : sizeOf(tensor.dims.slice(axis + 1));
    const outer = axis === undefined ? 1 : sizeOf(tensor.dims.slice(0, axis));
    const [a, b] = [elements(reference), elements(tensor)];
    const [extentA, extentB] =
      axis === undefined ? [0, 0] : [reference.dims[axis] ?? 0, tensor.dims[axis] ?? 0];
    for (let frame = from; frame < to; frame++) {
      for (let o = 0; o < outer; o++) {
        const i = (o * extentA + frame) * inner;
        const j = (o * extentB + (axis === undefined ? 0 : at + frame - from)) * inner;
        for (let k = 0; k < inner; k++) {
          const [offline, streaming] = [Number(a[i + k]), Number(b[j + k])];
          if (offline === streaming || (Number.isNaN(offline) && Number.isNaN(streaming))) continue;
          const known = this.divergences.get(name);
          if (!known || frame < known.frame) this.divergences.set(name, { frame, offline, streaming });
        }
      }
      this.elementCount += outer * inner;
    }
  }
}

/** The node that makes a value. */
export function makerAt(graph: Graph, value: ValueName): { readonly node?: string; readonly op?: string } {
  const node: Node | undefined = producersOf(graph).get(value);
  return node ? { node: nodeKey(node), op: node.op } : {};
}
