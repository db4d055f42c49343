import type { ModelSummary } from "../../engine/reports.ts";
import type { GraphLabels } from "./graph-labels.ts";
import type { GraphMarks, GraphSelection } from "./graph-marks.ts";

export interface OutlineProps {
  readonly summary: ModelSummary;
  readonly marks: GraphMarks;
  readonly selection: GraphSelection | undefined;
  readonly onSelect: (selection: GraphSelection) => void;
  readonly labels: GraphLabels;
  /** Rows whose text contains this (case-insensitive); empty shows all. */
  readonly filter?: string;
}

/** The graph as a list of stops in data-flow order: the same selection without the canvas. */
export function Outline(props: OutlineProps) {
  return <div role="listbox" data-testid="outline" aria-label={props.labels.outline} tabIndex={0} />;
}
