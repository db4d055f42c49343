/** Structure of a graph to lay out: node sizes, and edges as index pairs. */
export interface LayoutInput {
  /** 2 per node: width, height in px. */
  readonly sizes: Float32Array;
  /** 2 per edge: source node, target node. */
  readonly edges: Int32Array;
}

export interface LayoutOptions {
  /** Columns wrap at about this height in px; 0 keeps one column. */
  readonly wrapHeight: number;
}

/** Geometry in px; transferable between threads. Node positions do not depend on marks, selection or colours. */
export interface Layout {
  /** 2 per node: centre x, centre y. */
  readonly centers: Float32Array;
  readonly rank: Int32Array;
  readonly column: Int32Array;
  readonly columnCount: number;
  /** Edge e runs through points pointStart[e] … pointStart[e+1] (2 numbers per point). */
  readonly pointStart: Int32Array;
  readonly points: Float32Array;
  /** 1 where the edge crosses a column break and is drawn as a pair of portals. */
  readonly portal: Uint8Array;
  readonly width: number;
  readonly height: number;
}
