import type { CheckReason, CheckVerdict, Divergence } from "../core/proof/proof.ts";
import type { ExplainLanguage } from "./catalogue.ts";
import { PROOF_TEXTS } from "./proof-texts.ts";

/** Why a check was not run, or what failed, in a few words. */
export function explainReason(reason: CheckReason, language: ExplainLanguage): string {
  const texts = PROOF_TEXTS[language];
  const how = reason.code === "notRepeated" ? { how: texts.repetitions[reason.how] } : {};
  return filled(texts.reasons[reason.code], { ...reason, ...how });
}

/** The first value that differed, with both numbers. */
export function explainDivergence(first: Divergence, language: ExplainLanguage): string {
  return filled(PROOF_TEXTS[language].divergence, {
    ...first,
    op: first.op ?? "–",
    offline: numberText(first.offline),
    streaming: numberText(first.streaming),
  });
}

/** Reason and first difference of a verdict, as far as it has them. */
export function explainVerdict({ reason, first }: CheckVerdict, language: ExplainLanguage): string {
  const parts = [
    ...(reason ? [explainReason(reason, language)] : []),
    ...(first ? [explainDivergence(first, language)] : []),
  ];
  return parts.join("; ");
}

function numberText(x: number): string {
  return Number.isInteger(x) || !Number.isFinite(x) ? String(x) : x.toPrecision(6);
}

function filled(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? "–"));
}
