import type { Model, Node, ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { infoOfCache, infoOfPort } from "./convert.ts";
import { costOf } from "./cost.ts";
import { type Extents, extentsFor } from "./extents.ts";
import { GraphWriter, namesOf } from "./graph-writer.ts";
import type { Module, Port } from "./module.ts";
import { perStepRegion, writeRegion, writeWindows } from "./per-step-scan.ts";
import { portOf } from "./ports.ts";
import { stepCounter, writeSteppedRecurrent } from "./recurrent-writer.ts";
import { ringsFor } from "./rings.ts";
import { scopeOf } from "./scope.ts";
import { StreamWriter, writeIdentity } from "./stream-writer.ts";

export interface LongChunkOptions {
  /** Model-input frames per step of the streaming model that is being calibrated. */
  readonly chunk: number;
  /** Steps per run. */
  readonly steps: number;
  /** Values to give out; static ones are skipped. */
  readonly observe: readonly ValueName[];
}

/**
 * Many steps in one run, for observing: streams are computed over chunk·steps frames at once (their values do not depend
 * on the chunk), per-step values once for each step. Streaming outputs have their long chunk, per-step outputs a leading
 * axis of `steps`. Caches are carried from run to run as in the streaming model, though their frames may differ.
 */
export function calibrationModule(
  model: Pick<Model, "graph" | "opsets">,
  decided: StreamAnalysis,
  { chunk, steps, observe }: LongChunkOptions,
): Module {
  // A long chunk mixes junk with true frames: it cannot be held, but a mask at the same delays gives the same values.
  const masked = decided.warmUp === "hold" || decided.warmUp === "two-graph";
  const analysis: StreamAnalysis = masked ? { ...decided, warmUp: "mask" } : decided;
  const extents = extentsFor(analysis, chunk, steps);
  const outputs = observe.filter((v) => (analysis.facts.get(v)?.kind ?? "static") !== "static");
  const scope = scopeOf(analysis, undefined, outputs);
  const rings = ringsFor(analysis, extents, scope.nodes);
  const out = new GraphWriter(namesOf(model.graph), model.opsets.get("") ?? 1);
  const writer = new StreamWriter(analysis, extents, rings, out);
  const region = perStepRegion(analysis, scope.nodes);
  for (const node of scope.nodes) {
    const plan = analysis.plans.get(node);
    if (plan?.kind === "recurrent") writeLongRecurrent(out, analysis, extents, node, writer);
    else if (plan?.kind !== "last" && plan?.kind !== "perStep") writer.write(node);
    const view = rings.views.get(node)?.[0];
    if (plan?.kind !== "last" || !view) continue;
    const perStep = extents.frames(view.value) / steps;
    const starts = Array.from({ length: steps }, (_, i) => i * perStep);
    const axis = rings.axisOf(view.value);
    const rank = extents.shape(view.value)?.length ?? 0;
    const source = writer.writeView(view);
    const shape = plan.single && extents.shape(node.outputs[0] ?? "");
    writeWindows(out, source, node.outputs[0] ?? "", axis, rank, { starts, frames: plan.frames, shape });
  }
  writeRegion(out, extents, region, outputs, (node) => writer.plainInputs(node));
  const identities = outputs.filter((v) => writer.resolve(v) !== v);
  for (const output of identities) writeIdentity(out, writer.resolve(output), output);
  writer.finish();
  const port = (value: ValueName): Port => portOf(analysis, extents, value, new Set());
  const stacked = (p: Port): Port => (p.kind === "perStep" ? { ...p, shape: [steps, ...p.shape] } : p);
  const inputs = scope.inputs.map(port);
  const outputPorts = outputs.map(port).map(stacked);
  const caches = writer.caches;
  const graph = out.graph(
    `${model.graph.name || "model"}_calibration`,
    [...inputs.map(infoOfPort), ...caches.map((c) => infoOfCache(c, c.input))],
    [...outputPorts.map(infoOfPort), ...caches.map((c) => infoOfCache(c, c.output))],
  );
  const cost = costOf(analysis, extents, scope.nodes, graph, caches);
  return {
    name: graph.name,
    chunk: chunk * steps,
    gateRuns: 0,
    graph,
    inputs,
    outputs: outputPorts,
    caches,
    cost,
  };
}

/** Over all frames at once; a held recurrence step by step, as its state must not see the frames before the first. */
function writeLongRecurrent(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  node: Node,
  writer: StreamWriter,
): void {
  const plan = analysis.plans.get(node);
  if (plan?.kind === "recurrent" && plan.guard) {
    const { inputs, caches } = writer.recurrentParts(node);
    const counter = stepCounter(out, node);
    writer.keep(counter);
    const finals = caches.map((c) => c.output);
    writeSteppedRecurrent(out, analysis, extents, node, inputs, { finals, counter, sequences: true });
  } else {
    const { inputs } = writer.writeRecurrent(node);
    writeSteppedRecurrent(out, analysis, extents, node, inputs);
  }
}
