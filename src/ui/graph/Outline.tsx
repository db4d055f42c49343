import {
  type KeyboardEvent,
  type MouseEvent,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { ModelSummary } from "../../engine/reports.ts";
import { describeRow } from "./describe-stop.ts";
import css from "./graph.module.css";
import type { GraphLabels } from "./graph-labels.ts";
import type { GraphMarks, GraphSelection } from "./graph-marks.ts";
import { shapeText } from "./node-text.ts";
import { ROW_PX, scrollToRow, windowOf } from "./outline-rows.ts";
import { typesOf } from "./search.ts";
import { type Stop, stopsOf } from "./stops.ts";

export interface OutlineProps {
  readonly summary: ModelSummary;
  readonly marks: GraphMarks;
  readonly selection: GraphSelection | undefined;
  /** Several that are selected, `selection` among them; none if one is. */
  readonly together: readonly GraphSelection[];
  readonly onSelect: (selection: GraphSelection) => void;
  /** Selects besides what is selected; "walk" by arrows, "toggle" by a click. */
  readonly onSelectBesides: (selection: GraphSelection, how: "walk" | "toggle") => void;
  readonly labels: GraphLabels;
  /** Positions of the stops that are listed; without it, of all. */
  readonly found?: readonly number[] | undefined;
}

/** Rows are made for this height until the list is scrolled and knows its own. */
const FIRST_HEIGHT_PX = 480;

/** The graph as a list of stops in data-flow order: the same selection without the canvas. Only rows in sight are in the DOM. */
export function Outline(props: OutlineProps) {
  const { summary, marks, selection, together, onSelect, onSelectBesides, labels, found } = props;
  const stops = stopsOf(summary);
  const rows = useMemo(() => found ?? stops.map((_, v) => v), [found, stops]);
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ scrollTop: 0, height: FIRST_HEIGHT_PX });
  const idBase = useId();
  const selected = useMemo(() => stopOf(stops, selection), [stops, selection]);
  const selectedRow = rows.indexOf(selected);
  const chosen = useMemo(() => new Set(together.map((s) => stopOf(stops, s))), [stops, together]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || selectedRow < 0) return;
    element.scrollTop = scrollToRow(selectedRow, element.scrollTop, element.clientHeight);
  }, [selectedRow]);

  const choose = (row: number, besides: boolean) => {
    const stop = stops[rows[Math.min(rows.length - 1, Math.max(0, row))] ?? -1];
    if (!stop) return;
    if (besides && selection) onSelectBesides(selectionOf(stop), "walk");
    else onSelect(selectionOf(stop));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(selectedRow + step, event.shiftKey && Math.abs(step) === 1);
  };
  const { first, last } = windowOf(rows.length, sight.scrollTop, sight.height);
  const shown = rows.slice(first, last);
  return (
    <div
      ref={box}
      className={css.outline}
      role="listbox"
      aria-multiselectable="true"
      tabIndex={0}
      data-testid="outline"
      aria-label={labels.outline}
      aria-activedescendant={shown.includes(selected) ? `${idBase}-${selected}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={(e) =>
        setSight({ scrollTop: e.currentTarget.scrollTop, height: e.currentTarget.clientHeight })
      }
    >
      <div style={{ height: rows.length * ROW_PX }} />
      {shown.map((v, i) => {
        const stop = stops[v];
        const at = { position: v + 1, count: stops.length, inputShape: inputShapeOf(summary, stop) };
        return stop ? (
          <OutlineRow
            key={v}
            {...{ stop, marks }}
            onPress={(besides) =>
              besides ? onSelectBesides(selectionOf(stop), "toggle") : onSelect(selectionOf(stop))
            }
            label={describeRow(stop, marks, labels, at)}
            position={v}
            count={stops.length}
            id={`${idBase}-${v}`}
            top={(first + i) * ROW_PX}
            selected={v === selected || chosen.has(v)}
          />
        ) : null;
      })}
    </div>
  );
}

function selectionOf({ kind, id }: Stop): GraphSelection {
  return { kind: kind === "op" ? "node" : "value", id };
}

/** With Shift the browser would mark text up to there. */
function keepTextUnselected(event: MouseEvent): void {
  if (event.shiftKey) event.preventDefault();
}

/** Position of what is selected; −1 for what has no line, such as a value inside the graph. */
function stopOf(stops: readonly Stop[], selection: GraphSelection | undefined): number {
  if (!selection || selection.kind === "group") return -1;
  return stops.findIndex((s) => s.id === selection.id && (s.kind === "op") === (selection.kind === "node"));
}

/** Shape of the first input of an op, or of the input or output itself. */
function inputShapeOf(summary: ModelSummary, stop: Stop | undefined): string {
  if (!stop?.node) return stop?.label ?? "";
  return shapeText(typesOf(summary).shapes.get(stop.node.inputs.find((i) => i !== "") ?? ""));
}

interface OutlineRowProps {
  readonly stop: Stop;
  readonly marks: GraphMarks;
  readonly label: string;
  readonly position: number;
  readonly count: number;
  readonly id: string;
  readonly top: number;
  readonly selected: boolean;
  /** `besides`: with Shift. */
  readonly onPress: (besides: boolean) => void;
}

function OutlineRow({ stop, marks, label, position, count, id, top, selected, onPress }: OutlineRowProps) {
  const cached = marks.caches.has(stop.value) && marks.caches.get(stop.value)?.state !== "removed";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys (aria-activedescendant).
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus.
    <div
      id={id}
      className={css.row}
      role="option"
      aria-selected={selected}
      aria-posinset={position + 1}
      aria-setsize={count}
      aria-label={label}
      data-testid={`outline-row-${stop.id}`}
      style={{ top }}
      onMouseDown={keepTextUnselected}
      onClick={(event) => onPress(event.shiftKey)}
    >
      <span className={css.rowTitle}>{stop.title}</span> <span className={css.rowLabel}>{stop.label}</span>
      <span className={css.rowMarks} aria-hidden="true">
        {cached && <span className={css.rowCache}>▣</span>}
        {marks.splits.has(stop.value) && <span className={css.rowSplit}>✂</span>}
        {stop.kind === "op" && marks.refused.has(stop.id) && <span className={css.rowRefused}>⊘</span>}
      </span>
    </div>
  );
}
