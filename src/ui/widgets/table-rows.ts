export interface SortState {
  readonly column: string;
  readonly descending: boolean;
}

/** Rows in the order of `value`, ties in their first order; the rows themselves without a value. */
export function sortedRows<Row>(
  rows: readonly Row[],
  value: ((row: Row) => string | number) | undefined,
  sort: SortState | undefined,
): readonly Row[] {
  if (!value || !sort) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compared(value(a), value(b)));
}

/** Numbers by size with NaN last, texts by code unit. */
function compared(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a === b ? 0 : a < b ? -1 : 1;
  }
  const [left, right] = [String(a), String(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Tables shorter than this are rendered whole. */
const WHOLE_UP_TO = 120;
const MARGIN_ROWS = 12;

/** Which rows to render, and the heights that stand for the others, in px. */
export function visibleRange(
  count: number,
  scroll: { readonly top: number; readonly height: number },
  rowPx: number,
): { readonly from: number; readonly to: number; readonly before: number; readonly after: number } {
  if (count <= WHOLE_UP_TO) return { from: 0, to: count, before: 0, after: 0 };
  const from = Math.max(0, Math.min(count, Math.floor(scroll.top / rowPx) - MARGIN_ROWS));
  const to = Math.min(count, Math.ceil((scroll.top + scroll.height) / rowPx) + MARGIN_ROWS);
  return { from, to, before: from * rowPx, after: (count - to) * rowPx };
}
