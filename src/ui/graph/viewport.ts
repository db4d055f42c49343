/** screen = world · scale + pan, in CSS px. */
export interface View {
  readonly scale: number;
  readonly panX: number;
  readonly panY: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function overlap(a: Rect, b: Rect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** The smallest rectangle that holds both. */
export function around(a: Rect, b: Rect): Rect {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

export const MIN_SCALE = 0.01;
export const MAX_SCALE = 4;
/** Larger than this, fitting a small graph would only look clumsy. */
const MAX_FIT_SCALE = 1.25;

const clampScale = (scale: number) => Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));

export function toScreen(view: View, { x, y }: Point): Point {
  return { x: x * view.scale + view.panX, y: y * view.scale + view.panY };
}

export function toWorld(view: View, { x, y }: Point): Point {
  return { x: (x - view.panX) / view.scale, y: (y - view.panY) / view.scale };
}

/** World rectangle that the viewport shows, `margin` screen px larger on each side. */
export function visibleWorld(view: View, size: Size, margin = 0): Rect {
  const from = toWorld(view, { x: -margin, y: -margin });
  const to = toWorld(view, { x: size.width + margin, y: size.height + margin });
  return { left: from.x, top: from.y, right: to.x, bottom: to.y };
}

export function panBy(view: View, dx: number, dy: number): View {
  return { ...view, panX: view.panX + dx, panY: view.panY + dy };
}

/** Zooms so that the world point under `at` stays under it. */
export function zoomAt(view: View, factor: number, at: Point): View {
  const scale = clampScale(view.scale * factor);
  const world = toWorld(view, at);
  return { scale, panX: at.x - world.x * scale, panY: at.y - world.y * scale };
}

/** Shows the whole rectangle in the middle, `padding` screen px from the viewport's border, at most `mostScale` times as large. */
export function fitRect(rect: Rect, size: Size, { padding = 16, mostScale = MAX_FIT_SCALE } = {}): View {
  const [width, height] = [Math.max(1, rect.right - rect.left), Math.max(1, rect.bottom - rect.top)];
  const [freeX, freeY] = [Math.max(1, size.width - 2 * padding), Math.max(1, size.height - 2 * padding)];
  const scale = clampScale(Math.min(freeX / width, freeY / height, mostScale));
  return centreOn({ x: (rect.left + rect.right) / 2, y: (rect.top + rect.bottom) / 2 }, size, scale);
}

export function centreOn(point: Point, size: Size, scale: number): View {
  return { scale, panX: size.width / 2 - point.x * scale, panY: size.height / 2 - point.y * scale };
}

/** View after a new layout: the anchor, which moved from one world point to another, stays where it was on screen. */
export function keepAnchor(view: View, before: Point, after: Point): View {
  return panBy(view, (before.x - after.x) * view.scale, (before.y - after.y) * view.scale);
}

/** View after the viewport changed its size: its middle stays in the middle. */
export function resize(view: View, before: Size, after: Size): View {
  return panBy(view, (after.width - before.width) / 2, (after.height - before.height) / 2);
}

/** Whether two views look the same: within a pixel and a thousandth of the scale. */
export function sameView(a: View, b: View): boolean {
  const moved = Math.abs(a.panX - b.panX) + Math.abs(a.panY - b.panY);
  return moved < 1 && Math.abs(a.scale - b.scale) < 1e-3 * a.scale;
}

/** Whether the rectangle lies inside the viewport, `margin` screen px from its border. */
export function isVisible(view: View, rect: Rect, size: Size, margin = 0): boolean {
  const shown = visibleWorld(view, size, -margin);
  return (
    rect.left >= shown.left &&
    rect.right <= shown.right &&
    rect.top >= shown.top &&
    rect.bottom <= shown.bottom
  );
}

/** View on the way from one to the other, t in [0, 1]; zoom grows evenly to the eye. */
export function between(from: View, to: View, size: Size, t: number): View {
  const scale = from.scale * (to.scale / from.scale) ** t;
  const middle = { x: size.width / 2, y: size.height / 2 };
  const [a, b] = [toWorld(from, middle), toWorld(to, middle)];
  // Equal screen speed: where the view is close up, less of the world passes.
  const zooms = Math.abs(to.scale - from.scale) > from.scale * 1e-3;
  const u = zooms ? (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale) : t;
  return centreOn({ x: a.x + (b.x - a.x) * u, y: a.y + (b.y - a.y) * u }, size, scale);
}
