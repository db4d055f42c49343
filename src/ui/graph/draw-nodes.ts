import type { DrawInput, Visible } from "./draw-scene.ts";
import { lineHeight, linesOf, type SceneNode, selectedNode } from "./graph-scene.ts";
import { heatOf, hiddenMarks, holdsAny, moduleOf } from "./group-marks.ts";
import { middleEllipsis } from "./node-text.ts";
import type { Painter } from "./painter.ts";
import { heatColor, type Palette } from "./palette.ts";
import { boxOf } from "./picture.ts";

const RADIUS = 6;
const PORT_RADIUS = 14;
const STRIP = 5;
/** Width of the frame that tells how much is lost at a box. */
const HEAT = 5;
const TEXT_LEFT = STRIP + 10;
const TITLE_PX = 12;
const MAX_TITLE_ZOOM = 1.5;
/** Signs of refused and approximate nodes: half a side at scale 1; they shrink with the graph only this far. */
const SIGN_HALF = 9;
const SIGN_SCALE = 0.8;
const MAX_SIGN_ZOOM = 4;
/** Smaller titles would be noise. */
const LEAST_TITLE_PX = 6.5;

/** Boxes grouped by style, so that one path serves all boxes of a look; then what is special to single boxes. */
export function drawNodes(painter: Painter, input: DrawInput, visible: Visible): void {
  drawHeat(painter, input, visible);
  if (visible.detail === "boxes") drawSolid(painter, input, visible);
  else drawOutlined(painter, input, visible);
  drawRings(painter, input, visible);
}

function drawSolid(painter: Painter, input: DrawInput, { nodes }: Visible): void {
  const { palette } = input;
  const { scene, overview } = input.picture;
  if (nodes.length > scene.nodes.length / 2) {
    for (const [family, rects] of overview.boxes) painter.boxes(rects, { fill: palette.family[family] });
    return;
  }
  const groups = groupBy(nodes, (v) => palette.family[scene.nodes[v]?.family ?? "other"]);
  for (const [fill, members] of groups) painter.boxes(rectsOf(input, members), { fill });
}

function drawOutlined(painter: Painter, input: DrawInput, { nodes, detail }: Visible): void {
  const { picture, palette } = input;
  const { scene } = picture;
  const isOp = (v: number) => isBox(scene.nodes[v]);
  const border = { color: palette.border, width: 1 };
  const groups = nodes.filter((v) => scene.nodes[v]?.kind === "group");
  // A closed group looks like a stack of boxes.
  for (const shift of groups.length > 0 ? [6, 3] : []) {
    painter.boxes(shifted(rectsOf(input, groups), shift), {
      fill: palette.surface,
      stroke: border,
      radius: RADIUS,
    });
  }
  for (const [fill, members] of groupBy(nodes.filter(isOp), (v) => fillOf(input, v))) {
    painter.boxes(rectsOf(input, members), { fill, stroke: border, radius: RADIUS });
  }
  const strips = groupBy(nodes.filter(isOp), (v) => palette.family[scene.nodes[v]?.family ?? "other"]);
  for (const [fill, members] of strips) {
    const rects = members.flatMap((v) => {
      const { left, top, bottom } = boxOf(picture, v);
      return [left + 3, top + 4, STRIP - 1, bottom - top - 8];
    });
    painter.boxes(rects, { fill, radius: 2 });
  }
  const ports = rectsOf(
    input,
    nodes.filter((v) => !isOp(v)),
  );
  painter.boxes(ports, {
    fill: palette.surface,
    stroke: { color: palette.family.port, width: 1.6 },
    radius: PORT_RADIUS,
  });
  for (const v of nodes) {
    if (detail === "text") drawTexts(painter, input, v);
    else drawTitle(painter, input, v);
  }
}

function fillOf({ picture, marks, palette }: DrawInput, v: number): string {
  const node = picture.scene.nodes[v];
  const module = node && moduleOf(marks, node);
  if (module === undefined) return palette.surface;
  return palette.modules[module % palette.modules.length] ?? palette.surface;
}

const TEXT_COLOR = { title: "text", label: "mutedText", chip: "mutedText" } as const satisfies Record<
  string,
  keyof Palette
>;

function drawTexts(painter: Painter, { picture, marks, palette }: DrawInput, v: number): void {
  const node = picture.scene.nodes[v];
  if (!node) return;
  const { left, right, top, bottom } = boxOf(picture, v);
  let y = top + 6;
  for (const face of linesOf(node)) {
    const text = { title: node.title, label: node.label, chip: node.chips }[face];
    painter.text(text, left + TEXT_LEFT, y + lineHeight(face) / 2, {
      face,
      color: palette[TEXT_COLOR[face]],
    });
    y += lineHeight(face);
  }
  const module = moduleOf(marks, node);
  const hidden = hiddenMarks(marks, node);
  if (hidden !== "")
    painter.text(hidden, right - 6, bottom - 10, { face: "chip", color: palette.cache, align: "right" });
  // The tint alone would tell modules apart by colour only.
  if (module !== undefined && isBox(node)) {
    painter.text(`${module + 1}`, right - 6, top + 10, {
      face: "chip",
      color: palette.mutedText,
      align: "right",
    });
  }
}

/** What of a title fits at the last zoom: a mark or a pan does not change it. */
const fittedTitles = new WeakMap<
  SceneNode,
  { readonly room: number; readonly zoom: number; readonly title: string }
>();

