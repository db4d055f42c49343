import type { Layout } from "../../core/layout/layout.ts";
import { edgeLines, nodeRect } from "./edge-path.ts";
import { type Frame, framesOf } from "./frames.ts";
import type { GraphScene } from "./graph-scene.ts";
import type { OpFamily } from "./op-family.ts";
import { indexLayout, type SpatialIndex } from "./spatial-index.ts";
import type { Rect } from "./viewport.ts";

/** A scene with its coordinates: everything that stays the same while the user looks, selects and marks. */
export interface Picture {
  readonly scene: GraphScene;
  readonly layout: Layout;
  readonly index: SpatialIndex;
  readonly overview: Overview;
  /** Open groups, outer ones first. */
  readonly frames: readonly Frame[];
}

/** Everything at once, ready to be drawn from afar, where culling costs more than it saves. */
export interface Overview {
  /** Boxes per family as left, top, width, height, …. */
  readonly boxes: ReadonlyMap<OpFamily, readonly number[]>;
  readonly lines: readonly Float32Array[];
}

const pictures = new WeakMap<Layout, Picture>();

/** The picture of a layout, indexed once. The layout must have been made from the scene's `layoutInput`. */
export function pictureOf(scene: GraphScene, layout: Layout): Picture {
  const known = pictures.get(layout);
  if (known?.scene === scene) return known;
  const index = indexLayout(layout, scene.layoutInput.sizes);
  const frames = framesOf({ scene, layout });
  const picture = { scene, layout, index, overview: overviewOf(scene, layout), frames };
  pictures.set(layout, picture);
  return picture;
}

function overviewOf(scene: GraphScene, layout: Layout): Overview {
  const boxes = new Map<OpFamily, number[]>();
  for (const [v, { family }] of scene.nodes.entries()) {
    const { left, top, right, bottom } = nodeRect(layout, scene.layoutInput.sizes, v);
    const rects = boxes.get(family) ?? [];
    rects.push(left, top, right - left, bottom - top);
    boxes.set(family, rects);
  }
  return { boxes, lines: scene.edges.flatMap((_, e) => edgeLines(layout, e)) };
}

/** Whether a layout has this scene's nodes and edges; a late answer for another model has not. */
export function belongs(layout: Layout, scene: GraphScene): boolean {
  return layout.rank.length === scene.nodes.length && layout.portal.length === scene.edges.length;
}

export function boxOf({ scene, layout }: Picture, node: number): Rect {
  return nodeRect(layout, scene.layoutInput.sizes, node);
}

export function wholeOf({ layout }: Picture): Rect {
  return { left: 0, top: 0, right: layout.width, bottom: layout.height };
}
