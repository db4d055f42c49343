import type { Ref } from "react";
import type { Layout } from "../../core/layout/layout.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import type { GraphLabels } from "./graph-labels.ts";
import type { GraphMarks, GraphSelection } from "./graph-marks.ts";

export interface GraphHandle {
  /** Shows the whole graph. */
  fit(): void;
  /** Brings a node (by key) or a value (by name) to the middle, legibly. */
  focus(id: string): void;
  /** Zooms about the middle of the viewport. */
  zoomBy(factor: number): void;
}

export interface GraphViewProps {
  readonly summary: ModelSummary;
  /** layoutGraph(sceneOf(summary).layoutInput, …), computed elsewhere; undefined while it is under way. */
  readonly layout: Layout | undefined;
  readonly marks: GraphMarks;
  readonly selection: GraphSelection | undefined;
  readonly onSelect: (selection: GraphSelection | undefined) => void;
  readonly onToggleCache: (value: string) => void;
  readonly onToggleSplit: (value: string) => void;
  /** Right click or Shift+F10; position in client px. */
  readonly onOpenMenu?: (at: {
    readonly x: number;
    readonly y: number;
    readonly selection: GraphSelection | undefined;
  }) => void;
  /** Enter on the current op or value. */
  readonly onInspect?: (selection: GraphSelection) => void;
  readonly theme: "light" | "dark";
  readonly labels: GraphLabels;
  readonly ref?: Ref<GraphHandle>;
}

/** The model as a picture: pan, zoom, select, mark. */
export function GraphView(props: GraphViewProps) {
  return (
    <div data-testid="graph" data-node-count={props.summary.nodes.length}>
      <canvas data-testid="graph-canvas" />
    </div>
  );
}
