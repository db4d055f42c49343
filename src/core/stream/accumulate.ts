import { floorMod } from "../base/floor-mod.ts";
import { scaleExact } from "../base/rational.ts";
import { intAttribute, makeNode, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import type { NodePlan, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { DIRTY } from "./fact.ts";
import type { Flow, Transfer } from "./flow.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Guard } from "./guard.ts";
import type { Cache } from "./module.ts";

/**
 * Row 35 of the transfer table: a running sum. Frames from before the first must count as zeros. `holdChunk` as in
 * `TransferInput`.
 */
export function accumulate(exclusive: boolean, flow: Flow, holdChunk: number | undefined): Transfer {
  const { delay, junk, rate } = flow.fact;
  const silent = junk.kind === "const" && junk.value === 0;
  const guarded = delay > 0 && !silent;
  const framesPerStep = guarded && holdChunk !== undefined ? scaleExact(rate, holdChunk) : undefined;
  const wait = framesPerStep === undefined ? 0 : floorMod(-delay, framesPerStep);
  const guard: Guard = { fill: 0, padStart: 1, junkFrames: delay + wait, wait };
  const field = { ...flow.fact.field, past: Number.POSITIVE_INFINITY };
  const endless = guarded || flow.wrong > 0;
  return {
    plan: { kind: "accumulate", exclusive, ...(guarded && { guard }) },
    flow: {
      ...flow,
      fact: { ...flow.fact, delay: delay + wait, field, junk: guarded ? DIRTY : junk },
      lag: flow.lag + wait,
      cleanLag: flow.cleanLag + wait,
      wrong: endless ? Number.POSITIVE_INFINITY : 0,
    },
  };
}

/**
 * Writes the running sum of a chunk, with the sum of everything before it as one more frame in front: frames are added
 * in the same order as offline. Returns the cache of that sum.
 */
export function writeAccumulate(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  node: Node,
  { exclusive, guard }: Extract<NodePlan, { kind: "accumulate" }>,
  [source = "", axisInput = ""]: readonly ValueName[],
): Cache {
  const [value = "", target = ""] = [node.inputs[0], node.outputs[0]];
  const fact = analysis.facts.get(target);
  const shape = extents.shape(target);
  if (fact?.kind !== "stream" || !shape) throw new Error(`${target} does not stream`);
  const { axis } = fact;
  const frames = extents.frames(target);
  const dtype = extents.dtype(value);
  const input = out.fresh(`state.${target}.sum`);
  const output = out.fresh(`${input}.next`);
  const [joined, sums] = [out.fresh(`${input}.window`), out.fresh(`${target}.sums`)];
  out.concat([input, source], joined, axis);
  out.nodes.push(
    makeNode(
      "CumSum",
      [joined, axisInput],
      [sums],
      { exclusive: intAttribute(0), reverse: intAttribute(0) },
      node.name,
    ),
  );
  const from = exclusive ? 0 : 1;
  out.slice(sums, target, axis, from, from + frames);
  out.slice(sums, output, axis, frames, frames + 1);
  const longer = shape.map((d, i) => (i === axis ? d + 1 : d));
  for (const name of [joined, sums]) out.describe(name, dtype, longer);
  out.describe(target, dtype, shape);
  const holdSteps = guard && analysis.warmUp === "hold" ? guard.junkFrames / frames : 0;
  if (!Number.isInteger(holdSteps)) throw new Error(`${nodeKey(node)} cannot be held at this chunk`);
  return {
    kind: "state",
    value: target,
    input,
    output,
    shape: shape.map((d, i) => (i === axis ? 1 : d)),
    axis,
    frames: 1,
    dtype,
    init: 0,
    ...(holdSteps > 0 && { holdSteps }),
    readers: [{ node: nodeKey(node), use: "state", frames: 1 }],
  };
}
