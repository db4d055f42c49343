import type { GraphLabels, StopDescription } from "./graph-labels.ts";
import type { GraphMarks } from "./graph-marks.ts";
import type { GraphScene } from "./graph-scene.ts";
import { shapeText } from "./node-text.ts";
import type { Stop } from "./stops.ts";

/** The sentence that names one box: what a screen reader hears on the canvas. `together`: how many are selected with it. */
export function describeStop(
  scene: GraphScene,
  marks: GraphMarks,
  labels: GraphLabels,
  node: number,
  together = 0,
): string {
  const stop = scene.nodes[node];
  if (!stop) return "";
  const named = stop.kind === "op" || stop.kind === "group";
  const input = named ? scene.edges[scene.inEdges[node]?.[0] ?? -1]?.value : stop.value;
  return labels.stop({
    kind: stop.kind,
    op: named ? stop.title : stop.value,
    label: named ? stop.label : "",
    position: node + 1,
    count: scene.nodes.length,
    inputShape: input === undefined ? "" : shapeText(scene.shapes.get(input)),
    ...markedAs(stop, marks),
    together,
  });
}

/** The same sentence in the outline, where every op has a line. */
export function describeRow(
  stop: Stop,
  marks: GraphMarks,
  labels: GraphLabels,
  at: { readonly position: number; readonly count: number; readonly inputShape: string },
): string {
  const op = stop.kind === "op" ? stop.title : stop.value;
  const label = stop.kind === "op" ? stop.label : "";
  return labels.stop({ kind: stop.kind, op, label, ...at, ...markedAs(stop, marks), together: 0 });
}

function markedAs(
  { kind, id, value }: { readonly kind: string; readonly id: string; readonly value: string },
  marks: GraphMarks,
): Pick<StopDescription, "cached" | "split" | "refused" | "approximate"> {
  const cache = marks.caches.get(value);
  return {
    cached: cache !== undefined && cache.state !== "removed",
    split: marks.splits.has(value),
    refused: kind === "op" && marks.refused.has(id),
    approximate: kind === "op" && marks.approximate.has(id),
  };
}
