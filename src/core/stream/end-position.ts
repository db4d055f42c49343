import { makeNode, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { alongTime, counterCache } from "./counter.ts";
import type { Extents } from "./extents.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { LengthLaw } from "./length-law.ts";
import type { Cache } from "./module.ts";
import type { View } from "./views.ts";

/** Name of the state that tells how many model-input frames are left, counted from the first of the current chunk. */
export const REMAINING = "state.remaining";

/** What `state.remaining` holds while the end is not known. */
export const NO_END = 2 ** 31;

/** Keeps dividends positive: integer division rounds toward zero, lengths round down. */
const SHIFT = 2 ** 40;

/**
 * Tells frames from behind the end. The host writes the number of true frames from the last chunk's first one on into a
 * state, together with that chunk; from there the state counts down, below zero while the stream is flushed. Positions
 * are relative to the chunk, so nothing grows with the length of the stream.
 */
export class EndPosition {
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly out: GraphWriter;
  private readonly written = new Map<string, ValueName>();
  private readonly readers: Cache["readers"][number][] = [];
  private remaining: ValueName | undefined;

  constructor(analysis: StreamAnalysis, extents: Extents, out: GraphWriter) {
    this.analysis = analysis;
    this.extents = extents;
    this.out = out;
  }

  /** True for the frames of a view that come behind the last true one. */
  behind(
    { value, from, to, node }: View,
    tail: Pick<NonNullable<View["tail"]>, "delay" | "length">,
    across?: readonly number[],
  ): ValueName {
    const dims = across ?? alongTime(this.analysis, this.extents, value, to - from).dims;
    if (!this.readers.some((r) => r.node === nodeKey(node)))
      this.readers.push({ node: nodeKey(node), use: "end", frames: 1 });
    // Frame j of the chunk is frame j − delay of offline.
    const last = this.plus(this.length(tail.length), tail.delay - 1);
    const key = `${last} ${dims.length} ${from} ${to}`;
    const known = this.written.get(key);
    if (known !== undefined) return known;
    const frames = this.out.fresh(`${this.remaining}.frames`);
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    this.out.initializers.set(frames, longTensor(numbers, dims));
    const name = this.out.fresh(`${this.remaining}.behind`);
    this.out.nodes.push(makeNode("Less", [last, frames], [name]));
    this.out.describe(name, "bool", dims);
    this.written.set(key, name);
    return name;
  }

  /** Frames that a value of this length has from the chunk's first one on, those of a delay not counted. */
  framesLeft(node: Node, law: LengthLaw): ValueName {
    const name = this.length(law);
    if (!this.readers.some((r) => r.node === nodeKey(node)))
      this.readers.push({ node: nodeKey(node), use: "end", frames: 1 });
    return name;
  }

  /** The state that counts down, written up to the next step; undefined if nothing asked for it. */
  finish(): Cache | undefined {
    const input = this.remaining;
    if (input === undefined) return undefined;
    const { out } = this;
    const [known, moved] = [out.fresh(`${input}.known`), out.fresh(`${input}.moved`)];
    const output = out.fresh(`${input}.next`);
    const chunk = this.extents.chunk * this.extents.steps;
    out.nodes.push(makeNode("Less", [input, out.vector([NO_END])], [known]));
    out.nodes.push(makeNode("Sub", [input, out.vector([chunk])], [moved]));
    out.nodes.push(makeNode("Where", [known, moved, input], [output]));
    out.describe(known, "bool", [1]);
    out.describe(moved, "int64", [1]);
    return counterCache(input, output, NO_END, this.readers);
  }

  /** Frames that a value has from the chunk's first one on, if the input has `state.remaining`. */
  private length(law: LengthLaw): ValueName {
    this.remaining ??= this.out.fresh(REMAINING);
    let frames = this.remaining;
    for (const { multiply, add, divide, plus } of law) {
      if (multiply !== 1) frames = this.compute("Mul", frames, multiply);
      if (divide === 1) {
        frames = this.plus(frames, add + plus);
      } else {
        frames = this.compute("Div", this.plus(frames, add + SHIFT * divide), divide);
        frames = this.plus(frames, plus - SHIFT);
      }
    }
    return frames;
  }

  private plus(frames: ValueName, more: number): ValueName {
    return more === 0 ? frames : this.compute("Add", frames, more);
  }

  private compute(op: string, frames: ValueName, operand: number): ValueName {
    const key = `${op} ${frames} ${operand}`;
    const known = this.written.get(key);
    if (known !== undefined) return known;
    const name = this.out.fresh(`${this.remaining}.length`);
    this.out.nodes.push(makeNode(op, [frames, this.out.vector([operand])], [name]));
    this.out.describe(name, "int64", [1]);
    this.written.set(key, name);
    return name;
  }
}
