import type { Statistic } from "../../../core/quant/statistic.ts";
import type { RangeChoice } from "../../../worker/protocol.ts";
import { useText } from "../../app/studio-context.ts";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import { Facts } from "../../widgets/Section.tsx";
import { signed } from "./grid-text.ts";

/** Numbers beside the picture: what was seen, and what the integers make of it. */
export function RangeFacts(props: {
  readonly statistic: Statistic;
  readonly shown: RangeChoice | undefined;
}) {
  const { t, count, percent } = useText();
  const { min, max, sum, sumSquares, count: n } = props.statistic;
  const { shown } = props;
  const seen = [
    [t("distribution.seen"), `${shortReal(min)} … ${shortReal(max)}`],
    [t("distribution.spread"), `${shortReal(sum / n)}, ${shortReal(Math.sqrt(sumSquares / n))}`],
  ] as const;
  if (!shown) return <Facts facts={seen} />;
  const { exponent, step, zeroPoint, dtype } = shown;
  const rms = (x: number): string => t("distribution.rms", { x: shortReal(x) });
  return (
    <Facts
      facts={[
        ...seen,
        exponent === undefined
          ? [t("distribution.scale"), `${shortReal(step)} · ${signed(zeroPoint)} · ${dtype}`]
          : [t("distribution.exponent"), `${signed(exponent)} · ${dtype}`],
        [t("distribution.stepSize"), shortReal(step)],
        [t("distribution.reach"), `${shortReal(shown.low)} … ${shortReal(shown.high)}`],
        [
          t("distribution.clipped"),
          t("distribution.clippedOf", { share: percent(shown.clipped), n: count(n) }),
        ],
        [t("distribution.rounding"), rms(shown.roundingRms)],
        ...(shown.clippingRms > 0 ? [[t("distribution.clipping"), rms(shown.clippingRms)] as const] : []),
        [t("distribution.sqnr"), decibels(shown.sqnrDb)],
        [t("distribution.used"), t("distribution.usedOf", { n: count(shown.used), of: count(shown.levels) })],
      ]}
    />
  );
}
