import type { ReactNode } from "react";
import { isChip } from "../../../state/select/chips.ts";
import type { Overlay } from "../../../state/view.ts";
import { DARK, LIGHT } from "../../graph/palette.ts";
import css from "../GraphLegend.module.css";
import { useStudio, useTarget, useText, useView } from "../studio-context.ts";
import { useThemeName } from "../theme.ts";
import { useFits } from "../use-fits.ts";
import type { HeatMap } from "./heat-map.ts";
import { useHeatMap } from "./use-heat-map.ts";

/** Thresholds that can be set, in dB. */
const LOWEST_DB = 5;
const HIGHEST_DB = 60;

/** The scale of the heat map with its unit, and for errors a threshold below which they are shown. */
export function HeatLegend() {
  const overlay = useView((v) => v.overlay);
  const map = useHeatMap();
  if (overlay === "support") return <SupportLegend>{map ? <Scale map={map} /> : null}</SupportLegend>;
  return map ? <Scale map={map} /> : <Missing overlay={overlay} />;
}

/** What must be done before there is anything to colour by. */
function Missing({ overlay }: { readonly overlay: Overlay }) {
  const target = useTarget();
  const { t } = useText();
  const ofChip = overlay === "own" || overlay === "exponent";
  if (!ofChip && overlay !== "sqnr" && overlay !== "divergence") return null;
  const key = ofChip && !isChip(target) ? "legend.heat.needsChip" : "legend.heat.needsCompare";
  return <section className={css.heat}>{t(key)}</section>;
}

/** Asks the chips as long as their answer is shown. */
function SupportLegend({ children }: { readonly children: ReactNode }) {
  useFits();
  const target = useTarget();
  const { t } = useText();
  if (isChip(target)) return children;
  return <section className={css.heat}>{t("legend.heat.noChip")}</section>;
}

function Scale({ map }: { readonly map: HeatMap }) {
  const theme = useThemeName(useView((v) => v.theme));
  const { t } = useText();
  const { kind } = map;
  const colors = [...(theme === "dark" ? DARK : LIGHT).heat].reverse();
  const scale = map.scale(colors.length);
  return (
    <section className={css.heat} aria-label={t(`legend.heat.${kind}`)} data-testid="heat-legend">
      <span>{t(`legend.heat.${kind}`)}</span>
      <ol className={css.scale}>
        {colors.map((color, i) =>
          scale[i] === "" ? null : (
            <li key={color}>
              <span className={css.swatch} style={{ background: color }} aria-hidden="true" />
              {scale[i]}
            </li>
          ),
        )}
      </ol>
      {map.threshold ? <Threshold map={map} /> : null}
    </section>
  );
}

/** Only what is worse than this stays coloured. */
function Threshold({ map }: { readonly map: HeatMap }) {
  const { view } = useStudio();
  const below = useView((v) => v.heatBelowDb);
  const { t } = useText();
  return (
    <>
      <label className={css.threshold}>
        {t("legend.heat.below")}
        <input
          type="range"
          min={LOWEST_DB}
          max={HIGHEST_DB}
          step={5}
          value={below ?? HIGHEST_DB}
          aria-valuetext={below === undefined ? t("legend.heat.all") : `${below} dB`}
          onChange={(event) => {
            const db = Number(event.currentTarget.value);
            view.setState({ heatBelowDb: db < HIGHEST_DB ? db : undefined });
          }}
        />
        <output>{below === undefined ? t("legend.heat.all") : `${below} dB`}</output>
      </label>
      <span>{t("legend.heat.hidden", { n: map.heatBelow(below).size, of: map.nodes.size })}</span>
    </>
  );
}
