import { clearCache, markCache } from "./document.ts";
import { proposalsOf } from "./select/marks.ts";
import type { Studio } from "./studio.ts";

/** Proposed → accepted → removed → proposed; a value without a proposal gets one frame by force, or loses it. */
export function toggleCache({ document, stages }: Studio, value: string): void {
  const plan = document.getState().present;
  const mark = plan.caches[value];
  const analysis = stages.analyse.store.getState().result;
  const conversion = stages.convert.store.getState().result;
  const proposed = proposalsOf(plan, analysis, conversion).some((p) => p.value === value);
  if (mark && (mark.state === "removed" || !proposed)) clearCache(document, value);
  else if (!proposed) markCache(document, value, { state: "forced", frames: 1 });
  else markCache(document, value, { state: mark ? "removed" : "accepted" });
}
