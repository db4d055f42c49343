import { chipText, pillRect, rectsOfChips } from "../chip-places.ts";
import type { Measure } from "../graph-scene.ts";
import { middleEllipsis } from "../node-text.ts";
import type { Chip, Overlay, PortalPill } from "../overlay.ts";
import type { Painter } from "../painter.ts";
import type { Palette } from "../palette.ts";
import type { Rect } from "../viewport.ts";

interface Tools {
  readonly palette: Palette;
  readonly measure: Measure;
}

const DASH = { proposed: [4, 3], removed: [1.5, 2.5] } as const;
const HEAD = { height: 20, around: 24, left: 4 } as const;

/** Paints what the page shows as buttons over the canvas: chips of marks, ends of portals, heads of open groups. */
export function drawOverlay(painter: Painter, overlay: Overlay, tools: Tools): void {
  const zoom = 1 / overlay.scale;
  for (const head of overlay.frames) drawHead(painter, head, zoom, tools);
  for (const pill of overlay.portals) drawPill(painter, pill, overlay.scale, tools);
  const rects = rectsOfChips(overlay.chips, overlay.scale);
  for (const [i, chip] of overlay.chips.entries()) {
    const rect = rects[i];
    if (rect) drawChip(painter, chip, rect, zoom, tools);
  }
}

/** World rectangle that any button lies in, for culling by tiles. */
export function partOfOverlay(overlay: Overlay, { left, top, right, bottom }: Rect): Overlay {
  const near = ({ at }: { readonly at: { readonly x: number; readonly y: number } }) =>
    at.x >= left && at.x <= right && at.y >= top && at.y <= bottom;
  return {
    ...overlay,
    chips: overlay.chips.filter(near),
    portals: overlay.portals.filter(near),
    frames: overlay.frames.filter(near),
  };
}

function drawHead(
  painter: Painter,
  { label, at }: Overlay["frames"][number],
  zoom: number,
  { palette, measure }: Tools,
): void {
  const width = HEAD.around + measure(label, "label");
  const left = at.x + HEAD.left * zoom;
  painter.boxes([left, at.y - (HEAD.height / 2) * zoom, width * zoom, HEAD.height * zoom], {
    fill: palette.surface,
    stroke: { color: palette.border, width: 1 },
    radius: 6 * zoom,
  });
  painter.text(`⊟ ${label}`, left + 6 * zoom, at.y, { face: "label", color: palette.mutedText, zoom });
}

function drawPill(painter: Painter, pill: PortalPill, scale: number, { palette, measure }: Tools): void {
  const zoom = Math.min(1, 1 / scale);
  const { left, top, right, bottom } = pillRect(pill, scale);
  painter.boxes([left, top, right - left, bottom - top], {
    fill: palette.surface,
    stroke: { color: palette.border, width: 1 },
    radius: (bottom - top) / 2,
  });
  const head = pill.end === "source" ? "→ " : "← ";
  const tail = pill.more > 0 ? ` +${pill.more}` : "";
  const room = (right - left) / zoom - 14 - measure(head + tail, "label");
  const text = head + middleEllipsis(pill.title, room, (t) => measure(t, "label")) + tail;
  painter.text(text, left + 7 * zoom, (top + bottom) / 2, { face: "label", color: palette.mutedText, zoom });
}

function drawChip(
  painter: Painter,
  chip: Chip,
  { left, top, right, bottom }: Rect,
  zoom: number,
  { palette }: Tools,
): void {
  const color = chip.kind === "cache" ? palette.cache : palette.split;
  const state = chip.kind === "cache" ? chip.mark.state : "accepted";
  const dash = state === "proposed" || state === "removed" ? DASH[state] : undefined;
  painter.boxes([left, top, right - left, bottom - top], {
    fill: palette.surface,
    stroke: { color, width: 1.5, ...(dash && { dash }) },
    radius: (bottom - top) / 2,
  });
  const glyph = chip.kind === "cache" ? "▣" : "✂";
  const text = chip.compact ? glyph : `${glyph} ${chipText(chip)}`;
  painter.text(text, left + (chip.compact ? 4 : 7) * zoom, (top + bottom) / 2, {
    face: "chip",
    color,
    weight: "bold",
    zoom,
  });
}
