import type { Point } from "./series.ts";

/** Reals that integers reach. */
export interface Reach {
  readonly low: number;
  readonly high: number;
}

/** Extent of the picture: the data, and of a reach that goes farther as much again as the data spans. */
export function extentOf(points: readonly Point[], reach: Reach | undefined): readonly [number, number] {
  const first = points[0]?.x ?? 0;
  const last = points.at(-1)?.x ?? 0;
  const span = last - first || 1;
  if (!reach) return [first, first + span];
  const low = Math.min(first, Math.max(reach.low, first - span));
  const high = Math.max(first + span, Math.min(reach.high, last + span));
  return [low, high];
}

/** Height of a count in 0…1; `log`: of its logarithm, so that single values can still be seen. */
export function heightOf(count: number, most: number, log: boolean): number {
  if (count <= 0 || most <= 0) return 0;
  return log ? Math.log1p(count) / Math.log1p(most) : count / most;
}

/** Steps of the outline as one area, of those whose middle `keeps`; x and y in 0…1, y downwards. */
export function areaPath(
  points: readonly Point[],
  [low, high]: readonly [number, number],
  options: { readonly log: boolean; readonly keeps: (x: number) => boolean },
): string {
  const most = points.reduce((m, p) => Math.max(m, p.count ?? 0), 0);
  const at = (x: number): string => (((x - low) / (high - low)) * 1000).toFixed(2);
  let path = "";
  for (const [i, { x, count = 0 }] of points.entries()) {
    const next = points[i + 1];
    if (!next || count === 0 || !options.keeps((x + next.x) / 2)) continue;
    const y = (100 * (1 - heightOf(count, most, options.log))).toFixed(2);
    path += `M${at(x)} 100V${y}H${at(next.x)}V100Z`;
  }
  return path;
}
