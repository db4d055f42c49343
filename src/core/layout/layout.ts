/** Structure of a graph to lay out: node sizes, and edges as index pairs. */
export interface LayoutInput {
  /** 2 per node: width, height in px. */
  readonly sizes: Float32Array;
  /** 2 per edge: source node, target node. */
  readonly edges: Int32Array;
  /** 2 per constraint: a node, and one that must stand in a row below it though no edge joins them. */
  readonly order?: Int32Array;
  /**
   * 2 per cluster: its first node, and the one behind its last; nested or apart. No other box comes to stand between the
   * boxes of a cluster: the rectangle round those in one column is its own.
   */
  readonly clusters?: Int32Array;
}

export interface LayoutOptions {
  /** Columns wrap at about this height in px; 0 keeps one column; "auto" makes the whole about as wide as a screen. */
  readonly wrapHeight: number | "auto";
}

/** Geometry in px; transferable between threads. Node positions do not depend on marks, selection or colours. */
export interface Layout {
  /** 2 per node: centre x, centre y. */
  readonly centers: Float32Array;
  readonly rank: Int32Array;
  readonly column: Int32Array;
  readonly columnCount: number;
  /**
   * Edge e runs through points pointStart[e] … pointStart[e+1] (2 numbers per point). Between two points with equal x
   * it is a vertical line, else an S-curve with vertical tangents. A portal has four points: source, the end of its
   * stub, the beginning of the target's stub, target.
   */
  readonly pointStart: Int32Array;
  readonly points: Float32Array;
  /** 1 where the edge crosses a column break (or finds no free lane) and is drawn as a pair of portals. */
  readonly portal: Uint8Array;
  readonly width: number;
  readonly height: number;
}
