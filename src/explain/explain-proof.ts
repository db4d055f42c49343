import type { CheckReason, CheckVerdict, Divergence } from "../core/proof/proof.ts";
import type { ExplainLanguage } from "./catalogue.ts";
import { en } from "./en.ts";
import { PROOF_TEXTS } from "./proof-texts.ts";
import { zhCN } from "./zh-cn.ts";

const PROBED = { en: en.probed, "zh-CN": zhCN.probed } as const;

/** Why a check was not run, or what failed, in a few words. */
export function explainReason(reason: CheckReason, language: ExplainLanguage): string {
  const texts = PROOF_TEXTS[language];
  return filled(texts.reasons[reason.code], {
    ...reason,
    ...(reason.code === "notRepeated" && { how: texts.repetitions[reason.how] }),
    ...(reason.code === "originalNotRun" && { why: texts.notRun[reason.why] }),
    ...(reason.code === "probeDisagrees" && { fact: PROBED[language][reason.fact] }),
  });
}

/** The first value that differed, with both numbers. */
export function explainDivergence(first: Divergence, language: ExplainLanguage): string {
  const { divergence, place } = PROOF_TEXTS[language];
  const { offline, streaming } = first;
  const where = { ...first, op: first.op ?? "–" };
  if (offline === undefined || streaming === undefined) return filled(place, where);
  return filled(divergence, { ...where, offline: numberText(offline), streaming: numberText(streaming) });
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
