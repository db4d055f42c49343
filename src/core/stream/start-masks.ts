import { makeNode, nodeKey, type ValueName } from "../ir/graph.ts";
import { type DType, longTensor } from "../ir/tensor.ts";
import type { Fill, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { filledTensor, lowest } from "./filled-tensor.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Cache } from "./module.ts";
import type { View } from "./views.ts";

/** Name of the state that counts the model-input frames before the current chunk. */
export const POSITION = "state.position";

/**
 * Selects padding in place of frames from before the stream (policy mask). One state tells how many model-input frames
 * came before the chunk; it stops where no window reaches back to the start any more, so it never overflows. Frames are
 * selected, not multiplied: whatever junk holds, NaN included, goes no further.
 */
export class StartMasks {
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly out: GraphWriter;
  private readonly written = new Map<string, ValueName>();
  private readonly conditions = new Map<string, ValueName>();
  private readonly fills = new Map<string, ValueName>();
  private readonly readers: Cache["readers"][number][] = [];
  private position: ValueName | undefined;
  /** Model-input frames after which nothing is masked. */
  private end = 0;

  constructor(analysis: StreamAnalysis, extents: Extents, out: GraphWriter) {
    this.analysis = analysis;
    this.extents = extents;
    this.out = out;
  }

  /** The view's frames, as `source` holds them, with padding where they are junk. */
  select(
    view: View & { readonly mask: NonNullable<View["mask"]> },
    source: ValueName,
    target?: ValueName,
  ): ValueName {
    const { mask, value } = view;
    const key = `${mask.junkFrames} ${mask.fill} ${source}`;
    const known = target === undefined ? this.written.get(key) : undefined;
    if (known !== undefined) return known;
    const dtype = this.extents.dtype(value);
    const name = target ?? this.out.fresh(`${source}.started`);
    const inputs = [this.condition(view), this.fill(dtype, mask.fill), source];
    this.out.nodes.push(makeNode("Where", inputs, [name]));
    const shape = this.extents.shape(value);
    const axis = this.axisOf(value);
    this.out.describe(
      name,
      dtype,
      shape?.map((d, i) => (i === axis ? view.to - view.from : d)),
    );
    if (target === undefined) this.written.set(key, name);
    return name;
  }

  /** The state that counts, written up to the next step; undefined if nothing was masked. */
  finish(): Cache | undefined {
    const input = this.position;
    if (input === undefined) return undefined;
    const { out } = this;
    const chunk = this.extents.chunk * this.extents.steps;
    const end = Math.ceil(this.end / chunk) * chunk;
    const [more, moved] = [out.fresh(`${input}.more`), out.fresh(`${input}.moved`)];
    const output = out.fresh(`${input}.next`);
    out.nodes.push(makeNode("Less", [input, out.vector([end])], [more]));
    out.nodes.push(makeNode("Add", [input, out.vector([chunk])], [moved]));
    out.nodes.push(makeNode("Where", [more, moved, input], [output]));
    out.describe(more, "bool", [1]);
    out.describe(moved, "int64", [1]);
    return {
      kind: "position",
      value: input,
      input,
      output,
      shape: [1],
      axis: 0,
      frames: 1,
      dtype: "int64",
      init: 0,
      readers: this.readers,
    };
  }

  /** True for the frames of a view that are junk: those that the chunk's position has not left behind. */
  private condition({
    value,
    from,
    to,
    mask,
    node,
  }: View & { readonly mask: NonNullable<View["mask"]> }): ValueName {
    this.position ??= this.out.fresh(POSITION);
    const fact = this.analysis.facts.get(value);
    const rank = this.extents.shape(value)?.length;
    if (fact?.kind !== "stream" || rank === undefined) throw new Error(`${value} does not stream`);
    // Frame j of the chunk at input position p is frame j + p·rate of the value: junk while below junkFrames.
    const { num, den } = fact.rate;
    const bounds = Array.from({ length: to - from }, (_, i) =>
      Math.ceil(((mask.junkFrames - (from + i)) * den) / num),
    );
    this.end = Math.max(this.end, ...bounds);
    if (!this.readers.some((r) => r.node === nodeKey(node)))
      this.readers.push({ node: nodeKey(node), use: "position", frames: mask.junkFrames });
    const dims = [bounds.length, ...new Array<number>(rank - 1 - fact.axis).fill(1)];
    const key = `${dims.length}:${bounds.join()}`;
    const known = this.conditions.get(key);
    if (known !== undefined) return known;
    const limits = this.out.fresh(`${this.position}.limits`);
    this.out.initializers.set(limits, longTensor(bounds, dims));
    const name = this.out.fresh(`${this.position}.before`);
    this.out.nodes.push(makeNode("Less", [this.position, limits], [name]));
    this.out.describe(name, "bool", dims);
    this.conditions.set(key, name);
    return name;
  }

  private fill(dtype: DType, fill: Fill): ValueName {
    const key = `${dtype}.${fill}`;
    const known = this.fills.get(key);
    if (known !== undefined) return known;
    const name = this.out.fresh(`padding.${key}`);
    this.out.initializers.set(name, filledTensor(dtype, [], fill === "lowest" ? lowest(dtype) : fill));
    this.fills.set(key, name);
    return name;
  }

  private axisOf(value: ValueName): number {
    const fact = this.analysis.facts.get(value);
    if (fact?.kind !== "stream") throw new Error(`${value} does not stream`);
    return fact.axis;
  }
}
