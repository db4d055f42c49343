import type { Plan } from "../../../core/plan/plan.ts";
import type { Cache } from "../../../core/stream/module.ts";
import type { AnalysisReport } from "../../../engine/reports.ts";
import { type CacheEdge, cacheEdges, proposalsOf } from "../../../state/select/marks.ts";
import type { Conversion } from "../../../worker/protocol.ts";

export interface CacheRow {
  readonly value: string;
  readonly state: CacheEdge["state"];
  readonly frames: number;
  readonly bytes: number;
  readonly delay: number;
  readonly readers: Cache["readers"];
}

/** The cache table: what was proposed or marked, with the bytes of the present conversion where it has them. */
export function cacheRows(
  plan: Plan,
  report: AnalysisReport,
  streaming: Conversion | undefined,
): readonly CacheRow[] {
  const made = new Map<string, number>();
  for (const module of streaming?.modules ?? []) {
    for (const cache of module.caches)
      if (cache.kind === "window") made.set(cache.value, (made.get(cache.value) ?? 0) + bytesOf(cache));
  }
  return cacheEdges(plan, proposalsOf(plan, report, streaming)).map((edge) => {
    const { proposal } = edge;
    const perFrame = proposal && proposal.frames > 0 ? proposal.bytes / proposal.frames : 0;
    return {
      value: edge.value,
      state: edge.state,
      frames: edge.frames,
      bytes: edge.state === "removed" ? 0 : (made.get(edge.value) ?? perFrame * edge.frames),
      delay: proposal?.delay ?? 0,
      readers: proposal?.readers ?? [],
    };
  });
}

const BYTES: Readonly<Partial<Record<Cache["dtype"], number>>> = {
  int8: 1,
  uint8: 1,
  float16: 2,
  int64: 8,
  float64: 8,
};

function bytesOf(cache: Cache): number {
  return cache.shape.reduce((n, d) => n * d, 1) * (BYTES[cache.dtype] ?? 4);
}

export interface CacheTotals {
  readonly kept: number;
  readonly open: number;
  readonly removed: number;
  readonly bytes: number;
}

export function cacheTotals(rows: readonly CacheRow[]): CacheTotals {
  return {
    kept: rows.filter((r) => r.state !== "removed").length,
    open: rows.filter((r) => r.state === "proposed").length,
    removed: rows.filter((r) => r.state === "removed").length,
    bytes: rows.reduce((sum, r) => sum + r.bytes, 0),
  };
}
