import { type Attribute, intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { floatTensor, longTensor } from "../ir/tensor.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { alongTime } from "./counter.ts";
import type { EdgeCounts } from "./edge-counts.ts";
import type { EndPosition } from "./end-position.ts";
import type { Extents } from "./extents.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { StartPosition } from "./start-position.ts";

/** What windows and paddings see at the first and the last frame, chosen by the position of the chunk. */
export class EdgeFrames {
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly out: GraphWriter;
  private readonly start: StartPosition;
  private readonly end: EndPosition;

  constructor(
    analysis: StreamAnalysis,
    extents: Extents,
    out: GraphWriter,
    edges: { readonly start: StartPosition; readonly end: EndPosition },
  ) {
    this.analysis = analysis;
    this.extents = extents;
    this.out = out;
    this.start = edges.start;
    this.end = edges.end;
  }

  /**
   * Row 14 of the transfer table: a mean over whole windows, times their frames and divided by those that offline counts.
   * Both factors are 1 where no window reaches beyond an end, so that such means are offline's bit for bit.
   */
  mean(
    node: Node,
    counts: EdgeCounts,
    inputs: ValueName[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    const { out } = this;
    const target = node.outputs[0] ?? "";
    const [dtype, shape] = [this.extents.dtype(target), this.extents.shape(target)];
    const [whole, sum] = [out.fresh(`${target}.whole`), out.fresh(`${target}.sum`)];
    out.nodes.push({ ...node, inputs, outputs: [whole], attributes });
    const index = this.windowIndex(node, counts);
    const dims = out.values.get(index)?.shape?.map(Number) ?? [];
    const chosen = (part: string, of: (count: number) => number): ValueName => {
      const [table, name] = [out.fresh(`${target}.${part}.table`), out.fresh(`${target}.${part}`)];
      const values = counts.table.map((count) => (count === counts.taps ? 1 : of(count)));
      out.initializers.set(table, floatTensor(values, [values.length]));
      out.nodes.push(makeNode("Gather", [table, index], [name], { axis: intAttribute(0) }));
      out.describe(name, "float32", dims);
      return name;
    };
    out.nodes.push(makeNode("Mul", [whole, chosen("taps", () => counts.taps)], [sum]));
    out.nodes.push(makeNode("Div", [sum, chosen("count", (count) => count)], [target]));
    for (const name of [whole, sum, target]) out.describe(name, dtype, shape);
  }

  /** Place in the table of counts, for every window of the chunk. */
  private windowIndex(node: Node, { kernel, stride, padStart, early, late }: EdgeCounts): ValueName {
    const { out } = this;
    const target = node.outputs[0] ?? "";
    const fact = this.analysis.facts.get(target);
    if (fact?.kind !== "stream") throw new Error(`${target} does not stream`);
    const { rate, delay } = fact;
    const frames = this.extents.frames(target);
    const { dims } = alongTime(this.analysis, this.extents, target, frames);
    const offsets = Array.from({ length: frames }, (_, j) => j - delay);
    const row = (): ValueName => {
      const at = this.start.frameNumbers(node, rate, offsets, { dims, until: { frame: early } });
      return this.clamped(at, [0, early], dims);
    };
    if (late === 0) return row();
    const source = node.inputs[0] ?? "";
    const length = this.analysis.lengths.get(source);
    if (!length) throw new Error(`${source} does not stream`);
    // The window of frame t ends before frame t·stride − padStart + kernel of the input.
    const ends = offsets.map((t) => t * stride - padStart + kernel);
    const left = this.end.framesLeft(node, length);
    const behind = this.clamped(this.ints("Sub", [this.numbers(ends, dims), left], dims), [0, late], dims);
    if (early === 0) return behind;
    return this.ints("Add", [this.ints("Mul", [row(), out.vector([late + 1])], dims), behind], dims);
  }

  private clamped(
    value: ValueName,
    [low, high]: readonly [number, number],
    dims: readonly number[],
  ): ValueName {
    const { out } = this;
    return this.ints("Max", [this.ints("Min", [value, out.vector([high])], dims), out.vector([low])], dims);
  }

  private numbers(values: readonly number[], dims: readonly number[]): ValueName {
    const name = this.out.fresh("frames.numbers");
    this.out.initializers.set(name, longTensor(values, dims));
    return name;
  }

  private ints(op: string, inputs: readonly ValueName[], dims: readonly number[]): ValueName {
    const name = this.out.fresh(`${inputs[0]}.${op.toLowerCase()}`);
    this.out.nodes.push(makeNode(op, inputs, [name]));
    this.out.describe(name, "int64", dims);
    return name;
  }
}
