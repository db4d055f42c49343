import { type PointerEvent, useId, useState } from "react";
import { shortReal } from "../widgets/numbers.ts";
import css from "./DistributionChart.module.css";
import { areaPath, extentOf, type Reach } from "./distribution.ts";
import type { Point } from "./series.ts";
import { evenTicks } from "./ticks.ts";

export interface DistributionChartProps {
  /** What the picture says, in words. */
  readonly summary: string;
  /** Outline of the histogram: x is the left edge of a step. */
  readonly points: readonly Point[];
  /** What the integers reach; what lies beyond is drawn as clipped. */
  readonly reach?: Reach | undefined;
  /** Logarithmic counts. */
  readonly log: boolean;
  /** Names a step under the pointer. */
  readonly stepText: (from: string, to: string, count: number) => string;
}

/** How often which values occur, with the range that integers reach and what they clip. */
export function DistributionChart({ summary, points, reach, log, stepText }: DistributionChartProps) {
  const stripes = useId();
  const [over, setOver] = useState<number>();
  const extent = extentOf(points, reach);
  const [low, high] = extent;
  const place = (x: number): number => (100 * (x - low)) / (high - low);
  const inside = (x: number): boolean => !reach || (x >= reach.low && x <= reach.high);
  const ends = reach ? [reach.low, reach.high].filter((x) => x > low && x < high) : [];
  const step = over === undefined ? undefined : points[over];
  const next = over === undefined ? undefined : points[over + 1];
  const find = (event: PointerEvent<HTMLElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const x = low + ((event.clientX - left) / width) * (high - low);
    const at = points.findLastIndex((p) => p.x <= x);
    setOver(at >= 0 && at < points.length - 1 ? at : undefined);
  };
  return (
    <figure className={css.chart} aria-label={summary}>
      <div className={css.plot} onPointerMove={find} onPointerLeave={() => setOver(undefined)}>
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
          <defs>
            <pattern
              id={stripes}
              width="6"
              height="6"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <path d="M0 0V6" className={css.stripe} />
            </pattern>
          </defs>
          {reach ? (
            <rect
              className={css.reach}
              x={10 * Math.max(0, place(reach.low))}
              width={10 * (Math.min(100, place(reach.high)) - Math.max(0, place(reach.low)))}
              y={0}
              height={100}
            />
          ) : null}
          <path className={css.bars} d={areaPath(points, extent, { log, keeps: inside })} />
          <path className={css.clipped} d={areaPath(points, extent, { log, keeps: (x) => !inside(x) })} />
          {reach?.low !== undefined && place(reach.low) > 0 ? (
            <rect x={0} y={0} height={100} width={10 * place(reach.low)} fill={`url(#${stripes})`} />
          ) : null}
          {reach && place(reach.high) < 100 ? (
            <rect
              x={10 * place(reach.high)}
              y={0}
              height={100}
              width={1000 - 10 * place(reach.high)}
              fill={`url(#${stripes})`}
            />
          ) : null}
        </svg>
        {ends.map((x) => (
          <span key={x} className={css.end} style={{ left: `${place(x)}%` }} />
        ))}
        {step && next ? (
          <output className={css.over}>
            {stepText(shortReal(step.x), shortReal(next.x), step.count ?? 0)}
          </output>
        ) : null}
      </div>
      <div className={css.axis} aria-hidden="true">
        {evenTicks(low, high, 4).map((x) => (
          <span key={x} style={{ left: `${place(x)}%` }}>
            {shortReal(x)}
          </span>
        ))}
      </div>
    </figure>
  );
}
