import type { CacheMark } from "../core/plan/plan.ts";
import { clearCache, markCache, markCaches } from "./document.ts";
import { proposalsOf } from "./select/marks.ts";
import type { Studio } from "./studio.ts";

/** Proposed → accepted → removed → proposed; a value without a proposal gets one frame by force, or loses it. */
export function toggleCache(studio: Studio, value: string): void {
  const { document } = studio;
  const mark = document.getState().present.caches[value];
  const proposed = proposedBy(studio).has(value);
  if (mark && (mark.state === "removed" || !proposed)) clearCache(document, value);
  else if (!proposed) markCache(document, value, { state: "forced", frames: 1 });
  else markCache(document, value, { state: mark ? "removed" : "accepted" });
}

/**
 * The same for several values at once, as one step: all are accepted; if they are, all are removed; if they are, all are as
 * proposed. Where some of the values need a cache or have one, the others are left alone.
 */
export function toggleCaches(studio: Studio, values: readonly string[]): void {
  const [only, ...more] = values;
  if (only === undefined) return;
  if (more.length === 0) {
    toggleCache(studio, only);
    return;
  }
  const { caches } = studio.document.getState().present;
  const proposed = proposedBy(studio);
  const concerned = values.filter((v) => proposed.has(v) || v in caches);
  const all = concerned.length > 0 ? concerned : values;
  const every = (...states: readonly CacheMark["state"][]) =>
    all.every((v) => states.some((state) => caches[v]?.state === state));
  const next = (value: string): CacheMark | undefined => {
    if (every("removed")) return undefined;
    if (every("accepted", "forced")) return proposed.has(value) ? { state: "removed" } : undefined;
    const mark = caches[value];
    if (mark?.state === "forced") return mark;
    return proposed.has(value) ? { state: "accepted" } : { state: "forced", frames: 1 };
  };
  markCaches(studio.document, new Map(all.map((value) => [value, next(value)])));
}

function proposedBy({ document, stages }: Studio): ReadonlySet<string> {
  const analysis = stages.analyse.store.getState().result;
  const conversion = stages.convert.store.getState().result;
  return new Set(proposalsOf(document.getState().present, analysis, conversion).map((p) => p.value));
}
