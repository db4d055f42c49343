import { layoutGraph } from "../../core/layout/layout-graph.ts";
import type { Handlers } from "../protocol.ts";

/** Lays out a graph; the geometry is moved, not copied. */
export const layOut: Handlers["layout"] = ({ options, ...input }, job) => {
  const layout = layoutGraph(input, options);
  for (const part of Object.values(layout)) if (ArrayBuffer.isView(part)) job.move(part);
  return layout;
};
