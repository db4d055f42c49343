import type { GraphLabels } from "./graph-labels.ts";
import type { GraphMarks } from "./graph-marks.ts";
import type { GraphScene } from "./graph-scene.ts";
import { shapeText } from "./node-text.ts";

/** The sentence that names one box: what the outline shows and what a screen reader hears on the canvas. */
export function describeStop(
  scene: GraphScene,
  marks: GraphMarks,
  labels: GraphLabels,
  node: number,
): string {
  const stop = scene.nodes[node];
  if (!stop) return "";
  const input = stop.kind === "op" ? scene.edges[scene.inEdges[node]?.[0] ?? -1]?.value : stop.value;
  return labels.stop({
    kind: stop.kind,
    op: stop.kind === "op" ? stop.title : stop.value,
    label: stop.kind === "op" ? stop.label : "",
    position: node + 1,
    count: scene.nodes.length,
    inputShape: input === undefined ? "" : shapeText(scene.shapes.get(input)),
    cached: isKept(marks, stop.value),
    split: marks.splits.has(stop.value),
    refused: stop.kind === "op" && marks.refused.has(stop.id),
    approximate: stop.kind === "op" && marks.approximate.has(stop.id),
  });
}

function isKept(marks: GraphMarks, value: string): boolean {
  const mark = marks.caches.get(value);
  return mark !== undefined && mark.state !== "removed";
}
