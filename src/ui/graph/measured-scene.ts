import type { ModelSummary } from "../../engine/reports.ts";
import { buildScene, type Face, type GraphScene, type Measure } from "./graph-scene.ts";
import type { Grouping, OpenGroups } from "./group-boxes.ts";

const SANS = 'system-ui, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const MONO = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** Fonts of the three faces at scale 1, sizes in px; the painter draws with the same. */
export const FACE_FONT: Readonly<
  Record<Face, { readonly style: string; readonly size: number; readonly family: string }>
> = {
  title: { style: "600", size: 12, family: SANS },
  label: { style: "400", size: 11, family: SANS },
  chip: { style: "400", size: 10, family: MONO },
};

interface KnownScene {
  readonly open: OpenGroups;
  readonly bodies: Grouping["bodies"];
  readonly scene: GraphScene;
}

/** By model, the one asked for last at the end. */
const scenes = new WeakMap<ModelSummary, KnownScene[]>();
/** Pictures of one model that are kept: going back to one costs nothing. */
const KEPT_SCENES = 8;
let measureOnce: Measure | undefined;

/** Scene of a model, built once per summary and open set: the same object, and the same `layoutInput`, every time. Page only. */
export function sceneOf(summary: ModelSummary, grouping: Grouping): GraphScene {
  const known = scenes.get(summary) ?? [];
  const { open, bodies } = grouping;
  const found = known.find((k) => k.open === open && k.bodies === bodies);
  measureOnce ??= canvasMeasure();
  const scene = found?.scene ?? buildScene(summary, measureOnce, grouping);
  const others = known.filter((k) => k !== found).slice(-(KEPT_SCENES - 1));
  scenes.set(summary, [...others, { open, bodies, scene }]);
  return scene;
}

/**
 * Measures with a canvas, every distinct character once: asking for whole texts takes a second for 20,000 names. Kerning is
 * left out, which is a px or two.
 */
export function canvasMeasure(): Measure {
  const context = document.createElement("canvas").getContext("2d");
  const widths: Record<Face, Map<string, number>> = { title: new Map(), label: new Map(), chip: new Map() };
  const widthOf = (character: string, face: Face) => {
    const known = widths[face].get(character);
    if (known !== undefined) return known;
    const { style, size, family } = FACE_FONT[face];
    if (context) context.font = `${style} ${size}px ${family}`;
    // Without a 2-D context nothing will be drawn either; the box still needs a size.
    const width = context?.measureText(character).width ?? 7;
    widths[face].set(character, width);
    return width;
  };
  return (text, face) => {
    let sum = 0;
    for (const character of text) sum += widthOf(character, face);
    return sum;
  };
}
