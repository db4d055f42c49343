import type { FeatureSettings, Plan } from "../../core/plan/plan.ts";
import type { StreamFact } from "../../core/stream/fact.ts";
import type { AnalysisReport } from "../../engine/reports.ts";
import type { Conversion } from "../../worker/protocol.ts";
import type { TimeMark, TimeMarks } from "../graph/time-label.ts";

/** How time runs on every value, with delays in milliseconds where the input's frames have a duration. */
export function timeMarks(
  plan: Pick<Plan, "axes" | "features">,
  { facts }: Pick<AnalysisReport, "facts">,
  streaming: Pick<Conversion, "outputs"> | undefined,
): TimeMarks {
  const ms = frameMs(plan);
  const approximate = new Set(
    (streaming?.outputs ?? []).filter((p) => p.exact.kind === "approximate").map((p) => p.name),
  );
  return new Map(
    [...facts].map(([value, fact]) => {
      const mark = markOf(fact, ms);
      return [value, approximate.has(value) ? { ...mark, approximate: true } : mark] as const;
    }),
  );
}

function markOf(fact: StreamFact, ms: number | undefined): TimeMark {
  if (fact.kind === "static") return { kind: "static", rate: "", delay: 0, approximate: false };
  const { num, den } = fact.rate;
  const inputFrames = (fact.delay * den) / num;
  return {
    kind: fact.kind,
    ...(fact.kind === "stream" && { axis: fact.axis }),
    rate: num === den ? "" : den === 1 ? `${num}` : `${num}/${den}`,
    delay: fact.delay,
    ...(ms !== undefined && { delayMs: inputFrames * ms }),
    approximate: fact.exact.kind === "approximate",
  };
}

/** Milliseconds between two frames of the first streaming input; undefined for ready-made tensors. */
export function frameMs({ axes, features }: Pick<Plan, "axes" | "features">): number | undefined {
  const [input = ""] = Object.keys(axes);
  const settings: FeatureSettings | undefined = features[input];
  if (!settings || settings.kind === "tensor" || settings.rateHz <= 0) return undefined;
  return (1000 * settings.hopSamples) / settings.rateHz;
}
