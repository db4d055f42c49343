import { floorMod } from "../base/floor-mod.ts";
import { intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import { FrameWriter } from "./frame-writer.ts";
import { framesOfLaw, type PositionLaw } from "./position-law.ts";

type Settling = Extract<PositionLaw, { kind: "settling" }>;
type Linear = Extract<PositionLaw, { kind: "linear" }>;

/** Constants that differ from frame to frame: the frames that meet a node's output in the current chunk. */
export class PositionTables extends FrameWriter {
  /** The whole constant, as long as the node's output is offline. */
  whole(node: Node, input: number, law: PositionLaw): ValueName {
    const name = this.out.fresh(`${node.inputs[input]}.whole`);
    this.out.initializers.set(name, framesOfLaw(law, this.extents.frames(node.outputs[0] ?? "")));
    return name;
  }

  /** Writes the frames of the chunk; returns their name. Before the first true frame they are of no account. */
  write(node: Node, input: number, law: PositionLaw): ValueName {
    const name = this.out.fresh(`${node.inputs[input]}.now`);
    if (law.kind === "linear") this.writeLine(node, name, law);
    else this.writeSettling(node, name, law);
    return name;
  }

  private output(node: Node) {
    const value = node.outputs[0] ?? "";
    const { rate, delay } = this.stream(value);
    return { rate, delay, frames: this.extents.frames(value), value };
  }

  private writeLine(node: Node, target: ValueName, { first, slope, axis }: Linear): void {
    const { out } = this;
    const { rate, delay, frames } = this.output(node);
    const offsets = Array.from({ length: frames }, (_, j) => j - delay);
    const dims = [frames, ...new Array<number>(first.dims.length - 1 - axis).fill(1)];
    const shape = first.dims.map((d, i) => (i === axis ? frames : d));
    const counted = this.start.frameNumbers(node, rate, offsets, { dims, until: "forever" });
    const at = this.ints("Max", [counted, out.vector([0])], dims);
    const names = ["at", "slope", "rise", "first", "sum"].map((n) => out.fresh(`${target}.${n}`));
    const [exact = "", slopes = "", rise = "", firsts = "", sum = ""] = names;
    out.initializers.set(slopes, slope);
    out.initializers.set(firsts, first);
    const to = (dtype: number) => ({ to: intAttribute(dtype) });
    out.nodes.push(makeNode("Cast", [at], [exact], to(DOUBLE)));
    out.nodes.push(makeNode("Mul", [exact, slopes], [rise]));
    out.nodes.push(makeNode("Add", [rise, firsts], [sum]));
    out.nodes.push(makeNode("Cast", [sum], [target], to(FLOAT)));
    out.describe(exact, "float64", dims);
    for (const name of [rise, sum]) out.describe(name, "float64", shape);
    out.describe(target, "float32", shape);
  }

  private writeSettling(node: Node, target: ValueName, law: Settling): void {
    const { out } = this;
    const { frames } = this.output(node);
    const table = out.fresh(`${target}.frames`);
    out.initializers.set(table, law.frames);
    const index = this.index(node, law);
    out.nodes.push(makeNode("Gather", [table, index], [target], { axis: intAttribute(law.axis) }));
    const shape = law.frames.dims.map((d, i) => (i === law.axis ? frames : d));
    out.describe(target, law.frames.dtype, shape);
  }

  /** Which frames of start ‖ cycle ‖ end the chunk meets. */
  private index(node: Node, { start, cycle, end }: Settling): ValueName {
    const { out, analysis } = this;
    const { rate, delay, frames, value } = this.output(node);
    const offsets = Array.from({ length: frames }, (_, j) => j - delay);
    const whole = frames % cycle === 0;
    // Where chunks hold whole cycles, a frame's place in its cycle never changes.
    let turn: ValueName | undefined;
    if (whole) {
      turn = out.fresh(`${value}.turn`);
      const places = offsets.map((t) => start + floorMod(t - start, cycle));
      out.initializers.set(turn, longTensor(places));
    }
    const tail = analysis.exactEnd && end > 0;
    if (turn !== undefined && start === 0 && !tail) return turn;
    const dims = [frames];
    const until = whole ? { frame: start } : { frame: start, cycle };
    const at = this.start.frameNumbers(node, rate, offsets, { dims, until });
    turn ??= this.ints(
      "Add",
      [
        this.ints("Mod", [this.ints("Sub", [at, out.vector([start])], dims), out.vector([cycle])], dims),
        out.vector([start]),
      ],
      dims,
    );
    const settled = this.ints("Max", [this.ints("Min", [at, turn], dims), out.vector([0])], dims);
    if (!tail) return settled;
    // Frame j of the chunk is frame j − delay − left of those behind the last.
    const left = this.end.framesLeft(node, this.lengthOf(value));
    const numbers = out.fresh(`${value}.offsets`);
    out.initializers.set(numbers, longTensor(offsets));
    const fromEnd = this.ints("Sub", [numbers, left], dims);
    const late = out.fresh(`${value}.late`);
    out.nodes.push(makeNode("Less", [out.vector([-end - 1]), fromEnd], [late]));
    out.describe(late, "bool", dims);
    const last = start + cycle + end;
    const place = this.ints("Add", [fromEnd, out.vector([last])], dims);
    const safe = this.ints(
      "Min",
      [this.ints("Max", [place, out.vector([0])], dims), out.vector([last - 1])],
      dims,
    );
    return this.ints("Where", [late, safe, settled], dims);
  }

  private ints(op: string, inputs: readonly ValueName[], dims: readonly number[]): ValueName {
    const name = this.out.fresh(`${inputs[1] ?? op}.${op.toLowerCase()}`);
    this.out.nodes.push(makeNode(op, inputs, [name]));
    this.out.describe(name, "int64", dims);
    return name;
  }
}

/** Element types as ONNX numbers them. */
const FLOAT = 1;
const DOUBLE = 11;
