import type { ValueName } from "../../core/ir/graph.ts";
import type { FeatureSettings, Plan } from "../../core/plan/plan.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";

/** How an output becomes sound. `mask`: the input's spectrum is multiplied by it. */
export type SoundForm = "samples" | "spectrum" | "mask";

export interface AudibleOutput {
  readonly output: ValueName;
  /** Input whose rate and frames it shares. */
  readonly input: ValueName;
  /** What it can be taken for, likelier first: a complex spectrum and a complex mask look alike. */
  readonly forms: readonly SoundForm[];
  readonly rateHz: number;
}

/** Slower than this is no sound but one number a frame. */
const LEAST_RATE_HZ = 4000;

/** Outputs that can be heard: samples of a model that reads samples; spectra, or gains for them, of one that reads spectra. */
export function audibleOutputs(
  analysis: StreamAnalysis,
  plan: Pick<Plan, "features">,
  outputs: readonly ValueName[],
): AudibleOutput[] {
  return outputs.flatMap((output) => {
    for (const [input, features] of Object.entries(plan.features)) {
      const found = audible(analysis, output, features);
      if (found) return [{ output, input, ...found }];
    }
    return [];
  });
}

function audible(
  analysis: StreamAnalysis,
  output: ValueName,
  features: FeatureSettings,
): Pick<AudibleOutput, "forms" | "rateHz"> | undefined {
  const fact = analysis.facts.get(output);
  if (fact?.kind !== "stream") return undefined;
  const width = frameWidthOf(analysis, output, fact.axis);
  const { kind, rateHz, hopSamples } = features;
  if (kind === "tensor") return undefined;
  const outputHz = (rateHz * fact.rate.num * width) / (hopSamples * fact.rate.den);
  const another = kind === "raw" && Number.isInteger(outputHz) && outputHz >= LEAST_RATE_HZ;
  if (outputHz === rateHz || another) return { forms: ["samples"], rateHz: outputHz };
  if (kind !== "stft" || fact.rate.num !== fact.rate.den) return undefined;
  const bins = Math.floor(features.fftSize / 2) + 1;
  if (width === bins) return { forms: ["mask"], rateHz };
  if (width !== 2 * bins) return undefined;
  const mask = /mask|gain|irm|crm/i.test(output);
  return { forms: mask ? ["mask", "spectrum"] : ["spectrum", "mask"], rateHz };
}

function frameWidthOf({ inference }: StreamAnalysis, value: ValueName, axis: number): number {
  const shape = inference.info(value).shape ?? [];
  return shape.reduce<number>((n, d, i) => (i === axis ? n : n * (typeof d === "number" ? d : 1)), 1);
}
