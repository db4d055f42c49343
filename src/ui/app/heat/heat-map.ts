import type { ChipReport } from "../../../engine/esp/examine-chip.ts";
import type { ChipFit } from "../../../engine/esp/fit-chip.ts";
import type { ModelSummary } from "../../../engine/reports.ts";
import type { Overlay } from "../../../state/view.ts";
import type { Comparison } from "../../../worker/protocol.ts";
import { costMap } from "./cost-map.ts";
import { divergenceMap } from "./divergence-map.ts";
import { accumulatedErrors, errorMap, ownErrors } from "./error-map.ts";
import { exponentMap } from "./exponent-map.ts";
import { supportMap } from "./support-map.ts";

export type HeatKind = Exclude<Overlay, "none" | "time" | "modules">;

export interface HeatMap {
  readonly kind: HeatKind;
  /** Numbers of nodes by key, in the unit of the kind. */
  readonly nodes: ReadonlyMap<string, number>;
  /** Whether a threshold in dB makes sense of it. */
  readonly threshold?: true;
  /** Node key → 0 (harmless) … 1 (the worst that colours tell apart) and above; with a threshold only those below `db`. */
  heatBelow(db: number | undefined): ReadonlyMap<string, number>;
  /** What each of so many colours stands for, worst first; empty for a colour that is not used. */
  scale(colors: number): readonly string[];
}

export interface HeatSources {
  readonly summary: ModelSummary | undefined;
  readonly comparison: Comparison | undefined;
  readonly examined: ChipReport | undefined;
  /** Of the chip that the plan names. */
  readonly fit: ChipFit | undefined;
  readonly overlay: Overlay;
}

/** Numbers by node while they are shown on the graph; undefined while nobody knows them. */
export function heatMap({ summary, comparison, examined, fit, overlay }: HeatSources): HeatMap | undefined {
  if (!summary) return undefined;
  switch (overlay) {
    case "none":
    case "time":
    case "modules":
      return undefined;
    case "macs":
    case "bytes":
      return costMap(overlay, summary);
    case "divergence":
      return comparison && divergenceMap(summary, comparison);
    case "sqnr":
      return comparison && errorMap(overlay, summary, accumulatedErrors(comparison));
    case "own":
      return examined && errorMap(overlay, summary, ownErrors(examined));
    case "exponent":
      return exponentMap(summary, examined);
    case "support":
      return fit && supportMap(summary, fit);
  }
  return overlay satisfies never;
}
