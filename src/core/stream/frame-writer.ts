import type { ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { EndPosition } from "./end-position.ts";
import type { Extents } from "./extents.ts";
import type { StreamOf } from "./flow.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { StartPosition } from "./start-position.ts";

/** What is written into a streaming graph where frames depend on how far they are from the first or the last one. */
export abstract class FrameWriter {
  protected readonly analysis: StreamAnalysis;
  protected readonly extents: Extents;
  protected readonly out: GraphWriter;
  protected readonly start: StartPosition;
  protected readonly end: EndPosition;

  constructor(
    analysis: StreamAnalysis,
    extents: Extents,
    out: GraphWriter,
    edges: { readonly start: StartPosition; readonly end: EndPosition },
  ) {
    this.analysis = analysis;
    this.extents = extents;
    this.out = out;
    this.start = edges.start;
    this.end = edges.end;
  }

  protected stream(value: ValueName): StreamOf {
    const fact = this.analysis.facts.get(value);
    if (fact?.kind !== "stream") throw new Error(`${value} does not stream`);
    return fact;
  }

  /** How long the value is. */
  protected lengthOf(value: ValueName) {
    const length = this.analysis.lengths.get(value);
    if (!length) throw new Error(`${value} does not stream`);
    return length;
  }
}
