import type { ValueName } from "../../core/ir/graph.ts";
import { sizeOf } from "../../core/ir/tensor.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { approximateValues } from "../../core/stream/approximate.ts";
import { extentsFor } from "../../core/stream/extents.ts";
import type { StreamingModel } from "../../core/stream/module.ts";
import { ringsFor } from "../../core/stream/rings.ts";
import { framesUntilTrue } from "../frames-of.ts";
import type { OpenedModel } from "../open-model.ts";
import type { ParityReport, QuantizationReport } from "../reports.ts";

/** What is proved: these modules, against this model (the approximated one, if something was approximated). */
export interface ProofSubject {
  readonly opened: OpenedModel;
  readonly plan: Plan;
  /** Facts under the warm-up policy that the modules were made with. */
  readonly analysis: StreamAnalysis;
  readonly streaming: StreamingModel;
  /** What the runtime measured on clips, if it was asked. */
  readonly parity?: ParityReport;
  readonly quantization?: QuantizationReport;
}

/** Multiply-accumulates that one exact run may take: a few seconds of one core. */
const MOST_MACS = 6e8;
/** Elements of all values that one exact run may hold, 8 bytes each. */
const MOST_ELEMENTS = 1.2e7;
/** Stands for the endless memory of a recurrence. */
const STATE_FRAMES = 24;
const LEAST_STEPS = 6;

/** In rounds: `roundFrames` model-input frames, in which every module runs a whole number of times. */
export interface Span {
  readonly steps: number;
  /** Rounds after which every output has had a true frame, and two more: fewer prove nothing. */
  readonly neededSteps: number;
  /** Rounds that fill, use and forget every cache: three receptive fields and two chunks. */
  readonly wantedSteps: number;
}

/** How long an exact run is: as long as wanted if that is affordable. */
export function spanOf({ analysis, streaming }: ProofSubject, share = 1): Span {
  const chunk = streaming.roundFrames;
  const extents = extentsFor(analysis, chunk);
  let reach = 1;
  let elements = 0;
  for (const [value, fact] of analysis.facts) {
    if (fact.kind === "static") continue;
    elements += sizeOf(extents.shape(value) ?? []);
    const past = Number.isFinite(fact.field.past) ? fact.field.past : STATE_FRAMES;
    reach = Math.max(reach, past + fact.field.future + 1);
  }
  const macs = streaming.modules.reduce((n, m) => n + (m.cost.macs * chunk) / m.chunk, 0);
  const outputs = streaming.outputs.map((p) => p.name);
  const neededSteps = framesUntilTrue(analysis, outputs, chunk) / chunk + 2;
  const wantedSteps = Math.max(LEAST_STEPS, neededSteps, Math.ceil((3 * reach) / chunk) + 2);
  const affordable = share * Math.min(MOST_MACS / Math.max(1, macs), MOST_ELEMENTS / Math.max(1, elements));
  return { steps: Math.min(wantedSteps, Math.floor(affordable)), neededSteps, wantedSteps };
}

/**
 * Values that are not equal to offline by the user's choice: behind a removed cache. Where a node was approximated,
 * `opened` is the approximated model, and its values must be equal like all others.
 */
export function approximateIn({ analysis, streaming, plan }: ProofSubject): ReadonlySet<ValueName> {
  const { nodes } = analysis.graph;
  const rings = ringsFor(analysis, extentsFor(analysis, streaming.roundFrames), nodes, plan.caches);
  return approximateValues(analysis, nodes, rings);
}
