import { chipPoint, fitChips, pillRect, rectsOfChips } from "./chip-places.ts";
import { anchorEdge, edgeAnchor, edgePoints } from "./edge-path.ts";
import type { CacheMark, GraphMarks, GraphSelection, SplitMark } from "./graph-marks.ts";
import { selectedNode } from "./graph-scene.ts";
import { boxOf, type Picture } from "./picture.ts";
import { RectGrid } from "./rect-grid.ts";
import { type Point, type Rect, type Size, type View, visibleWorld } from "./viewport.ts";

/** Buttons over the canvas, in world px times the scale; the layer that holds them is moved by the pan. */
export interface Overlay {
  readonly scale: number;
  readonly chips: readonly Chip[];
  readonly portals: readonly PortalPill[];
  /** Headers of open groups. */
  readonly frames: readonly FrameHead[];
  /** Box or edge that is selected, for tests and magnifiers. */
  readonly selected?: Rect;
}

export type Chip = {
  readonly value: string;
  readonly at: Point;
  /** Just a glyph: there is no room for numbers. */
  readonly compact: boolean;
} & (
  | { readonly kind: "cache"; readonly mark: CacheMark }
  | { readonly kind: "split"; readonly mark: SplitMark }
);

/** One end of an edge that continues in another column; pressing it goes to the other end. */
export interface PortalPill {
  readonly key: string;
  readonly at: Point;
  readonly end: "source" | "target";
  /** Centred on its stub, or ending there because other edges take the middle of the box. */
  readonly align: "middle" | "end";
  /** Box at the other end. */
  readonly to: number;
  readonly title: string;
  /** Further ends beside the first. */
  readonly more: number;
}

/** Button that closes an open group; one for each piece of its frame. */
export interface FrameHead {
  /** Of the piece. */
  readonly id: string;
  readonly closes: string;
  /** Of the group; a further piece says which it is ("encoder · 2/3"): its boxes are not alone between the pieces. */
  readonly label: string;
  readonly at: Point;
}

const MAX_BUTTONS = 100;
const MAX_HEADS = 30;
const HEAD_SCALE = 0.2;
/** Below this zoom, only a few chips are shown at all. */
const FEW_CHIPS_SCALE = 0.25;
const FEW_CHIPS = 40;
const PORTAL_SCALE = 0.6;

/**
 * What lies over the canvas for this view, at most `most` buttons; one viewport around it is included, so that panning seldom
 * changes it.
 */
export function overlayOf(
  picture: Picture,
  marks: GraphMarks,
  selection: GraphSelection | undefined,
  view: View,
  size: Size,
  most = MAX_BUTTONS,
): Overlay {
  const rect = visibleWorld(view, size, Math.max(size.width, size.height) / 2);
  const near = ({ x, y }: Point) => x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;
  const { scale } = view;
  const pills = scale < PORTAL_SCALE ? [] : portalsOf(picture, rect);
  const pillAt = new Map(pills.map((pill) => [pill.key, pillRect(pill, scale)]));
  const all = chipsOf(picture, marks, scale, (node) => pillAt.get(`source:${node}`));
  const chips = all.filter((chip) => near(chip.at));
  const few = scale < FEW_CHIPS_SCALE && chips.length > FEW_CHIPS ? [] : chips.slice(0, most);
  const shown = fitChips(few, picture, scale, [...pillAt.values()]);
  const frames = scale < HEAD_SCALE ? [] : headsOf(picture, near, scale, most);
  const portals = pills.slice(0, most - shown.length);
  const selected = selectedRect(picture, selection);
  return { scale, chips: shown, portals, frames, ...(selected ? { selected } : {}) };
}

/** Px of a head at any zoom: round its text, per character, and its height. */
const HEAD = { around: 30, character: 6.4, half: 10 } as const;

/** World px under the head of an open group. */
export function headRect({ at, label }: Pick<FrameHead, "at" | "label">, scale: number): Rect {
  const width = (HEAD.around + HEAD.character * label.length) / scale;
  const half = HEAD.half / scale;
  return { left: at.x, top: at.y - half, right: at.x + width, bottom: at.y + half };
}

/** World px that buttons of marks and groups cover: no text goes there. */
export function coveredBy({ chips, frames, scale }: Overlay): readonly Rect[] {
  return [...rectsOfChips(chips, scale), ...frames.map((head) => headRect(head, scale))];
}

/** Heads of open groups, outer ones and first pieces first; one that would cover another is left out until there is room. */
function headsOf(
  { frames }: Picture,
  near: (at: Point) => boolean,
  scale: number,
  most: number,
): readonly FrameHead[] {
  const taken = new RectGrid();
  const fits = ({ at, label }: FrameHead) => {
    const rect = headRect({ at, label }, scale);
    if (taken.meets(rect)) return false;
    taken.add(rect);
    return true;
  };
  const pieces = frames.flatMap(({ id, label, closes, rects }) =>
    rects.map(({ left, top }, i) => {
      const text = i === 0 ? label : `${label} · ${i + 1}/${rects.length}`;
      return { piece: i, head: { id: `${id} ${i}`, label: text, closes, at: { x: left, y: top } } };
    }),
  );
  return [...pieces.filter(({ piece }) => piece === 0), ...pieces.filter(({ piece }) => piece > 0)]
    .map(({ head }) => head)
    .filter((head) => near(head.at) && fits(head))
    .slice(0, most === MAX_BUTTONS ? MAX_HEADS : most);
}

