import type { Plan } from "../../../core/plan/plan.ts";
import type { WarmUpPolicy } from "../../../core/stream/analysis.ts";
import type { StartReport } from "../../../engine/reports.ts";
import type { Conversion } from "../../../worker/protocol.ts";
import { framesPerSecond } from "../plots/rows.ts";

/** How many first frames are wrong if nothing is done: the proven bound, in milliseconds too where the rate is known. */
export type WrongBound =
  | { readonly kind: "endless" }
  | { readonly kind: "frames"; readonly numbers: { readonly n: number } }
  | { readonly kind: "time"; readonly numbers: { readonly n: number; readonly ms: number } };

export function boundOf({ wrongFrames, wrongInputFrames }: StartReport, plan: Plan): WrongBound {
  if (!Number.isFinite(wrongFrames)) return { kind: "endless" };
  const perSecond = framesPerSecond(plan.features);
  if (perSecond === undefined) return { kind: "frames", numbers: { n: wrongFrames } };
  const ms = Math.ceil((1000 * wrongInputFrames) / perSecond);
  return { kind: "time", numbers: { n: wrongFrames, ms } };
}

/** What the policy of a conversion costs: steps and delay, counted. */
export function costOfStart(streaming: Conversion): {
  readonly policy: WarmUpPolicy;
  readonly numbers: { readonly n: number; readonly delay: number };
} {
  const { policy, wrongFrames } = streaming.warmUp;
  const caches = streaming.modules.flatMap((m) => m.caches);
  const counts: Readonly<Record<WarmUpPolicy, number>> = {
    "causal-free": 0,
    hold: Math.max(0, ...caches.map((c) => c.holdSteps ?? 0)),
    mask: caches.reduce((n, c) => n + c.readers.filter((r) => r.use === "position").length, 0),
    "two-graph": Math.max(0, ...streaming.modules.map((m) => m.startRuns)),
    ignore: wrongFrames,
  };
  const delay = Math.max(0, ...streaming.outputs.map((p) => p.delay));
  return { policy, numbers: { n: counts[policy], delay } };
}
