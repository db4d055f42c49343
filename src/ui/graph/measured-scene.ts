import type { ModelSummary } from "../../engine/reports.ts";
import { buildScene, type Face, type GraphScene, type Measure } from "./graph-scene.ts";

/** Fonts of the three faces at scale 1; the painter draws with the same. */
export const FACE_FONT: Readonly<Record<Face, string>> = {
  title: '600 12px system-ui, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  label: '11px system-ui, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  chip: '10px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace',
};

const scenes = new WeakMap<ModelSummary, GraphScene>();
let measureOnce: Measure | undefined;

/** Scene of a model, built once per summary: the same object, and the same `layoutInput`, every time. Page only. */
export function sceneOf(summary: ModelSummary): GraphScene {
  const known = scenes.get(summary);
  if (known) return known;
  measureOnce ??= canvasMeasure();
  const scene = buildScene(summary, measureOnce);
  scenes.set(summary, scene);
  return scene;
}

/** Measures with a canvas; every distinct text once. */
export function canvasMeasure(): Measure {
  const context = document.createElement("canvas").getContext("2d");
  const widths: Record<Face, Map<string, number>> = { title: new Map(), label: new Map(), chip: new Map() };
  return (text, face) => {
    const known = widths[face].get(text);
    if (known !== undefined) return known;
    if (context) context.font = FACE_FONT[face];
    // Without a 2-D context nothing will be drawn either; the box still needs a size.
    const width = context?.measureText(text).width ?? text.length * 7;
    widths[face].set(text, width);
    return width;
  };
}
