import { lcm, type Rational, rational } from "../base/rational.ts";
import { makeNode, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { alongTime, counterCache } from "./counter.ts";
import type { Extents } from "./extents.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Cache } from "./module.ts";
import { streamInput, type View } from "./views.ts";

/** Name of the state that counts the model-input frames before the current chunk. */
export const POSITION = "state.position";

/** A count that no stream outlives: two years at 32 kHz would. */
const FOREVER = 2 ** 40;

/**
 * Tells frames from before the stream (policy mask). One state counts the model-input frames that came before the chunk;
 * it stops where no window reaches back to the start any more, unless values follow from their position for ever.
 */
export class StartPosition {
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly out: GraphWriter;
  private readonly conditions = new Map<string, ValueName>();
  private readonly readers: Cache["readers"][number][] = [];
  private position: ValueName | undefined;
  /** Model-input frames after which nothing is masked. */
  private maskedFrames = 0;
  /** Model-input frames after which the position itself says nothing new. */
  private end = 0;
  /** Model-input frames by which the position may be turned back from there. */
  private cycle = 1;

  constructor(analysis: StreamAnalysis, extents: Extents, out: GraphWriter) {
    this.analysis = analysis;
    this.extents = extents;
    this.out = out;
  }

  /** True while the whole chunk of a node's streaming input is junk. */
  within(node: Node, junkFrames: number): ValueName {
    this.position ??= this.out.fresh(POSITION);
    const input = node.inputs[streamInput(this.analysis, node)] ?? "";
    const { rate } = alongTime(this.analysis, this.extents, input, 1);
    const bound = Math.ceil((junkFrames * rate.den) / rate.num);
    this.mask(bound);
    this.readers.push({ node: nodeKey(node), use: "position", frames: junkFrames });
    const key = `within ${bound}`;
    const known = this.conditions.get(key);
    if (known !== undefined) return known;
    const name = this.out.fresh(`${this.position}.within`);
    this.out.nodes.push(makeNode("Less", [this.position, this.out.vector([bound])], [name]));
    this.out.describe(name, "bool", [1]);
    this.conditions.set(key, name);
    return name;
  }

  /**
   * True for the frames of a view that are junk: those that the chunk's position has not left behind. `across`: dims of
   * the answer, if not those of the value.
   */
  before({ value, from, to, node }: View, junkFrames: number, across?: readonly number[]): ValueName {
    this.position ??= this.out.fresh(POSITION);
    const along = alongTime(this.analysis, this.extents, value, to - from);
    const { rate } = along;
    const dims = across ?? along.dims;
    // Frame j of the chunk at input position p is frame j + p·rate of the value: junk while below junkFrames.
    const bounds = Array.from({ length: to - from }, (_, i) =>
      Math.ceil(((junkFrames - (from + i)) * rate.den) / rate.num),
    );
    this.mask(...bounds);
    if (!this.readers.some((r) => r.node === nodeKey(node)))
      this.readers.push({ node: nodeKey(node), use: "position", frames: junkFrames });
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

  /**
   * Numbers of frames at some rate, `offsets` counted from the chunk's first: right up to frame `until.frame`, behind it
   * right by `until.cycle` or, without one, by whole chunks; or right forever.
   */
  frameNumbers(
    node: Node,
    rate: Rational,
    offsets: readonly number[],
    {
      dims,
      until,
    }: {
      readonly dims: readonly number[];
      readonly until: "forever" | { readonly frame: number; readonly cycle?: number };
    },
  ): ValueName {
    this.position ??= this.out.fresh(POSITION);
    this.readers.push({ node: nodeKey(node), use: "position", frames: 1 });
    const bound = until === "forever" ? FOREVER : until.frame - Math.min(...offsets);
    this.end = Math.max(this.end, Math.ceil((bound * rate.den) / rate.num));
    if (until !== "forever" && until.cycle !== undefined) {
      const { num, den } = rational(until.cycle * rate.den, rate.num);
      this.cycle = lcm(this.cycle, num * den);
    }
    const compute = (op: string, a: ValueName, b: ValueName, shape: readonly number[]): ValueName => {
      const key = `${op} ${a} ${b}`;
      const known = this.conditions.get(key);
      if (known !== undefined) return known;
      const name = this.out.fresh(`${this.position}.frames`);
      this.out.nodes.push(makeNode(op, [a, b], [name]));
      this.out.describe(name, "int64", shape);
      this.conditions.set(key, name);
      return name;
    };
    const multiplied =
      rate.num === 1 ? this.position : compute("Mul", this.position, this.out.vector([rate.num]), [1]);
    const first = rate.den === 1 ? multiplied : compute("Div", multiplied, this.out.vector([rate.den]), [1]);
    const key = `offsets ${dims.length}:${offsets.join()}`;
    const numbers = this.conditions.get(key) ?? this.out.fresh(`${this.position}.offsets`);
    this.conditions.set(key, numbers);
    this.out.initializers.set(numbers, longTensor(offsets, dims));
    return compute("Add", first, numbers, dims);
  }

  /** Runs after which nothing is masked. */
  get maskedRuns(): number {
    return Math.ceil(this.maskedFrames / (this.extents.chunk * this.extents.steps));
  }

  private mask(...bounds: readonly number[]): void {
    this.maskedFrames = Math.max(this.maskedFrames, ...bounds);
    this.end = Math.max(this.end, this.maskedFrames);
  }

  /** The state that counts, written up to the next step; undefined if nothing asked for it. */
  finish(): Cache | undefined {
    const input = this.position;
    if (input === undefined) return undefined;
    const { out } = this;
    const chunk = this.extents.chunk * this.extents.steps;
    const end = Math.ceil(this.end / chunk) * chunk;
    const [more, moved] = [out.fresh(`${input}.more`), out.fresh(`${input}.moved`)];
    const output = out.fresh(`${input}.next`);
    const turn = this.cycle === 1 ? 0 : lcm(this.cycle, chunk);
    out.nodes.push(makeNode("Add", [input, out.vector([chunk])], [moved]));
    if (turn === 0) {
      out.nodes.push(makeNode("Less", [input, out.vector([end])], [more]));
      out.nodes.push(makeNode("Where", [more, moved, input], [output]));
    } else {
      const back = out.fresh(`${input}.back`);
      out.nodes.push(makeNode("Less", [moved, out.vector([end + turn])], [more]));
      out.nodes.push(makeNode("Sub", [moved, out.vector([turn])], [back]));
      out.nodes.push(makeNode("Where", [more, moved, back], [output]));
      out.describe(back, "int64", [1]);
    }
    out.describe(more, "bool", [1]);
    out.describe(moved, "int64", [1]);
    return counterCache(input, output, 0, this.readers);
  }
}
