import type { Plan } from "../../core/plan/plan.ts";
import type { Conversion } from "../../worker/protocol.ts";
import { frameMs } from "./time-marks.ts";

/** What the streaming model costs, as far as it can be told before it runs. */
export interface StreamTotals {
  /** Of the latest output, in model-input frames. */
  readonly delayFrames: number;
  readonly delayMs?: number;
  readonly cacheBytes: number;
  readonly weightBytes: number;
  /** Weights, caches and activations of one run of the largest module. */
  readonly peakBytes: number;
  readonly modules: readonly { readonly name: string; readonly bytes: number }[];
}

/** Totals of a conversion; undefined without outputs. */
export function streamTotals(
  plan: Pick<Plan, "axes" | "features">,
  streaming: Pick<Conversion, "outputs" | "modules"> | undefined,
): StreamTotals | undefined {
  if (!streaming || streaming.outputs.length === 0) return undefined;
  const inputFrames = streaming.outputs.map((p) =>
    p.kind === "stream" ? Math.ceil((p.delay * p.rate.den) / p.rate.num) : p.delay,
  );
  const delayFrames = Math.max(0, ...inputFrames);
  const ms = frameMs(plan);
  const sum = (part: "cacheBytes" | "weightBytes") => streaming.modules.reduce((n, m) => n + m.cost[part], 0);
  const modules = streaming.modules.map(({ name, cost }) => ({
    name,
    bytes: cost.weightBytes + cost.cacheBytes + cost.activationBytes,
  }));
  return {
    delayFrames,
    ...(ms !== undefined && { delayMs: delayFrames * ms }),
    cacheBytes: sum("cacheBytes"),
    weightBytes: sum("weightBytes"),
    peakBytes: Math.max(0, ...modules.map((m) => m.bytes)),
    modules,
  };
}
