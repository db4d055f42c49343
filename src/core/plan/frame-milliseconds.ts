import type { Plan } from "./plan.ts";

/** Milliseconds of audio per frame of the model's first input that is made from audio; undefined if none is. */
export function frameMilliseconds({ features }: Pick<Plan, "features">): number | undefined {
  const front = Object.values(features).find((f) => f.kind !== "tensor");
  return front && (front.hopSamples / front.rateHz) * 1000;
}
