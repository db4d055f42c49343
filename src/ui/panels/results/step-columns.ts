import type { Text } from "../../i18n/text.ts";
import type { Column } from "../../widgets/DataTable.tsx";
import { decibels } from "../../widgets/numbers.ts";

/** A step of a search with its number, from 1. */
export interface NumberedStep {
  readonly index: number;
  readonly beforeDb: number;
  readonly afterDb: number;
}

export const indexColumn = <Row extends NumberedStep>(): Column<Row> => ({
  id: "index",
  header: "#",
  align: "right",
  value: (r) => -r.index,
  cell: (r) => r.index,
  width: "28px",
});

export const gainedColumn = <Row extends NumberedStep>({ t }: Pick<Text, "t">): Column<Row> => ({
  id: "gained",
  header: t("trace.gained"),
  align: "right",
  value: (r) => r.afterDb - r.beforeDb,
  cell: (r) => `+${decibels(r.afterDb - r.beforeDb)}`,
});
