import { makeNode, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import type { NodePlan, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Cache } from "./module.ts";

/**
 * Row 17 of the transfer table: writes an overlap-add whose unfinished output frames are carried, without the bias, and
 * added to what the next chunk spreads over them. Equal to offline but for the order of additions. Returns the cache.
 */
export function writeCarry(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  node: Node,
  plan: Extract<NodePlan, { kind: "carry" }>,
  [source = "", weight = "", bias = ""]: readonly ValueName[],
): Cache {
  const target = node.outputs[0] ?? "";
  const fact = analysis.facts.get(target);
  const shape = extents.shape(target);
  if (fact?.kind !== "stream" || !shape) throw new Error(`${target} does not stream`);
  const { axis } = fact;
  const { open: carried, guard } = plan;
  const frames = extents.frames(target);
  const dtype = extents.dtype(target);
  const of = (count: number) => shape.map((d, i) => (i === axis ? count : d));
  const input = out.fresh(`state.${target}.open`);
  const output = out.fresh(`${input}.next`);
  const named = (part: string, count: number): ValueName => {
    const name = out.fresh(`${target}.${part}`);
    out.describe(name, dtype, of(count));
    return name;
  };
  const spread = named("spread", frames + carried);
  out.nodes.push({ ...node, inputs: [source, weight], outputs: [spread], attributes: plan.attributes });
  const [early, late] = [named("early", carried), named("late", frames)];
  out.slice(spread, early, axis, 0, carried);
  out.slice(spread, late, axis, carried, carried + frames);
  const [sum, all] = [named("sum", carried), named("all", carried + frames)];
  out.nodes.push(makeNode("Add", [input, early], [sum]));
  out.concat([sum, late], all, axis);
  out.slice(all, output, axis, frames, frames + carried);
  if (bias === "") {
    out.slice(all, target, axis, 0, frames);
  } else {
    const [done, column] = [named("done", frames), out.fresh(`${target}.bias`)];
    out.slice(all, done, axis, 0, frames);
    const dims = shape.map((d, i) => (i === 1 ? d : 1));
    out.reshape(bias, column, dims);
    out.describe(column, dtype, dims);
    out.nodes.push(makeNode("Add", [done, column], [target]));
  }
  out.describe(target, dtype, shape);
  const perStep = extents.frames(node.inputs[0] ?? "");
  const holdSteps = guard && analysis.warmUp === "hold" ? guard.junkFrames / perStep : 0;
  if (!Number.isInteger(holdSteps)) throw new Error(`${nodeKey(node)} cannot be held at this chunk`);
  return {
    kind: "state",
    value: target,
    input,
    output,
    shape: of(carried),
    axis,
    frames: carried,
    dtype,
    init: 0,
    ...(holdSteps > 0 && { holdSteps }),
    readers: [{ node: nodeKey(node), use: "state", frames: carried }],
  };
}
