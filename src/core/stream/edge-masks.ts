import type { Rational } from "../base/rational.ts";
import { makeNode, type Node, type ValueName } from "../ir/graph.ts";
import type { DType } from "../ir/tensor.ts";
import type { Fill, StreamAnalysis } from "./analysis.ts";
import { EndPosition } from "./end-position.ts";
import type { Extents } from "./extents.ts";
import { filledTensor, lowest } from "./filled-tensor.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Cache } from "./module.ts";
import { StartPosition } from "./start-position.ts";
import type { View } from "./views.ts";

interface KeyMask {
  readonly junkFrames: number;
  readonly tail?: Pick<NonNullable<View["tail"]>, "delay" | "length"> | undefined;
  readonly across: readonly number[];
  /** True for keys outside the band. */
  readonly outside?: ValueName | undefined;
  readonly fill: Fill;
}

/**
 * Puts padding in place of frames from before and from behind the stream. Frames are selected, not multiplied: whatever
 * junk holds, NaN included, goes no further.
 */
export class EdgeMasks {
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly out: GraphWriter;
  readonly start: StartPosition;
  readonly end: EndPosition;
  private readonly written = new Map<string, ValueName>();
  private readonly fills = new Map<string, ValueName>();

  constructor(analysis: StreamAnalysis, extents: Extents, out: GraphWriter) {
    this.analysis = analysis;
    this.extents = extents;
    this.out = out;
    this.start = new StartPosition(analysis, extents, out);
    this.end = new EndPosition(analysis, extents, out);
  }

  /** The view's frames, which `source` holds, as its reader must see them; under `target` if given. */
  select(view: View, source: ValueName, target?: ValueName): ValueName {
    const { mask, tail } = view;
    const fill = mask?.fill ?? tail?.fill;
    if (fill === undefined) return source;
    const conditions = [
      ...(mask ? [this.start.before(view, mask.junkFrames)] : []),
      ...(tail ? [this.end.behind(view, tail)] : []),
    ];
    const key = `${conditions.join()} ${fill} ${source}`;
    const known = target === undefined ? this.written.get(key) : undefined;
    if (known !== undefined) return known;
    const name = target ?? this.out.fresh(`${source}.masked`);
    const dtype = this.extents.dtype(view.value);
    this.out.nodes.push(makeNode("Where", [this.either(conditions), this.fill(dtype, fill), source], [name]));
    this.describe(view, name);
    if (target === undefined) this.written.set(key, name);
    return name;
  }

  /**
   * A tensor over queries × keys, where keys that are no true frames hold `fill`. `keys` is the view of the keys, of
   * which the first `junkFrames` are none; `across` the dims of a tensor of one entry per key that broadcasts.
   */
  selectKeys(source: ValueName, keys: View, { junkFrames, tail, across, outside, fill }: KeyMask): ValueName {
    const conditions = [
      this.start.before(keys, junkFrames, across),
      ...(tail ? [this.end.behind(keys, tail, across)] : []),
      ...(outside === undefined ? [] : [outside]),
    ];
    const name = this.out.fresh(`${source}.masked`);
    const info = this.out.values.get(source);
    const dtype = info?.dtype ?? "float32";
    const condition = conditions.reduce((all, one) => this.either([all, one]));
    this.out.nodes.push(makeNode("Where", [condition, this.fill(dtype, fill), source], [name]));
    this.out.describe(name, dtype, info?.shape?.map(Number));
    return name;
  }

  /** Positions of the chunk's frames of a stream, from its first frame on. */
  positions(
    node: Node,
    { rate, frames, delay }: { rate: Rational; frames: number; delay: number },
  ): ValueName {
    const offsets = Array.from({ length: frames }, (_, i) => i - delay);
    return this.start.frameNumbers(node, rate, offsets, { dims: [frames], until: "forever" });
  }

  /** What a state holds after the step: what it held before it, while its node sees junk alone. */
  keep(
    node: Node,
    {
      cache,
      moved,
      junkFrames,
    }: { readonly cache: Cache; readonly moved: ValueName; readonly junkFrames: number },
  ): void {
    const still = this.start.within(node, junkFrames);
    this.out.nodes.push(makeNode("Where", [still, cache.input, moved], [cache.output]));
    this.out.describe(moved, cache.dtype, cache.shape);
  }

  /** Runs after which no frame is masked for coming from before the stream. */
  get maskedRuns(): number {
    return this.start.maskedRuns;
  }

  /** The states that the masks need, written up to the next step; call once. */
  finish(): Cache[] {
    return [this.start.finish(), this.end.finish()].filter((c) => c !== undefined);
  }

  private either([first = "", second]: readonly ValueName[]): ValueName {
    if (second === undefined) return first;
    const key = `${first} or ${second}`;
    const known = this.written.get(key);
    if (known !== undefined) return known;
    const name = this.out.fresh(`${first}.or.behind`);
    this.out.nodes.push(makeNode("Or", [first, second], [name]));
    // The second may be larger where it tells queries apart too.
    const shapes = [first, second].map((c) => this.out.values.get(c)?.shape ?? []);
    const shape = shapes.reduce((a, b) => (b.length > a.length ? b : a));
    this.out.describe(name, "bool", shape.map(Number));
    this.written.set(key, name);
    return name;
  }

  private describe({ value, from, to }: View, name: ValueName): void {
    const fact = this.analysis.facts.get(value);
    const axis = fact?.kind === "stream" ? fact.axis : undefined;
    const shape = this.extents.shape(value)?.map((d, i) => (i === axis ? to - from : d));
    this.out.describe(name, this.extents.dtype(value), shape);
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
}
