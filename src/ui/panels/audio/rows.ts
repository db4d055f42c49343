import type { Problem } from "../../../core/base/problem.ts";
import type { FeatureSettings } from "../../../core/plan/plan.ts";
import type { ClipSummary } from "../../../engine/reports.ts";
import type { Clip } from "../../../state/session.ts";
import type { ClipInspection, NamedBlob } from "../../../worker/protocol.ts";

export interface ClipRow {
  readonly file: NamedBlob;
  readonly used: boolean;
  readonly summary?: ClipSummary;
  readonly problem?: Problem;
}

/** Clips with what the worker found in them, as far as it is known. */
export function clipRows(
  clips: readonly Clip[],
  inspections: readonly ClipInspection[] | undefined,
): readonly ClipRow[] {
  const known = new Map((inspections ?? []).map((i) => [i.file, i]));
  return clips.map(({ file, used }) => {
    const found = known.get(file.name);
    if (!found) return { file, used };
    return "summary" in found
      ? { file, used, summary: found.summary }
      : { file, used, problem: found.problem };
  });
}

/** Seconds of audio that will be used. */
export function usedSeconds(rows: readonly ClipRow[]): number {
  return rows.reduce((sum, row) => sum + (row.used ? (row.summary?.durationSeconds ?? 0) : 0), 0);
}

/** Fractions above which a clip is pointed out. */
export const CLIPPED_ALARM = 0.001;
export const SILENT_ALARM = 0.5;

type NumberKey = {
  [K in keyof FeatureSettings]: FeatureSettings[K] extends number ? K : never;
}[keyof FeatureSettings];

/** Number settings that a kind of features reads, in the order of the form. */
export function numberSettings(kind: FeatureSettings["kind"]): readonly Exclude<NumberKey, "power">[] {
  switch (kind) {
    case "tensor":
      return [];
    case "raw":
      return ["rateHz", "hopSamples"];
    case "stft":
      return ["rateHz", "hopSamples", "windowSamples", "fftSize"];
    case "logmel":
      return ["rateHz", "hopSamples", "windowSamples", "fftSize", "melBands", "lowHz", "highHz", "floor"];
    case "mfcc":
      return [
        "rateHz",
        "hopSamples",
        "windowSamples",
        "fftSize",
        "melBands",
        "coefficients",
        "lowHz",
        "highHz",
        "floor",
      ];
    default:
      return kind satisfies never;
  }
}
