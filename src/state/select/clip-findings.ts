import { log10 } from "../../core/base/elementary.ts";
import type { Finding } from "../../core/base/problem.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { ClipInspection } from "../../worker/protocol.ts";

/** Peaks below −40 dB of full scale: a recording that went wrong rather than soft speech. */
const QUIET_PEAK = 0.01;

/** What is wrong with clips, or worth knowing before something is measured on them; of those left out, only what is broken. */
export function clipFindings(
  all: readonly ClipInspection[],
  { features, leftOut }: { readonly features: Plan["features"]; readonly leftOut: ReadonlySet<string> },
): readonly Finding[] {
  const inspections = all.filter((clip) => "problem" in clip || !leftOut.has(clip.file));
  const levels = inspections.flatMap((clip): Finding[] => {
    if ("problem" in clip) return [{ severity: "error", problem: clip.problem }];
    const { kind, peak, durationSeconds } = clip.summary;
    if (kind !== "audio" || durationSeconds === 0 || peak >= QUIET_PEAK) return [];
    const { file } = clip;
    if (peak === 0) return [{ severity: "warning", problem: { code: "audio.silent", file } }];
    return [{ severity: "warning", problem: { code: "audio.quiet", file, peakDb: 20 * log10(peak) } }];
  });
  return [...levels, ...conversions(inspections, features)];
}

/** One line for each pair of rates. */
function conversions(inspections: readonly ClipInspection[], features: Plan["features"]): Finding[] {
  const wanted = new Set(Object.values(features).flatMap((f) => (f.kind === "tensor" ? [] : [f.rateHz])));
  const byRate = new Map<number, string[]>();
  for (const clip of inspections) {
    if (!("summary" in clip) || clip.summary.kind !== "audio") continue;
    const { rateHz } = clip.summary;
    byRate.set(rateHz, [...(byRate.get(rateHz) ?? []), clip.file]);
  }
  return [...wanted].flatMap((needRateHz) =>
    [...byRate]
      .filter(([rateHz]) => rateHz !== needRateHz)
      .map(([rateHz, files]): Finding => {
        return { severity: "info", problem: { code: "audio.resampled", files, rateHz, needRateHz } };
      }),
  );
}
