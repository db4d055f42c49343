import { DARK, LIGHT } from "../graph/palette.ts";
import css from "./GraphLegend.module.css";
import { heatEdges, heatMap } from "./heat-map.ts";
import { useResult, useStudio, useText, useView } from "./studio-context.ts";
import { useThemeName } from "./theme.ts";

/** Thresholds that can be set, in dB. */
const LOWEST_DB = 5;
const HIGHEST_DB = 60;

/** The scale of the heat map in dB, and a threshold below which errors are shown. */
export function HeatLegend() {
  const { view } = useStudio();
  const summary = useResult("open");
  const comparison = useResult("compare");
  const examined = useResult("examine");
  const overlay = useView((v) => v.overlay);
  const below = useView((v) => v.heatBelowDb);
  const theme = useThemeName(useView((v) => v.theme));
  const { t } = useText();
  const map = summary && heatMap({ summary, comparison, examined, overlay });
  if (!map || (overlay !== "sqnr" && overlay !== "own")) return null;
  const colors = [...(theme === "dark" ? DARK : LIGHT).heat].reverse();
  const edges = heatEdges(colors.length);
  const shown = map.heatBelow(below).size;
  return (
    <section className={css.heat} aria-label={t(`legend.heat.${overlay}`)} data-testid="heat-legend">
      <span>{t(`legend.heat.${overlay}`)}</span>
      <ol className={css.scale}>
        {colors.map((color, i) => (
          <li key={color}>
            <span className={css.swatch} style={{ background: color }} aria-hidden="true" />
            {scaleText(edges, i)}
          </li>
        ))}
      </ol>
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
      <span className={css.count}>{t("legend.heat.hidden", { n: shown, of: map.nodes.size })}</span>
    </section>
  );
}

/** "< 14", "14–23", …, "≥ 41 dB": the worst stands first. */
function scaleText(edges: readonly number[], i: number): string {
  const [low, high] = [edges[i - 1], edges[i]];
  if (low === undefined) return `< ${high} dB`;
  return high === undefined ? `≥ ${low} dB` : `${low}–${high}`;
}
