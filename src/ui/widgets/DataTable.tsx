import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import css from "./DataTable.module.css";
import { type SortState, sortedRows, visibleRange } from "./table-rows.ts";

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly align?: "left" | "right";
  /** What to sort by; a column without it does not sort. */
  readonly value?: (row: Row) => string | number;
  readonly cell: (row: Row) => ReactNode;
  readonly width?: string;
}

export interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly selectedKey?: string | undefined;
  /** Rows that are selected together with it. */
  readonly alsoSelected?: ReadonlySet<string>;
  /** `besides`: with Shift, in addition to what is selected. */
  readonly onSelect?: (row: Row, besides: boolean) => void;
  readonly initialSort?: SortState;
  readonly testId?: string;
}

const ROW_PX = 29;
const HEADER_PX = 29;

/** A table with sortable columns and selectable rows. Long tables render only the rows in view. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, selectedKey, alsoSelected, onSelect, testId } = props;
  const [sort, setSort] = useState<SortState | undefined>(props.initialSort);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const sortedBy = columns.find((c) => c.id === sort?.column)?.value;
  const ordered = useMemo(() => sortedRows(rows, sortedBy, sort), [rows, sortedBy, sort]);
  const range = visibleRange(ordered.length, scroll, ROW_PX);
  const box = useRef<HTMLDivElement>(null);
  const selectedAt = selectedKey === undefined ? -1 : ordered.findIndex((row) => rowKey(row) === selectedKey);
  // What is selected elsewhere, on the graph say, is brought into view; what is in view stays where it is.
  useEffect(() => {
    const table = box.current;
    if (!table || selectedAt < 0) return;
    const top = selectedAt * ROW_PX;
    const room = table.clientHeight - HEADER_PX;
    const inView = top >= table.scrollTop && top + ROW_PX <= table.scrollTop + room;
    if (!inView) table.scrollTop = Math.max(0, top - room / 2);
  }, [selectedAt]);
  return (
    <div
      ref={box}
      className={css.scroll}
      data-testid={testId}
      onScroll={({ currentTarget: e }) => setScroll({ top: e.scrollTop, height: e.clientHeight })}
    >
      <table className={css.table} aria-label={label} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sort={sort} onSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {range.before > 0 && <SpacerRow heightPx={range.before} />}
          {ordered.slice(range.from, range.to).map((row) => {
            const key = rowKey(row);
            const selected = key === selectedKey || alsoSelected?.has(key) === true;
            return (
              <tr
                key={key}
                data-key={key}
                aria-selected={onSelect ? selected : undefined}
                tabIndex={onSelect ? 0 : undefined}
                className={onSelect ? css.selectable : undefined}
                onMouseDown={(event) => {
                  // With Shift the browser would mark text up to there.
                  if (event.shiftKey) event.preventDefault();
                }}
                onClick={(event) => onSelect?.(row, event.shiftKey)}
                onKeyDown={(event) => {
                  if (event.key === "Enter" && event.target === event.currentTarget)
                    onSelect?.(row, event.shiftKey);
                }}
              >
                {columns.map((column) => (
                  <td key={column.id} className={column.align === "right" ? css.right : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {range.after > 0 && <SpacerRow heightPx={range.after} />}
        </tbody>
      </table>
    </div>
  );
}

interface HeaderCellProps<Row> {
  readonly column: Column<Row>;
  readonly sort: SortState | undefined;
  readonly onSort: (sort: SortState) => void;
}

function HeaderCell<Row>({ column, sort, onSort }: HeaderCellProps<Row>) {
  const style = column.width === undefined ? undefined : { width: column.width };
  const align = column.align === "right" ? css.right : undefined;
  if (!column.value) {
    return (
      <th scope="col" className={align} style={style}>
        {column.header}
      </th>
    );
  }
  const active = sort?.column === column.id;
  const descending = active && sort.descending;
  const arrow = active ? (
    <span aria-hidden="true" className={css.arrow}>
      {descending ? "↓" : "↑"}
    </span>
  ) : null;
  return (
    <th
      scope="col"
      className={align}
      style={style}
      aria-sort={active ? (descending ? "descending" : "ascending") : "none"}
    >
      <button
        type="button"
        className={css.sort}
        onClick={() =>
          onSort({ column: column.id, descending: active ? !descending : column.align === "right" })
        }
      >
        {/* The word ends where the numbers below it end. */}
        {align ? arrow : null}
        {column.header}
        {align ? null : arrow}
      </button>
    </th>
  );
}

/** Stands for the rows that are not rendered. */
function SpacerRow({ heightPx }: { readonly heightPx: number }) {
  return <tr style={{ height: heightPx }} />;
}
