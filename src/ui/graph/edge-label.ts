import type { Shape } from "../../core/ir/graph.ts";
import { middleEllipsis, shortValueName } from "./node-text.ts";

/** A piece of an edge's label; the time dimension is emphasised. */
export interface LabelPiece {
  readonly text: string;
  readonly kind: "name" | "dimension" | "time";
}

const NAME_WIDTH = 120;
const GAP = " ";

/** Value name and shape: "enc/conv1  1×64×", then "T" emphasised when the time axis is known. */
export function edgeLabel(
  name: string,
  shape: Shape | undefined,
  timeAxis: number | undefined,
  measure: (text: string) => number,
): readonly LabelPiece[] {
  const pieces: LabelPiece[] = [
    { text: middleEllipsis(shortValueName(name), NAME_WIDTH, measure), kind: "name" },
  ];
  if (!shape || shape.length === 0) return pieces;
  const dims = shape.map((d) => `${d ?? "?"}`);
  if (timeAxis === undefined || dims[timeAxis] === undefined) {
    return [...pieces, { text: `${GAP}${dims.join("×")}`, kind: "dimension" }];
  }
  const before = dims.slice(0, timeAxis).map((d) => `${d}×`);
  const after = dims.slice(timeAxis + 1).map((d) => `×${d}`);
  return [
    ...pieces,
    { text: `${GAP}${before.join("")}`, kind: "dimension" },
    { text: dims[timeAxis], kind: "time" },
    ...(after.length > 0 ? [{ text: after.join(""), kind: "dimension" } as const] : []),
  ];
}
