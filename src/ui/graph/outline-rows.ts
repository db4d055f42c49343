export const ROW_PX = 28;
/** Rows kept in the DOM beyond those in sight, so that scrolling does not show gaps. */
const SPARE_ROWS = 12;

/** Rows first … last (exclusive) to keep in the DOM for a scroll position. */
export function windowOf(
  rowCount: number,
  scrollTop: number,
  height: number,
): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - SPARE_ROWS);
  return { first, last: Math.min(rowCount, Math.ceil((scrollTop + height) / ROW_PX) + SPARE_ROWS) };
}

/** Scroll position that shows a row, moving as little as possible. */
export function scrollToRow(row: number, scrollTop: number, height: number): number {
  const [top, bottom] = [row * ROW_PX, (row + 1) * ROW_PX];
  if (top < scrollTop) return top;
  return bottom > scrollTop + height ? bottom - height : scrollTop;
}
