import type { ValueName } from "../../core/ir/graph.ts";
import type { LabelPiece } from "./edge-label.ts";
import { middleEllipsis, shortValueName } from "./node-text.ts";

/** What the graph tells of a value's time. */
export interface TimeMark {
  readonly kind: "stream" | "perStep" | "static" | "unknown";
  readonly axis?: number;
  /** Frames per model-input frame, such as "1/2"; empty if 1. */
  readonly rate: string;
  /** Frames by which it lags offline, in its own frames. */
  readonly delay: number;
  /** The same in milliseconds, where the input's frames have a duration. */
  readonly delayMs?: number;
  readonly approximate: boolean;
}

export type TimeMarks = ReadonlyMap<ValueName, TimeMark>;

const NAME_WIDTH = 110;

/** "⏱2 ×1/2 ◷3 30 ms ≈": axis, rate, delay, fidelity; without what says nothing new. Empty for what does not move. */
export function timePieces({ kind, axis, rate, delay, delayMs, approximate }: TimeMark): LabelPiece[] {
  if (kind === "static" || kind === "unknown") return [];
  const ms = delayMs === undefined ? "" : ` ${millisecondsText(delayMs)}`;
  const late = delay > 0 ? `◷${delay}${ms}` : "";
  const parts: LabelPiece[] = [
    { text: kind === "perStep" ? "1/step" : `t${axis ?? "?"}`, kind: "time" },
    ...(rate === "" ? [] : [{ text: `×${rate}`, kind: "dimension" } as const]),
    ...(late === "" ? [] : [{ text: late, kind: "time" } as const]),
    ...(approximate ? [{ text: "≈", kind: "dimension" } as const] : []),
  ];
  return parts.map((part, i) => (i === 0 ? part : { ...part, text: ` ${part.text}` }));
}

/** What is worth a label from afar: rates and delays, not that time is where it always is. */
export function telling({ rate, delay, kind, approximate }: TimeMark): boolean {
  return rate !== "" || delay > 0 || kind === "perStep" || approximate;
}

/** Name and time of a value. */
export function namedTimePieces(
  name: string,
  mark: TimeMark,
  measure: (text: string) => number,
): readonly LabelPiece[] {
  const pieces = timePieces(mark);
  if (pieces.length === 0) return [];
  const short = middleEllipsis(shortValueName(name), NAME_WIDTH, measure);
  return [{ text: `${short} `, kind: "name" }, ...pieces];
}

/** "30 ms", with a decimal below 10. */
export function millisecondsText(ms: number): string {
  return `${ms < 10 && ms % 1 !== 0 ? ms.toFixed(1) : Math.round(ms)}\u00a0ms`;
}
