import type { WeightChannel, WeightGrid } from "../../../engine/weight-grid.ts";
import { useText } from "../../app/studio-context.ts";
import type { Text } from "../../i18n/text.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { ChannelRanges } from "./ChannelRanges.tsx";
import css from "./Distribution.module.css";
import { signed } from "./grid-text.ts";

/** A weight as integers: exponents or scales, step, reach, what rounding loses; channel by channel where they differ. */
export function WeightGridView({ grid }: { readonly grid: WeightGrid }) {
  const text = useText();
  const { t } = text;
  const { channels, dtype, powers, sqnrDb } = grid;
  const [first] = channels;
  const worst = worstOf(channels);
  if (!first) return null;
  const several = channels.length > 1;
  return (
    <Section title={t("tensor.grid")}>
      <div data-testid="weight-grid" className={css.distribution}>
        <Facts
          facts={[
            [
              t(powers ? "tensor.exponents" : "distribution.scale"),
              powers
                ? `${span(channels, exponentOf, signed)} · ${dtype}`
                : `${span(channels, (c) => c.scale, shortReal)} · ${span(channels, (c) => c.zeroPoint, signed)} · ${dtype}`,
            ],
            [t("distribution.stepSize"), span(channels, (c) => c.scale, shortReal)],
            ...(several
              ? []
              : [
                  [t("distribution.seen"), `${shortReal(first.min)} … ${shortReal(first.max)}`] as const,
                  [t("distribution.reach"), `${shortReal(first.low)} … ${shortReal(first.high)}`] as const,
                ]),
            ...(sqnrDb === undefined ? [] : [["SQNR", decibels(sqnrDb)] as const]),
            ...(several && worst
              ? [
                  [
                    t("tensor.worst"),
                    t("tensor.worstOf", { db: decibels(worst.db), n: worst.channel }),
                  ] as const,
                ]
              : []),
          ]}
        />
        {grid.known === "expected" ? <Note>{t("tensor.expectedGrid")}</Note> : null}
        {several ? <ChannelRanges channels={channels} /> : null}
        {several ? <ChannelTable grid={grid} text={text} /> : null}
      </div>
    </Section>
  );
}

function ChannelTable({ grid, text }: { readonly grid: WeightGrid; readonly text: Text }) {
  const { t } = text;
  type Row = WeightChannel & { readonly index: number };
  const rows: readonly Row[] = grid.channels.map((channel, index) => ({ ...channel, index }));
  const column = (
    id: string,
    header: string,
    value: (r: Row) => number,
    cell: (r: Row) => string,
  ): Column<Row> => ({ id, header, align: "right", value, cell });
  const columns = [
    column(
      "channel",
      t("tensor.channel"),
      (r) => -r.index,
      (r) => String(r.index),
    ),
    column(
      "low",
      t("tensor.low"),
      (r) => r.min,
      (r) => shortReal(r.min),
    ),
    column(
      "high",
      t("tensor.high"),
      (r) => r.max,
      (r) => shortReal(r.max),
    ),
    grid.powers
      ? column(
          "exponent",
          t("distribution.exponent"),
          (r) => r.scale,
          (r) => signed(exponentOf(r)),
        )
      : column(
          "scale",
          t("tensor.scales"),
          (r) => r.scale,
          (r) => shortReal(r.scale),
        ),
    ...(grid.sqnrDb === undefined
      ? []
      : [
          column(
            "sqnr",
            "SQNR",
            (r) => r.sqnrDb ?? Number.NaN,
            (r) => decibels(r.sqnrDb ?? Number.NaN),
          ),
        ]),
  ];
  return (
    <details className={css.choices}>
      <summary>{t("tensor.channelTable")}</summary>
      <div className={css.scroll}>
        <DataTable
          label={t("tensor.channelTable")}
          testId="channel-table"
          columns={columns}
          rows={rows}
          rowKey={(r) => String(r.index)}
        />
      </div>
    </details>
  );
}

function exponentOf({ scale }: Pick<WeightChannel, "scale">): number {
  return Math.round(Math.log2(scale));
}

/** `−7`, `−9 … −6`. */
function span(
  channels: readonly WeightChannel[],
  of: (channel: WeightChannel) => number,
  text: (x: number) => string,
): string {
  const all = channels.map(of);
  const [low, high] = [
    all.reduce((m, x) => Math.min(m, x), Number.POSITIVE_INFINITY),
    all.reduce((m, x) => Math.max(m, x), Number.NEGATIVE_INFINITY),
  ];
  return low === high ? text(low) : `${text(low)} … ${text(high)}`;
}

function worstOf(channels: readonly WeightChannel[]) {
  let worst: { readonly db: number; readonly channel: number } | undefined;
  for (const [channel, { sqnrDb }] of channels.entries())
    if (sqnrDb !== undefined && sqnrDb < (worst?.db ?? Number.POSITIVE_INFINITY))
      worst = { db: sqnrDb, channel };
  return worst;
}