function chipsOf(
  picture: Picture,
  marks: GraphMarks,
  scale: number,
  pillOf: (node: number) => Rect | undefined,
): readonly Chip[] {
  const { scene, layout } = picture;
  const placesOf = (value: string, kind: Chip["kind"]): Point[] => {
    const e = anchorEdge(layout, scene.edgesOf.get(value) ?? []);
    const source = scene.edges[e ?? -1]?.source;
    if (e === undefined || source === undefined) return [];
    return [chipPoint(picture, e, kind, { scale, pill: pillOf(source) })];
  };
  const caches = [...marks.caches].flatMap(([value, mark]) =>
    placesOf(value, "cache").map((at) => ({ kind: "cache", value, at, mark, compact: true }) as const),
  );
  const splits = [...marks.splits].flatMap(([value, mark]) =>
    placesOf(value, "split").map((at) => ({ kind: "split", value, at, mark, compact: true }) as const),
  );
  return [...caches, ...splits];
}

/** One pill per box and side, for all its portals there. */
function portalsOf({ scene, layout, index }: Picture, rect: Rect): readonly PortalPill[] {
  const pills = new Map<string, PortalPill>();
  for (const e of index.edgesIn(rect)) {
    const edge = scene.edges[e];
    if (!layout.portal[e] || !edge) continue;
    const points = edgePoints(layout, e);
    for (const end of ["source", "target"] as const) {
      const key = `${end}:${edge[end]}`;
      const known = pills.get(key);
      const to = end === "source" ? edge.target : edge.source;
      const [x, y] = end === "source" ? [points[2], points[3]] : [points[4], points[5]];
      const other = scene.nodes[to];
      const align = x === layout.centers[2 * edge[end]] ? "middle" : "end";
      const title = [other?.title, other?.label].filter((t) => t).join(" ");
      pills.set(
        key,
        known
          ? { ...known, more: known.more + 1 }
          : { key, at: { x: x ?? 0, y: y ?? 0 }, end, align, to, title, more: 0 },
      );
    }
  }
  return [...pills.values()];
}

const EDGE_HALF = 8;

function selectedRect(picture: Picture, selection: GraphSelection | undefined): Rect | undefined {
  const node = selectedNode(picture.scene, selection);
  if (node !== undefined) return boxOf(picture, node);
  if (selection?.kind !== "value") return undefined;
  const e = anchorEdge(picture.layout, picture.scene.edgesOf.get(selection.id) ?? []);
  if (e === undefined) return undefined;
  const { x, y } = edgeAnchor(picture.layout, e);
  return { left: x - EDGE_HALF, top: y - EDGE_HALF, right: x + EDGE_HALF, bottom: y + EDGE_HALF };
}

/** Whether the DOM layer need not change: same buttons, same zoom. */
export function sameOverlay(a: Overlay, b: Overlay): boolean {
  return (
    a.scale === b.scale &&
    a.selected?.left === b.selected?.left &&
    a.selected?.top === b.selected?.top &&
    a.chips.length === b.chips.length &&
    a.portals.length === b.portals.length &&
    a.frames.length === b.frames.length &&
    a.frames.every(
      (f, i) => f.id === b.frames[i]?.id && f.at.x === b.frames[i]?.at.x && f.at.y === b.frames[i]?.at.y,
    ) &&
    a.chips.every((chip, i) => sameChip(chip, b.chips[i])) &&
    a.portals.every((p, i) => p.key === b.portals[i]?.key && p.to === b.portals[i]?.to)
  );
}

/** `next` with the buttons of `before` that are the same, so that they need not be made anew. */
export function keepButtons(before: Overlay, next: Overlay): Overlay {
  const chips = new Map(before.chips.map((chip) => [`${chip.kind}:${chip.value}`, chip]));
  const portals = new Map(before.portals.map((portal) => [portal.key, portal]));
  return {
    ...next,
    chips: next.chips.map((chip) => {
      const known = chips.get(`${chip.kind}:${chip.value}`);
      return known && sameChip(chip, known) && chip.at.y === known.at.y ? known : chip;
    }),
    portals: next.portals.map((portal) => {
      const known = portals.get(portal.key);
      return known && samePortal(portal, known) ? known : portal;
    }),
  };
}

function samePortal(a: PortalPill, b: PortalPill): boolean {
  return (
    a.at.x === b.at.x &&
    a.at.y === b.at.y &&
    a.to === b.to &&
    a.title === b.title &&
    a.more === b.more &&
    a.align === b.align
  );
}

function sameChip(a: Chip, b: Chip | undefined): boolean {
  return a.mark === b?.mark && a.value === b.value && a.compact === b.compact && a.at.x === b.at.x;
}
