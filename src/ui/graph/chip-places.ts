import { edgeAnchor, edgePoints } from "./edge-path.ts";
import type { CacheMark, SplitMark } from "./graph-marks.ts";
import { bytesText } from "./node-text.ts";
import type { Chip, PortalPill } from "./overlay.ts";
import { boxOf, type Picture } from "./picture.ts";
import { overlap, type Point, type Rect } from "./viewport.ts";

/** Below this zoom every chip is a glyph: rows stand too near for numbers. */
const FULL_CHIP_SCALE = 0.8;
/** Screen px of a chip, and its distance from the edge; the style sheet says the same. */
const CHIP = { height: 20, compact: 18, offset: 9, around: 33, character: 6.4 } as const;
/** Px of a pill at scale 1: around its text, per character, at most; larger zooms do not enlarge it. */
const PILL = { around: 30, character: 5.8, most: 185, half: 10, more: 18 } as const;
/** Of a pill that ends at its stub, what lies right of it. */
const PILL_END = 7;

/** World px that a pill takes at the left and right of its stub. */
export function pillRect({ at, align, title, more }: PortalPill, scale: number): Rect {
  const text = Math.min(PILL.most, PILL.around + PILL.character * title.length);
  const width = (text + (more > 0 ? PILL.more : 0)) / Math.max(1, scale);
  const right = align === "middle" ? width / 2 : PILL_END;
  const half = PILL.half / Math.max(1, scale);
  return { left: at.x + right - width, top: at.y - half, right: at.x + right, bottom: at.y + half };
}

/** Halfway along the edge; for a portal below its box, at the side of the pill to which the chip extends. */
export function chipPoint(
  picture: Picture,
  e: number,
  kind: Chip["kind"],
  { scale, pill }: { readonly scale: number; readonly pill: Rect | undefined },
): Point {
  const source = picture.scene.edges[e]?.source;
  const { layout } = picture;
  if (!layout.portal[e] || source === undefined) return edgeAnchor(layout, e);
  const points = edgePoints(layout, e);
  const [x, y] = [points[2] ?? 0, points[3] ?? 0];
  const clear = boxOf(picture, source).bottom + (CHIP.height / 2 + 1) / scale;
  // The distance from an edge is not needed beside a pill.
  const near = (CHIP.offset - 4) / scale;
  const side = !pill ? x : kind === "cache" ? pill.right - near : pill.left + near;
  return { x: side, y: Math.max(y, clear) };
}

/** Chips as large as there is room: with its text each that then covers no box, no pill and no other chip. */
export function fitChips(
  chips: readonly Chip[],
  picture: Picture,
  scale: number,
  pills: readonly Rect[],
): readonly Chip[] {
  if (scale < FULL_CHIP_SCALE) return chips.map((chip) => ({ ...chip, compact: true }));
  const taken = chips.map((chip) => compactRect(chip, scale));
  return chips.map((chip, i) => {
    const full = fullRect(chip, scale);
    const covers = (other: Rect) => overlap(full, other);
    const compact =
      taken.some((other, j) => j !== i && covers(other)) ||
      pills.some(covers) ||
      picture.index.nodesIn(full).some((v) => covers(boxOf(picture, v)));
    if (!compact) taken[i] = full;
    return { ...chip, compact };
  });
}

/** World px under each chip as it is shown. */
export function rectsOfChips(chips: readonly Chip[], scale: number): readonly Rect[] {
  return chips.map((chip) => (chip.compact ? compactRect(chip, scale) : fullRect(chip, scale)));
}

const compactRect = (chip: Chip, scale: number) => chipRect(chip, CHIP.compact, CHIP.compact, scale);

const fullRect = (chip: Chip, scale: number) =>
  chipRect(chip, CHIP.around + CHIP.character * chipText(chip).length, CHIP.height, scale);

function chipRect({ at, kind }: Chip, width: number, height: number, scale: number): Rect {
  const from = kind === "cache" ? CHIP.offset : -CHIP.offset - width;
  const half = height / 2 / scale;
  const left = at.x + from / scale;
  return { left, top: at.y - half, right: left + width / scale, bottom: at.y + half };
}

/** What a chip says where there is room. */
export function chipText(chip: Pick<Chip, "kind" | "mark">): string {
  return chip.kind === "cache" ? cacheText(chip.mark as CacheMark) : splitText(chip.mark as SplitMark);
}

/** "2×64 · 512 B", with the delay in frames if there is one. */
export function cacheText({ frames, bytes, channels, delay }: CacheMark): string {
  const perFrame = channels ?? (frames > 0 ? Math.round(bytes / frames / 4) : 0);
  const window = perFrame > 0 ? `${frames}×${perFrame}` : `${frames}`;
  return `${window} · ${bytesText(bytes)}${delay > 0 ? ` · ◷${delay}` : ""}`;
}

export function splitText({ crossing, bytes }: SplitMark): string {
  return crossing > 1 ? `${crossing} · ${bytesText(bytes)}` : bytesText(bytes);
}
