import type { CheckVerdict, ProofReport } from "../../../core/proof/proof.ts";
import type { ErrorSummary, ParityReport, QuantizationReport } from "../../../engine/reports.ts";
import { decibels } from "../../widgets/numbers.ts";

/** The worst output: largest error relative to its range. */
export function worstOutput(outputs: readonly ErrorSummary[]): ErrorSummary | undefined {
  return outputs.reduce<ErrorSummary | undefined>(
    (w, o) => (w && w.maxRelative >= o.maxRelative ? w : o),
    undefined,
  );
}

/** The value with the least SQNR. */
export function noisiest(values: readonly ErrorSummary[]): ErrorSummary | undefined {
  return values.reduce<ErrorSummary | undefined>((w, v) => (w && w.sqnrDb <= v.sqnrDb ? w : v), undefined);
}

/** SQNR below which a result is pointed out; 20 dB is a tenth of the signal's amplitude. */
export const LOW_SQNR_DB = 20;

export type Tone = "ok" | "warn" | "bad";

export function parityTone(parity: ParityReport): Tone {
  return parity.verdict === "exact" ? "ok" : parity.verdict === "approximate" ? "warn" : "bad";
}

export function quantTone(quantization: QuantizationReport): Tone {
  const least = noisiest(quantization.outputs);
  return least && least.sqnrDb < LOW_SQNR_DB ? "warn" : "ok";
}

/** A proof in part is worth a look. */
export function proofTone({ verdict }: ProofReport): Tone {
  return verdict === "passed" ? "ok" : verdict === "failed" ? "bad" : "warn";
}

/** What was not applicable says nothing. */
export function checkTone({ status }: CheckVerdict): Tone | "neutral" {
  return ({ passed: "ok", failed: "bad", skipped: "warn", notApplicable: "neutral" } as const)[status];
}

/** Streaming int8 must equal offline int8; what differs must have a cause. */
export function integerTone({ integerParity }: QuantizationReport): Tone {
  if (integerParity.different === 0) return "ok";
  return integerParity.differences.some((d) => d.cause === "unknown") ? "bad" : "warn";
}

/** Bars that a plot of a drawer's width can tell apart. */
const MOST_BARS = 120;

/** Bars of SQNR of the noisiest values, in graph order. Equal values (∞ dB) are drawn at the top of the scale. */
export function sqnrBars(values: readonly ErrorSummary[], order: readonly string[]) {
  const rank = new Map(order.map((value, i) => [value, i]));
  const shown = [...values].sort((a, b) => a.sqnrDb - b.sqnrDb).slice(0, MOST_BARS);
  const finite = values.filter((v) => Number.isFinite(v.sqnrDb)).map((v) => v.sqnrDb);
  const top = Math.max(10, ...finite);
  return shown
    .sort((a, b) => (rank.get(a.value) ?? 0) - (rank.get(b.value) ?? 0))
    .map(({ value, sqnrDb }) => ({
      id: value,
      label: value,
      value: Number.isFinite(sqnrDb) ? sqnrDb : top,
      text: decibels(sqnrDb),
    }));
}

/** Names that stand below the bars. */
const MOST_NAMED = 4;

/** The noisiest values, worst first. */
export function noisiestFew(values: readonly ErrorSummary[]): readonly ErrorSummary[] {
  return values
    .filter((v) => Number.isFinite(v.sqnrDb))
    .sort((a, b) => a.sqnrDb - b.sqnrDb)
    .slice(0, MOST_NAMED);
}