/** From afar the title alone, as large as its box allows, where it can still be read. */
function drawTitle(painter: Painter, { picture, palette, measure, view }: DrawInput, v: number): void {
  const node = picture.scene.nodes[v];
  if (!node) return;
  const { left, right, top, bottom } = boxOf(picture, v);
  const room = right - left - TEXT_LEFT - 2;
  const least = LEAST_TITLE_PX / (TITLE_PX * view.scale);
  const tallest = Math.min(MAX_TITLE_ZOOM, (bottom - top - 6) / lineHeight("title"));
  const zoom = Math.max(least, Math.min(room / measure(node.title, "title"), tallest));
  if (zoom > tallest) return;
  let fitted = fittedTitles.get(node);
  if (fitted?.room !== room || fitted.zoom !== zoom) {
    const wide = (text: string) => measure(text, "title") * zoom;
    fitted = { room, zoom, title: middleEllipsis(node.title, room, wide) };
    fittedTitles.set(node, fitted);
  }
  const { title } = fitted;
  painter.text(title, left + TEXT_LEFT - 3, (top + bottom) / 2, { face: "title", color: palette.text, zoom });
}

function drawHeat(painter: Painter, { picture, marks, palette }: DrawInput, { nodes }: Visible): void {
  if (!marks.nodeHeat) return;
  const heat = (v: number) => {
    const node = picture.scene.nodes[v];
    return node && heatOf(marks, node);
  };
  const hot = nodes.filter((v) => heat(v) !== undefined);
  const groups = groupBy(hot, (v) => heatColor(palette, heat(v) ?? 0));
  for (const [fill, members] of groups) {
    const rects = members.flatMap((v) => {
      const { left, right, top, bottom } = boxOf(picture, v);
      return [left - HEAT, top - HEAT, right - left + 2 * HEAT, bottom - top + 2 * HEAT];
    });
    painter.boxes(rects, { fill, radius: RADIUS + HEAT });
  }
}

/** Outlines round boxes that are refused, approximate, hovered or selected; the first two carry a sign too. */
function drawRings(painter: Painter, input: DrawInput, visible: Visible): void {
  const { picture, marks, palette, selection, hover } = input;
  const marked = (keys: ReadonlySet<string>) =>
    keys.size === 0
      ? []
      : visible.nodes.filter((v) => {
          const node = picture.scene.nodes[v];
          return node !== undefined && holdsAny(keys, node);
        });
  drawSigned(painter, input, marked(marks.refused), { sign: "⊘", color: palette.bad, dash: [4, 3] });
  const approximate = marked(marks.approximate);
  drawSigned(painter, input, approximate, { sign: "≈", color: palette.approximate, dash: [9, 3, 2, 3] });
  const alone = marks.unmatched ? marked(marks.unmatched) : [];
  drawSigned(painter, input, alone, { sign: "≠", color: palette.split, dash: [2, 3] });
  if (input.reach) {
    const { nodes: reached } = input.reach;
    painter.boxes(
      rectsOf(
        input,
        visible.nodes.filter((v) => reached.has(v)),
        1,
      ),
      { stroke: { color: palette.accent, width: 2 }, radius: RADIUS + 1 },
    );
  }
  if (hover?.kind === "node") {
    painter.boxes(rectsOf(input, [hover.node], 1), {
      stroke: { color: palette.accent, width: 2 },
      radius: RADIUS + 1,
    });
  }
  const several = input.together?.length ? input.together : [selection];
  const inSight = new Set(several.length > 1 ? visible.nodes : []);
  const selected = several
    .flatMap((s) => selectedNode(picture.scene, s) ?? [])
    .filter((v) => several.length === 1 || inSight.has(v));
  if (selected.length > 0) {
    painter.boxes(rectsOf(input, selected, 3), {
      stroke: { color: palette.accent, width: 3 },
      radius: RADIUS + 3,
    });
  }
}

function isBox(node: SceneNode | undefined): boolean {
  return node?.kind === "op" || node?.kind === "group";
}

function shifted(rects: readonly number[], by: number): number[] {
  return rects.map((n, i) => (i % 4 < 2 ? n + by : n));
}

interface Sign {
  readonly sign: string;
  readonly color: string;
  readonly dash: readonly number[];
}

/** Told apart by sign and pattern, not by colour alone; from afar the box itself takes the colour. */
function drawSigned(painter: Painter, input: DrawInput, nodes: readonly number[], look: Sign): void {
  if (nodes.length === 0) return;
  const { picture, palette, view } = input;
  const { sign, color, dash } = look;
  const afar = view.scale < 0.25;
  painter.boxes(rectsOf(input, nodes, afar ? 1 / view.scale : 2), {
    ...(afar && { fill: color }),
    stroke: { color, width: 2.5, dash },
    radius: RADIUS + 2,
  });
  const zoom = Math.min(MAX_SIGN_ZOOM, Math.max(1, SIGN_SCALE / view.scale));
  const half = SIGN_HALF * zoom;
  for (const v of nodes) {
    const { left, top } = boxOf(picture, v);
    painter.boxes([left - half, top - half, 2 * half, 2 * half], {
      fill: palette.background,
      stroke: { color, width: 1.5 },
      radius: half,
    });
    painter.text(sign, left - 4.5 * zoom, top, { face: "title", color, weight: "bold", zoom });
  }
}

function rectsOf({ picture }: DrawInput, nodes: readonly number[], grow = 0): number[] {
  return nodes.flatMap((v) => {
    const { left, top, right, bottom } = boxOf(picture, v);
    return [left - grow, top - grow, right - left + 2 * grow, bottom - top + 2 * grow];
  });
}

function groupBy(
  nodes: readonly number[],
  styleOf: (v: number) => string,
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const v of nodes) {
    const style = styleOf(v);
    const group = groups.get(style);
    if (group) group.push(v);
    else groups.set(style, [v]);
  }
  return groups;
}
