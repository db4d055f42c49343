import { nodeKey, type ValueName } from "../../src/core/ir/graph.ts";
import { realInputs } from "../../src/core/ir/walk.ts";
import type { StreamAnalysis, TimeAxes } from "../../src/core/stream/analysis.ts";
import { analyse, axesOf } from "../../src/engine/analyse.ts";
import type { OpenedModel } from "../../src/engine/open-model.ts";

/** What a model would stream along, if anything: as the studio proposes, else what a user would try first. */
export type TimeChoice =
  | { readonly kind: "axes"; readonly axes: TimeAxes; readonly stream: StreamAnalysis }
  | { readonly kind: "notTimeSeries"; readonly why: string };

const BATCH = /batch|^n$|^b$|^unk/i;

export function chooseTime(opened: OpenedModel): TimeChoice {
  const proposed = analyse(opened);
  const axes = axesOf(proposed.candidates);
  if (Object.keys(axes).length > 0) return { kind: "axes", axes, stream: proposed.stream };
  const image = imageInput(opened);
  if (image !== undefined) return { kind: "notTimeSeries", why: `${image} is an image` };
  const trials = trialsOf(opened).map((axes) => ({ axes, stream: analyse(opened, axes).stream }));
  trials.sort((a, b) => progress(b.stream) - progress(a.stream));
  const [best] = trials;
  if (!best) return { kind: "notTimeSeries", why: "no axis is longer than 1" };
  const contracted = trials.every(({ axes, stream }) => isContractedAtOnce(stream, Object.keys(axes)));
  if (contracted) return { kind: "notTimeSeries", why: "every axis is summed over by the first operator" };
  return { kind: "axes", ...best };
}

/** Three channels beside two fixed extents as large as a thumbnail. */
function imageInput(opened: OpenedModel): ValueName | undefined {
  const isImage = (name: ValueName): boolean => {
    const shape = opened.inference.info(name).shape ?? [];
    const sizes = shape.slice(1);
    const large = sizes.filter((d) => typeof d === "number" && d >= 32);
    return shape.length === 4 && large.length === 2 && (sizes[0] === 3 || sizes[2] === 3);
  };
  return realInputs(opened.normalized.graph).find((v) => isImage(v.name))?.name;
}

/** Open axes that are no batch; else, fixed extents longest first. Inputs that share the dimension stream together. */
function trialsOf(opened: OpenedModel): TimeAxes[] {
  const inputs = realInputs(opened.normalized.graph).map((v) => v.name);
  const shapes = inputs.map((name) => opened.inference.info(name).shape ?? []);
  const open: TimeAxes[] = [];
  const fixed: { axes: TimeAxes; length: number }[] = [];
  for (const shape of shapes) {
    for (const [axis, dim] of shape.entries()) {
      if (dim === null || dim === 1 || (typeof dim === "string" && BATCH.test(dim))) continue;
      if (typeof dim === "number" && axis === 0) continue;
      const axes: Record<ValueName, number> = {};
      for (const [i, name] of inputs.entries()) {
        const at = shapes[i] === shape ? axis : (shapes[i] ?? []).indexOf(dim);
        if (at >= 0) axes[name] = at;
      }
      if (typeof dim === "string") open.push(axes);
      else fixed.push({ axes, length: dim });
    }
  }
  return open.length > 0 ? open : fixed.sort((a, b) => b.length - a.length).map((f) => f.axes);
}

/** How far the walk comes before the first refusal: along the right axis, farthest. */
function progress({ graph, refusals }: StreamAnalysis): number {
  const first = refusals[0]?.problem;
  if (first?.code !== "stream.refused") return graph.nodes.length;
  return graph.nodes.findIndex((n) => nodeKey(n) === first.node);
}

function isContractedAtOnce({ graph, refusals }: StreamAnalysis, inputs: readonly ValueName[]): boolean {
  const first = refusals[0]?.problem;
  if (first?.code !== "stream.refused" || first.reason !== "timeContracted") return false;
  const node = graph.nodes.find((n) => nodeKey(n) === first.node);
  return node?.inputs.some((name) => inputs.includes(name)) ?? false;
}
