import { intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { type DType, longTensor } from "../ir/tensor.ts";
import type { NodePlan } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { filledTensor } from "./filled-tensor.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { PositionSource } from "./positions.ts";

/** ONNX numbers of the element types that a cast names. */
const ONNX_TYPES: Partial<Record<DType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  float16: 10,
  float64: 11,
};

/** The positions as entries of a table of `length` entries: frames before its first and behind its last read those. */
function within(out: GraphWriter, positions: ValueName, frames: number, length: number): ValueName {
  const [low, high] = [out.fresh(`${positions}.low`), out.fresh(`${positions}.high`)];
  out.nodes.push(makeNode("Max", [positions, out.vector([0])], [low]));
  out.nodes.push(makeNode("Min", [low, out.vector([length - 1])], [high]));
  for (const name of [low, high]) out.describe(name, "int64", [frames]);
  return high;
}

/** target = the entries of a table that stand at these positions. */
function writeLookup(
  out: GraphWriter,
  table: ValueName,
  target: ValueName,
  { axis, length, positions, frames }: { axis: number; length: number; positions: ValueName; frames: number },
): void {
  const indices = within(out, positions, frames, length);
  out.nodes.push(makeNode("Gather", [table, indices], [target], { axis: intAttribute(axis) }));
}

/** Writes frames that follow from `positions` (int64 [frames]) alone. `inputs` are the node's, constants in place. */
export function writePosition(
  out: GraphWriter,
  node: Node,
  source: PositionSource,
  inputs: readonly ValueName[],
  target: { readonly dtype: DType; readonly shape: readonly number[]; readonly frames: number },
  positions: () => ValueName,
): void {
  const [output = ""] = node.outputs;
  switch (source.kind) {
    case "range": {
      const scaled = out.fresh(`${output}.scaled`);
      const moved = out.fresh(`${output}.moved`);
      out.nodes.push(makeNode("Mul", [positions(), out.vector([source.delta])], [scaled]));
      out.nodes.push(makeNode("Add", [scaled, out.vector([source.start])], [moved]));
      for (const name of [scaled, moved]) out.describe(name, "int64", [target.frames]);
      const to = ONNX_TYPES[target.dtype];
      if (to === undefined) throw new Error(`positions as ${target.dtype}`);
      out.nodes.push(makeNode("Cast", [moved], [output], { to: intAttribute(to) }));
      break;
    }
    case "repeat": {
      const shape = out.constant(`${output}.shape`, longTensor(target.shape));
      out.nodes.push({ ...node, inputs: inputs.map((name, i) => (i === source.shape ? shape : name)) });
      break;
    }
    case "table": {
      const { axis, start, length } = source;
      const at = start === 0 ? positions() : out.fresh(`${output}.start`);
      if (start !== 0) {
        out.nodes.push(makeNode("Add", [positions(), out.vector([start])], [at]));
        out.describe(at, "int64", [target.frames]);
      }
      const table = inputs[0] ?? "";
      writeLookup(out, table, output, { axis, length: start + length, positions: at, frames: target.frames });
      break;
    }
  }
}

/** An index that never leaves a table of `last` + 1 entries. */
function writeClamp(
  out: GraphWriter,
  index: ValueName,
  dtype: DType,
  shape: readonly number[] | undefined,
  last: number,
): ValueName {
  const name = out.fresh(`${index}.clamped`);
  const limit = out.constant(`${index}.last`, filledTensor(dtype, [], last));
  out.nodes.push(makeNode("Min", [index, limit], [name]));
  out.describe(name, dtype, shape);
  return name;
}

/** Puts the frames at these positions in place of `inputs` that are tables, and keeps an index inside the table it reads. */
export function readTables(
  out: GraphWriter,
  extents: Extents,
  node: Node,
  { tables = [], clamp }: Extract<NodePlan, { kind: "frames" }>,
  inputs: ValueName[],
  positions: () => ValueName,
): void {
  for (const { input, axis } of tables) {
    const shape = extents.shape(node.inputs[input] ?? "") ?? [];
    const frames = extents.frames(node.outputs[0] ?? "");
    const table = inputs[input] ?? "";
    const target = out.fresh(`${table}.frames`);
    const length = shape[axis] ?? 1;
    writeLookup(out, table, target, { axis, length, positions: positions(), frames });
    const dims = shape.map((d, i) => (i === axis ? frames : d));
    out.describe(target, extents.dtype(node.inputs[input] ?? ""), dims);
    inputs[input] = target;
  }
  const index = clamp && inputs[clamp.input];
  if (!clamp || index === undefined) return;
  const value = node.inputs[clamp.input] ?? "";
  const [dtype, shape] = [extents.dtype(value), extents.shape(value)];
  inputs[clamp.input] = writeClamp(out, index, dtype, shape, clamp.last);
}
