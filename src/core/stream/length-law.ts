/** One operator's effect on a number of frames: ⌊(frames·multiply + add) / divide⌋ + plus. */
export interface LengthStep {
  readonly multiply: number;
  readonly add: number;
  readonly divide: number;
  readonly plus: number;
}

/** How many frames a value has offline, from those of the model input: one step after the other. */
export type LengthLaw = readonly LengthStep[];

/** The law followed by one more step; steps that only add are merged. */
export function thenLength(law: LengthLaw, step: Partial<LengthStep>): LengthLaw {
  const next = { multiply: 1, add: 0, divide: 1, plus: 0, ...step };
  const last = law.at(-1);
  if (next.multiply !== 1 || next.divide !== 1) return [...law, next];
  const plus = next.add + next.plus;
  if (plus === 0) return law;
  return last ? [...law.slice(0, -1), { ...last, plus: last.plus + plus }] : [{ ...next, add: 0, plus }];
}
