import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import type { ModelSummary } from "../../engine/reports.ts";
import { describeStop } from "./describe-stop.ts";
import css from "./graph.module.css";
import type { GraphLabels } from "./graph-labels.ts";
import type { GraphMarks, GraphSelection } from "./graph-marks.ts";
import { type GraphScene, selectedNode, selectionOf } from "./graph-scene.ts";
import { sceneOf } from "./measured-scene.ts";
import { outlineRows, ROW_PX, scrollToRow, windowOf } from "./outline-rows.ts";

export interface OutlineProps {
  readonly summary: ModelSummary;
  readonly marks: GraphMarks;
  readonly selection: GraphSelection | undefined;
  readonly onSelect: (selection: GraphSelection) => void;
  readonly labels: GraphLabels;
  /** Rows whose text contains this (case-insensitive); empty shows all. */
  readonly filter?: string;
}

/** The graph as a list of stops in data-flow order: the same selection without the canvas. Only rows in sight are in the DOM. */
export function Outline({ summary, marks, selection, onSelect, labels, filter = "" }: OutlineProps) {
  const scene = sceneOf(summary);
  const rows = outlineRows(scene, filter);
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ scrollTop: 0, height: 1200 });
  const idBase = useId();
  const selected = selectedNode(scene, selection);
  const selectedRow = selected === undefined ? -1 : rows.indexOf(selected);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || selectedRow < 0) return;
    element.scrollTop = scrollToRow(selectedRow, element.scrollTop, element.clientHeight);
  }, [selectedRow]);

  const choose = (row: number) => {
    const node = scene.nodes[rows[Math.min(rows.length - 1, Math.max(0, row))] ?? -1];
    if (node) onSelect(selectionOf(node));
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
    choose(selectedRow + step);
  };
  const { first, last } = windowOf(rows.length, sight.scrollTop, sight.height);
  const shown = rows.slice(first, last);
  return (
    <div
      ref={box}
      className={css.outline}
      role="listbox"
      tabIndex={0}
      data-testid="outline"
      aria-label={labels.outline}
      aria-activedescendant={
        selected !== undefined && shown.includes(selected) ? `${idBase}-${selected}` : undefined
      }
      onKeyDown={onKeyDown}
      onScroll={(e) =>
        setSight({ scrollTop: e.currentTarget.scrollTop, height: e.currentTarget.clientHeight })
      }
    >
      <div style={{ height: rows.length * ROW_PX }} />
      {shown.map((node, i) => (
        <OutlineRow
          key={node}
          {...{ scene, marks, labels, node, onSelect }}
          id={`${idBase}-${node}`}
          top={(first + i) * ROW_PX}
          selected={node === selected}
        />
      ))}
    </div>
  );
}

interface OutlineRowProps {
  readonly scene: GraphScene;
  readonly marks: GraphMarks;
  readonly labels: GraphLabels;
  readonly node: number;
  readonly id: string;
  readonly top: number;
  readonly selected: boolean;
  readonly onSelect: (selection: GraphSelection) => void;
}

function OutlineRow({ scene, marks, labels, node, id, top, selected, onSelect }: OutlineRowProps) {
  const stop = scene.nodes[node];
  if (!stop) return null;
  const cached = marks.caches.has(stop.value) && marks.caches.get(stop.value)?.state !== "removed";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys (aria-activedescendant).
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus.
    <div
      id={id}
      className={css.row}
      role="option"
      aria-selected={selected}
      aria-posinset={node + 1}
      aria-setsize={scene.nodes.length}
      aria-label={describeStop(scene, marks, labels, node)}
      data-testid={`outline-row-${stop.id}`}
      style={{ top }}
      onClick={() => onSelect(selectionOf(stop))}
    >
      <span className={css.rowTitle}>{stop.title}</span>
      <span className={css.rowLabel}>{stop.label}</span>
      <span className={css.rowMarks} aria-hidden="true">
        {cached && <span className={css.rowCache}>▣</span>}
        {marks.splits.has(stop.value) && <span className={css.rowSplit}>✂</span>}
        {stop.kind === "op" && marks.refused.has(stop.id) && <span className={css.rowRefused}>⊘</span>}
      </span>
    </div>
  );
}
