import type { Model, Node, ValueInfo, ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { extentsFor } from "./extents.ts";
import { GraphWriter, namesOf } from "./graph-writer.ts";
import { perStepRegion, writeRegion, writeWindows } from "./per-step-scan.ts";
import { writeOfflineRecurrent } from "./recurrent-writer.ts";
import { ringsFor } from "./rings.ts";
import { scopeOf } from "./scope.ts";
import { StreamWriter } from "./stream-writer.ts";
import { streamInput } from "./views.ts";

export interface OfflineReferenceOptions {
  readonly chunk: number;
  /** Length of the clip in chunks. */
  readonly steps: number;
  readonly observe: readonly ValueName[];
}

/**
 * The offline model over a whole clip of chunk·steps frames, every operator as it stands in the file: the oracle for
 * parity. Lengths that the file fixed follow the clip. Per-step values are computed for the prefix that ends with each
 * step and come out as [steps, …]; steps before `windowFrames` are there have no offline twin and hold other frames.
 */
export function offlineReference(
  model: Pick<Model, "graph" | "opsets">,
  analysis: StreamAnalysis,
  { chunk, steps, observe }: OfflineReferenceOptions,
): { readonly graph: Model["graph"]; readonly outputs: readonly ValueName[] } {
  const extents = offlineExtents(analysis, chunk, steps);
  const outputs = observe.filter((v) => (analysis.facts.get(v)?.kind ?? "static") !== "static");
  const scope = scopeOf(analysis, undefined, outputs);
  const out = new GraphWriter(namesOf(model.graph), model.opsets.get("") ?? 1);
  const rings = ringsFor(analysis, extents, []);
  const writer = new StreamWriter(analysis, extents, rings, out);
  const region = perStepRegion(analysis, scope.nodes);
  for (const node of scope.nodes) {
    const plan = analysis.plans.get(node);
    if (plan?.kind === "alias" && plan.start !== undefined) {
      const source = node.inputs[streamInput(analysis, node)] ?? "";
      const target = node.outputs[0] ?? "";
      out.slice(source, target, rings.axisOf(source), plan.start, plan.start + extents.frames(target));
    } else if (plan?.kind === "last") {
      writePrefixWindows(analysis, out, node, plan.frames, {
        chunk,
        steps,
        shape: plan.single && extents.shape(node.outputs[0] ?? ""),
      });
    } else if (plan?.kind === "recurrent") {
      writeOfflineRecurrent(out, analysis, extents, node, writer.plainInputs(node));
    } else if (plan?.kind !== "perStep" && plan?.kind !== "length") {
      writer.writeOffline(node);
    }
  }
  writeRegion(out, extents, region, outputs, (node) => writer.plainInputs(node));
  const info = (name: ValueName): ValueInfo => {
    const shape = extents.shape(name);
    const perStep = analysis.facts.get(name)?.kind === "perStep";
    return { name, dtype: extents.dtype(name), ...(shape && { shape: perStep ? [steps, ...shape] : shape }) };
  };
  const graph = out.graph(model.graph.name || "offline", scope.inputs.map(info), outputs.map(info));
  return { graph, outputs };
}

/** Extents of the offline values after the same input: neither shifted nor shortened by the stream's delay. */
function offlineExtents(analysis: StreamAnalysis, chunk: number, steps: number) {
  const extents = extentsFor(analysis, chunk, steps);
  const frames = (value: ValueName): number => {
    const fact = analysis.facts.get(value);
    if (fact?.kind !== "stream") return 1;
    return extents.frames(value) - fact.delay + (analysis.lags.get(value) ?? 0);
  };
  return {
    ...extents,
    frames,
    shape(value: ValueName): readonly number[] | undefined {
      const grid = analysis.grids.get(value);
      if (grid) {
        const sides = [grid.queryAxis, grid.keyAxis];
        return extents.shape(value)?.map((d, i) => (sides.includes(i) ? frames(grid.frame.query) : d));
      }
      const fact = analysis.facts.get(value);
      const axis = fact?.kind === "stream" ? fact.axis : undefined;
      return extents.shape(value)?.map((d, i) => (i === axis ? frames(value) : d));
    },
  };
}

function writePrefixWindows(
  analysis: StreamAnalysis,
  out: GraphWriter,
  node: Node,
  frames: number,
  run: { readonly chunk: number; readonly steps: number; readonly shape: readonly number[] | undefined },
): void {
  const { chunk, steps, shape } = run;
  const source = node.inputs[streamInput(analysis, node)] ?? "";
  const fact = analysis.facts.get(source);
  const rank = analysis.inference.info(source).shape?.length;
  if (fact?.kind !== "stream" || rank === undefined) throw new Error(`${source} does not stream`);
  const perStep = (chunk * fact.rate.num) / fact.rate.den;
  const starts = Array.from({ length: steps }, (_, i) =>
    Math.max(0, (i + 1) * perStep - fact.delay - frames),
  );
  writeWindows(out, source, node.outputs[0] ?? "", fact.axis, rank, { starts, frames, shape });
}
