import type { Node, ValueName } from "../ir/graph.ts";
import { usedBy } from "../ir/walk.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { OperandInfo } from "../ops/op.ts";
import type { RefusedNode } from "./approximation-rule.ts";
import type { PatchWriter } from "./patch-writer.ts";

/**
 * How a value that has no time offline, but one value per frame now, is handed on.
 * - perStep: nothing behind it meets a stream: its newest frame, once per step.
 * - sameAxis: time stays where it was reduced; every reader up to the next stream takes it frame by frame there.
 */
export type Placement = "perStep" | "sameAxis";

/** What depends on a value alone, and the nodes at which it meets another stream. */
export interface Reach {
  readonly inner: readonly Node[];
  readonly joins: readonly Node[];
}

/** Follows a value to where it meets a stream again. */
export function reachOf({ model, analysis }: RefusedNode, value: ValueName): Reach {
  const reached = new Set<ValueName>([value]);
  const inner: Node[] = [];
  const joins: Node[] = [];
  for (const node of model.graph.nodes) {
    const used = usedBy(node);
    if (!used.some((name) => reached.has(name))) continue;
    const meets = used.some((name) => !reached.has(name) && analysis.facts.get(name)?.kind === "stream");
    if (meets) joins.push(node);
    else {
      inner.push(node);
      for (const output of node.outputs) if (output !== "") reached.add(output);
    }
  }
  return { inner, joins };
}

/** The cheapest placement of a reduction's output; undefined if no reader would take it. */
export function placementOf(refused: RefusedNode, value: ValueName, keep: boolean): Placement | undefined {
  const reach = reachOf(refused, value);
  if (reach.joins.length === 0) return "perStep";
  return keep && takesFrames(refused, value, reach) ? "sameAxis" : undefined;
}

/** Hands a value with one entry per frame (the reduced axes kept) on as the refused node's output. */
export function writePlaced(
  { node, axis }: RefusedNode,
  {
    value,
    placement,
    dropped,
  }: {
    readonly value: ValueName;
    readonly placement: Placement | undefined;
    /** Axes that offline drops. */
    readonly dropped: readonly number[];
  },
  out: PatchWriter,
): void {
  const [output = ""] = node.outputs;
  const placed = placement === "perStep" ? out.newest(value, axis, 1) : value;
  if (dropped.length > 0) out.op("Squeeze", [placed, out.ints(dropped, "dropped")], "", {}, output);
  else out.op("Identity", [placed], "", {}, output);
}

/** Whether every inner reader maps time on the refused node's axis to itself. */
function takesFrames({ axis, inference }: RefusedNode, value: ValueName, { inner }: Reach): boolean {
  const axes = new Map<ValueName, number>([[value, axis]]);
  const shapes = new Map<ValueName, OperandInfo>([[value, longer(inference.info(value), axis)]]);
  const operand = (name: ValueName): OperandInfo | undefined =>
    name === "" ? undefined : (shapes.get(name) ?? inference.info(name));
  for (const node of inner) {
    const rules = rulesFor(node);
    const operands = node.inputs.map(operand);
    const results = rules?.infer(operands) ?? [];
    const own = node.inputs.map((name) => axes.get(name));
    const rule = rules?.stream?.({ axes: own, operands, results });
    const moved = own.find((a) => a !== undefined) ?? axis;
    const kept =
      rule?.kind === "pointwise" ||
      (rule?.kind === "perFrame" && rule.axis === moved && !rule.axes) ||
      (rule?.kind === "window" && rule.axis === moved && rule.kernel === 1 && rule.stride === 1);
    if (!kept) return false;
    for (const [i, name] of node.outputs.entries()) {
      const rank = results[i]?.shape?.length;
      const from = operands[own.findIndex((a) => a !== undefined)]?.shape?.length;
      if (rank === undefined || from === undefined) return false;
      axes.set(name, rule.kind === "pointwise" ? moved + rank - from : moved);
      shapes.set(name, results[i] ?? {});
    }
  }
  return true;
}

/** The same operand with frames on an axis. */
function longer({ dtype, shape }: OperandInfo, axis: number): OperandInfo {
  return {
    ...(dtype && { dtype }),
    ...(shape && { shape: shape.map((d, i) => (i === axis ? "frames" : d)) }),
  };
}
