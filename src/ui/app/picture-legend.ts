import type { LegendRow } from "../graph/export/legend-block.ts";
import type { GraphMarks } from "../graph/graph-marks.ts";
import type { GraphScene } from "../graph/graph-scene.ts";
import { OP_FAMILIES } from "../graph/op-family.ts";
import type { Palette } from "../graph/palette.ts";
import type { Text } from "../i18n/text.ts";
import type { HeatMap } from "./heat/heat-map.ts";

interface LegendSources {
  readonly scene: GraphScene;
  readonly marks: GraphMarks;
  readonly heat: HeatMap | undefined;
  readonly palette: Palette;
}

/** What colours, signs and lines of the graph mean, as far as they occur. */
export function pictureLegend(sources: LegendSources, t: Text["t"]): readonly LegendRow[] {
  return [...families(sources, t), ...markRows(sources, t), ...timeRows(sources, t), ...heatRows(sources, t)];
}

function families({ scene, palette }: LegendSources, t: Text["t"]): readonly LegendRow[] {
  const shown = new Set(scene.nodes.map((n) => n.family));
  return OP_FAMILIES.filter((f) => shown.has(f)).map((family) => ({
    look: { kind: "swatch", color: palette.family[family] },
    text: t(`legend.family.${family}`),
  }));
}

function markRows({ marks, palette }: LegendSources, t: Text["t"]): readonly LegendRow[] {
  const { cache, split, bad, approximate } = palette;
  const states = new Set([...marks.caches.values()].map((mark) => mark.state));
  const modules = [...new Set(marks.moduleOf.values())].sort((a, b) => a - b);
  const rows: readonly (readonly [shown: boolean, row: LegendRow])[] = [
    [
      states.has("accepted") || states.has("forced"),
      { look: { kind: "sign", sign: "▣", color: cache }, text: t("legend.cache") },
    ],
    [
      states.has("proposed"),
      {
        look: { kind: "line", stroke: { color: cache, width: 3, dash: [4, 3] } },
        text: t("legend.cacheProposed"),
      },
    ],
    [marks.splits.size > 0, { look: { kind: "sign", sign: "✂", color: split }, text: t("legend.split") }],
    [marks.refused.size > 0, { look: { kind: "sign", sign: "⊘", color: bad }, text: t("legend.refused") }],
    [
      marks.approximate.size > 0,
      { look: { kind: "sign", sign: "≈", color: approximate }, text: t("legend.approximate") },
    ],
  ];
  return [
    ...rows.flatMap(([shown, row]) => (shown ? [row] : [])),
    ...modules.map((module): LegendRow => {
      const color = palette.modules[module % palette.modules.length] ?? palette.surface;
      return { look: { kind: "swatch", color }, text: t("legend.module", { n: module + 1 }) };
    }),
  ];
}

function timeRows({ marks, palette }: LegendSources, t: Text["t"]): readonly LegendRow[] {
  if (!marks.times) return [];
  const color = palette.accent;
  return [
    { look: { kind: "sign", sign: "t", color }, text: t("legend.axis") },
    { look: { kind: "sign", sign: "×", color: palette.text }, text: t("legend.rate") },
    { look: { kind: "line", stroke: { color, width: 3 } }, text: t("legend.delay") },
    {
      look: { kind: "line", stroke: { color: palette.text, width: 2, dash: [2, 3] } },
      text: t("fact.perStep"),
    },
  ];
}

function heatRows({ heat, palette }: LegendSources, t: Text["t"]): readonly LegendRow[] {
  if (!heat) return [];
  const colors = [...palette.heat].reverse();
  const scale = heat.scale(colors.length);
  const name = t(`legend.heat.${heat.kind}`);
  return colors.flatMap((color, i) => {
    const text = scale[i] ?? "";
    return text === "" ? [] : [{ look: { kind: "swatch", color }, text: `${name} ${text}` } as const];
  });
}
