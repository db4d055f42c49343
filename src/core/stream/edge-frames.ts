import { type Attribute, intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { floatTensor, longTensor } from "../ir/tensor.ts";
import type { NodePlan, Reach } from "./analysis.ts";
import { alongTime } from "./counter.ts";
import type { EdgeCounts } from "./edge-counts.ts";
import { FrameWriter } from "./frame-writer.ts";

/** What windows and paddings see at the first and the last frame, chosen by the position of the chunk. */
export class EdgeFrames extends FrameWriter {
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

  /** Rows 21 and 22 of the transfer table: the input `shift` frames ago, but where that is beyond an end. */
  mirror(node: Node, reach: Reach, [source = ""]: readonly ValueName[]): void {
    this.reach(node, reach, source, node.outputs[0] ?? "");
  }

  /** Row 28 of the transfer table, linear: the chunk and the frame before it, interpolated, and cut to the chunk. */
  interpolate(
    node: Node,
    { reach, factor, cut }: Extract<NodePlan, { kind: "interpolate" }>,
    [source = "", ...others]: readonly ValueName[],
  ): void {
    const { out } = this;
    const target = node.outputs[0] ?? "";
    const { axis } = this.stream(target);
    const frames = this.extents.frames(target);
    const [dtype, shape] = [this.extents.dtype(target), this.extents.shape(target)];
    const [joined, between] = [out.fresh(`${target}.joined`), out.fresh(`${target}.between`)];
    this.reach(node, reach, source, joined);
    out.nodes.push({ ...node, inputs: [joined, ...others], outputs: [between] });
    const wide = shape?.map((d, i) => (i === axis ? frames + factor : d));
    out.describe(between, dtype, wide);
    out.slice(between, target, axis, cut, cut + frames);
    out.describe(target, dtype, shape);
  }

  /** Writes the frames that a node reads under `target`, from `source` that holds history ‖ chunk. */
  private reach(
    node: Node,
    { mode, history, shift, more, start, end }: Reach,
    source: ValueName,
    target: ValueName,
  ): void {
    const { out } = this;
    const value = node.inputs[0] ?? "";
    const { axis, rate, delay } = this.stream(value);
    const chunk = this.extents.frames(value);
    const dims = [chunk + more];
    const write = (places: ValueName): void => {
      out.nodes.push(makeNode("Gather", [source, places], [target], { axis: intAttribute(axis) }));
      const shape = this.extents.shape(value)?.map((d, i) => (i === axis ? chunk + more : d));
      out.describe(target, this.extents.dtype(value), shape);
    };
    // Places in history ‖ chunk; where the first and the last frame are, and what lies as far on their other side.
    const plain = this.numbers(
      Array.from({ length: chunk + more }, (_, j) => j - shift + history),
      dims,
    );
    const across = (edge: ValueName): ValueName =>
      mode === "edge"
        ? edge
        : this.ints("Sub", [this.ints("Mul", [edge, out.vector([2])], [1]), plain], dims);
    let places = plain;
    if (start) {
      const begun = this.start.frameNumbers(node, rate, [-delay], { dims: [1], until: { frame: shift } });
      const first = this.ints("Sub", [out.vector([history]), begun], [1]);
      places = this.ints("Max", [places, across(first)], dims);
    }
    if (end) {
      const left = this.end.framesLeft(node, this.lengthOf(value));
      const last = this.ints("Add", [left, out.vector([history + delay - 1])], [1]);
      places = this.ints("Min", [places, across(last)], dims);
    }
    write(start || end ? this.clamped(places, [0, history + chunk - 1], dims) : places);
  }

  /** Place in the table of counts, for every window of the chunk. */
  private windowIndex(node: Node, { kernel, stride, padStart, early, late }: EdgeCounts): ValueName {
    const { out } = this;
    const target = node.outputs[0] ?? "";
    const { rate, delay } = this.stream(target);
    const frames = this.extents.frames(target);
    const { dims } = alongTime(this.analysis, this.extents, target, frames);
    const offsets = Array.from({ length: frames }, (_, j) => j - delay);
    const row = (): ValueName => {
      const at = this.start.frameNumbers(node, rate, offsets, { dims, until: { frame: early } });
      return this.clamped(at, [0, early], dims);
    };
    if (late === 0) return row();
    // The window of frame t ends before frame t·stride − padStart + kernel of the input.
    const ends = offsets.map((t) => t * stride - padStart + kernel);
    const left = this.end.framesLeft(node, this.lengthOf(node.inputs[0] ?? ""));
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
