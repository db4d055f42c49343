import type { FeatureSettings } from "../../../core/plan/plan.ts";
import type { ErrorTrace } from "../../../engine/reports.ts";
import type { Comparison, Waveform } from "../../../worker/protocol.ts";

export interface TraceRow {
  readonly id: string;
  readonly kind: "parity" | "int8";
  readonly trace: ErrorTrace;
}

/** Traces of both comparisons, one of a value beside the other. */
export function traceRows({ parity, quantization }: Comparison): readonly TraceRow[] {
  const int8 = quantization.traces.map((trace) => ({
    id: `int8/${trace.value}`,
    kind: "int8" as const,
    trace,
  }));
  const float = parity.traces.map((trace) => ({
    id: `parity/${trace.value}`,
    kind: "parity" as const,
    trace,
  }));
  return [...int8, ...float];
}

/** Frames of the model's input per second of audio; undefined when the rate is not known. */
export function framesPerSecond(features: Readonly<Record<string, FeatureSettings>>): number | undefined {
  const first = Object.values(features)[0];
  if (!first || first.kind === "tensor" || first.rateHz <= 0) return undefined;
  return first.rateHz / first.hopSamples;
}

/** Most clip starts that are drawn; more would be a wall. */
const MOST_STARTS = 24;

/** Where clips begin on the plots' x axis; the first begins at the axis itself. */
export function clipStarts(waveform: Waveform | undefined, framesPerX: number) {
  const starts = (waveform?.starts ?? []).slice(1);
  if (starts.length > MOST_STARTS) return [];
  return starts.map(({ file, frame }) => ({ label: file, x: frame / framesPerX }));
}
