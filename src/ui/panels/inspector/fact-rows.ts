import type { Exactness, Junk, StreamFact } from "../../../core/stream/fact.ts";
import type { Text } from "../../i18n/text.ts";
import { shortReal } from "../../widgets/numbers.ts";

type Row = readonly [name: string, value: string];

/** What is known of how time runs on a value, in words. `frameMs`: between two frames of the model input, if known. */
export function factRows(
  fact: StreamFact | undefined,
  frameMs: number | undefined,
  text: Text,
): readonly Row[] {
  const { t } = text;
  if (!fact) return [];
  if (fact.kind === "static") return [[t("fact.time"), t("fact.static")]];
  const { num, den } = fact.rate;
  const duration = (frames: number) =>
    frameMs === undefined ? "" : ` (${Number(((frames * den * frameMs) / num).toFixed(1))}\u00a0ms)`;
  const reach = (frames: number) =>
    Number.isFinite(frames) ? t("unit.frames", { n: Math.round(100 * frames) / 100 }) : t("fact.everything");
  return [
    [t("fact.time"), fact.kind === "stream" ? t("axis.option", { axis: fact.axis }) : t("fact.perStep")],
    [t("fact.rate"), den === 1 ? String(num) : `${num}/${den}`],
    [t("fact.delay"), `${t("unit.frames", { n: fact.delay })}${fact.delay > 0 ? duration(fact.delay) : ""}`],
    [t("fact.past"), reach(fact.field.past)],
    [t("fact.future"), reach(fact.field.future)],
    ...(fact.kind === "stream" ? [[t("fact.junk"), junkText(fact.junk, fact.delay, text)] as const] : []),
    [t("fact.exact"), t(`exact.${fact.exact.kind}`)],
    ...reasonRows(fact.exact, text),
  ];
}

function junkText(junk: Junk, delay: number, { t }: Text): string {
  const n = t("unit.frames", { n: delay });
  if (junk.kind === "const") return t("fact.junkConst", { n, value: shortReal(junk.value) });
  return junk.kind === "none" ? t("fact.junkNone") : t("fact.junkDirty", { n });
}

function reasonRows(exact: Exactness, text: Text): readonly Row[] {
  const { t } = text;
  if (exact.kind === "exact") return [];
  const { reason } = exact;
  if (reason === "cacheRemoved" || reason === "startIgnored") return [[t("fact.why"), t(`fact.${reason}`)]];
  return [[t("fact.why"), reason]];
}
