import type { ReactNode } from "react";
import { CALIBRATION_METHODS } from "../../../core/quant/scheme.ts";
import { explainReason } from "../../../explain/explain-proof.ts";
import { chipOf, integerWidth } from "../../../state/select/chips.ts";
import type { Comparison } from "../../../worker/protocol.ts";
import { useText } from "../../app/studio-context.ts";
import type { Text } from "../../i18n/text.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import { Facts, Note } from "../../widgets/Section.tsx";
import { shortName } from "../../widgets/short-name.ts";
import css from "./ResultsPanel.module.css";
import { integerTone, noisiest, parityTone, quantTone, type Tone, worstOutput } from "./rows.ts";

export interface VerdictCardsProps {
  readonly comparison: Comparison;

  readonly stale: boolean;
  readonly onSelect: (value: string) => void;
}

/** Three questions, three answers, each with its worst numbers. */
export function VerdictCards({ comparison, stale, onSelect }: VerdictCardsProps) {
  const { parity, quantization } = comparison;
  const { integerParity } = quantization;
  const text = useText();
  const { t, count, bytes } = text;
  const chip = chipOf(quantization.target)?.label;
  const bits = integerWidth(quantization);
  const own = parity.against === "file";
  const sentence = own
    ? (`results.own.${parity.verdict === "exact" ? "exact" : "different"}` as const)
    : parity.approximation
      ? "results.parity.approximated"
      : (`results.parity.${parity.verdict}` as const);
  const worst = worstOutput(parity.outputs);
  const least = noisiest(quantization.outputs);
  const layer = noisiest(quantization.values);
  const link = (value: string) => (
    <button type="button" className={css.link} onClick={() => onSelect(value)}>
      <code title={value}>{shortName(value, 22)}</code>
    </button>
  );
  return (
    <div className={css.cards} data-stale={stale}>
      <Card
        id="parity"
        tone={parityTone(parity)}
        title={t(own ? "results.own" : "results.parity")}
        verdict={t(`verdict.${parity.verdict}`)}
      >
        <p>
          {t(sentence, {
            error: shortReal(worst?.maxRelative ?? 0),
            n: parity.approximation?.nodes.length ?? 0,
          })}
        </p>
        {parity.verdict === "exact" && parity.original.form === "none" ? (
          <Note>
            {explainReason({ code: "originalNotRun", why: parity.original.why ?? "refused" }, text.language)}
          </Note>
        ) : null}
        <Facts
          facts={[
            [t("results.maxAbs"), shortReal(worst?.maxAbs ?? 0)],
            [
              t("results.maxRelative"),
              parity.approximation
                ? shortReal(worst?.maxRelative ?? 0)
                : `${shortReal(worst?.maxRelative ?? 0)} (≤ ${shortReal(parity.tolerance)})`,
            ],
            [t("results.frames"), count(parity.frames)],
            ...(parity.firstDivergent
              ? [[t("results.firstDivergent"), link(parity.firstDivergent.value)] as const]
              : []),
          ]}
        />
      </Card>
      <Card
        id="int8"
        tone={quantTone(quantization)}
        title={chip ? t("results.chip", { bits, chip }) : t("results.int8")}
        verdict={decibels(least?.sqnrDb ?? 0)}
      >
        <p>
          {t(chip ? "results.chip.sentence" : "results.int8.sentence", {
            bits,
            chip: chip ?? "",
            db: decibels(least?.sqnrDb ?? 0),
            method: methodName(quantization.method, text),
          })}
        </p>
        <Facts
          facts={[
            [t("results.maxAbs"), shortReal(least?.maxAbs ?? 0)],
            [t("results.cosine"), (least?.cosine ?? 1).toFixed(6)],
            [t("results.worstLayer"), layer ? link(layer.value) : "–"],
            [t("results.size"), `${bytes(quantization.floatBytes)} → ${bytes(quantization.quantizedBytes)}`],
          ]}
        />
        {quantization.quantizedBytes >= quantization.floatBytes ? <Note>{t("results.larger")}</Note> : null}
      </Card>
      <Card
        id="integer"
        tone={integerTone(quantization)}
        title={t(chip ? "results.chipInteger" : own ? "results.ownInteger" : "results.integer")}
        verdict={t(integerParity.different === 0 ? "verdict.equal" : "verdict.offByOne")}
      >
        <p>
          {integerParity.different === 0
            ? t("results.integer.equal", { n: count(integerParity.frames) })
            : t("results.integer.different", {
                n: count(integerParity.different),
                of: count(integerParity.elements),
              })}
        </p>
      </Card>
    </div>
  );
}

/** The method that was compared, which may no longer be the plan's. */
function methodName(id: string, { t }: Text): string {
  const method = CALIBRATION_METHODS.find((m) => m === id);
  return method ? t(`calibrate.method.${method}`) : id;
}

function Card(props: {
  readonly id: string;
  readonly tone: Tone;
  readonly title: string;
  readonly verdict: string;
  readonly children: ReactNode;
}) {
  return (
    <article className={css.card} data-tone={props.tone} data-testid={`verdict-${props.id}`}>
      <header>
        <h3>{props.title}</h3>
        <Badge tone={props.tone}>{props.verdict}</Badge>
      </header>
      {props.children}
    </article>
  );
}
