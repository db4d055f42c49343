import { boxOf, type Picture } from "./picture.ts";
import { around, centreOn, fitRect, type Rect, type Size, type View } from "./viewport.ts";

/** Boxes are brought near to at least this scale. */
export const FOCUS_SCALE = 1;
/** Kept free round what is brought near, in screen px. */
export const FOCUS_MARGIN_PX = 24;

/**
 * View with boxes in the middle: one at a legible size, several all of them in sight, no larger than one would be. Undefined without
 * any.
 */
export function focusView(
  picture: Picture,
  nodes: readonly number[],
  { view, size }: { readonly view: View; readonly size: Size },
): View | undefined {
  const [first, ...others] = nodes.map((v) => boxOf(picture, v));
  if (!first) return undefined;
  const scale = Math.max(view.scale, FOCUS_SCALE);
  const rect = others.reduce<Rect>(around, first);
  if (others.length > 0) return fitRect(rect, size, { padding: FOCUS_MARGIN_PX, mostScale: scale });
  return centreOn({ x: (rect.left + rect.right) / 2, y: (rect.top + rect.bottom) / 2 }, size, scale);
}
