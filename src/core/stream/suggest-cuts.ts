import type { ValueName } from "../ir/graph.ts";
import type { CandidateCut, CutChoices } from "./candidate-cuts.ts";

/** A place to cut that costs little. */
export interface CutSuggestion {
  readonly value: ValueName;
  readonly crossing: readonly ValueName[];
  /** Bytes that cross per round. */
  readonly bytes: number;
  /** Part of the model's load above the cut, 0 to 1. */
  readonly share: number;
  /** Every crossing delay is whole runs. */
  readonly aligned: boolean;
  /** Runs that the module behind can be left out at the start. */
  readonly gateRuns: number;
}

/** A cheaper cut near one that is marked. */
export interface CutHint {
  readonly mark: ValueName;
  /** Bytes that cross at the mark. */
  readonly bytes: number;
  readonly instead: CutSuggestion;
  /** Operators that change sides; negative: the cheaper cut is earlier. */
  readonly nodes: number;
}

/** Parts of the load from each of which one cut is suggested. */
const REGIONS = 8;
/** Less than this part of the load above or below is no split worth having. */
const LEAST_SHARE = 0.02;

/** The cheapest legal cut in each part of the model's load, cheapest first; equal costs: the most even first. */
export function suggestCuts(choices: CutChoices): CutSuggestion[] {
  const best = new Map<number, CutSuggestion>();
  for (const cut of choices.cuts) {
    const suggestion = suggestionOf(choices, cut);
    const { share } = suggestion;
    if (!cut.canBeFirst || share < LEAST_SHARE || share > 1 - LEAST_SHARE) continue;
    const region = Math.min(REGIONS - 1, Math.floor(share * REGIONS));
    const known = best.get(region);
    if (!known || compareCost(suggestion, known) < 0) best.set(region, suggestion);
  }
  return [...best.values()].sort(compareCost);
}

function compareCost(a: CutSuggestion, b: CutSuggestion): number {
  const offCentre = (s: CutSuggestion) => Math.abs(s.share - 0.5);
  return a.bytes - b.bytes || Number(b.aligned) - Number(a.aligned) || offCentre(a) - offCentre(b);
}

function suggestionOf({ seconds }: CutChoices, cut: CandidateCut): CutSuggestion {
  const { value, crossing, bytes, aligned, gateRuns } = cut;
  const [above, below] = [seconds(undefined, cut), seconds(cut, undefined)];
  return {
    value,
    crossing,
    bytes,
    aligned,
    gateRuns,
    share: above + below > 0 ? above / (above + below) : 0,
  };
}

/** A cut is near another if at most this part of the load lies between them. */
const NEAR_SHARE = 0.15;
/** A hint must save at least this part of the bytes. */
const LEAST_SAVING = 0.2;

/** For each mark, the cheapest cut nearby if it saves enough; of equally cheap ones the nearest. */
export function hintsFor(choices: CutChoices, marks: readonly ValueName[]): CutHint[] {
  const taken = new Set(marks);
  return marks.flatMap((mark) => {
    const marked = choices.cuts.find((c) => c.value === mark) ?? choices.cutOf(mark);
    const share = suggestionOf(choices, marked).share;
    const near = choices.cuts
      .filter((cut) => !taken.has(cut.value) && cut.bytes <= marked.bytes * (1 - LEAST_SAVING))
      .filter((cut) => cut.canBeFirst || !marked.canBeFirst)
      .map((cut) => ({ instead: suggestionOf(choices, cut), nodes: nodesBetween(marked, cut) }))
      .filter(({ instead }) => Math.abs(instead.share - share) <= NEAR_SHARE)
      .filter(({ instead }) => instead.share >= LEAST_SHARE && instead.share <= 1 - LEAST_SHARE)
      .sort((a, b) => a.instead.bytes - b.instead.bytes || Math.abs(a.nodes) - Math.abs(b.nodes));
    return near.slice(0, 1).map((hint) => ({ mark, bytes: marked.bytes, ...hint }));
  });
}

function nodesBetween(from: CandidateCut, to: CandidateCut): number {
  let [gained, lost] = [0, 0];
  for (const node of to.upstream) if (!from.upstream.has(node)) gained++;
  for (const node of from.upstream) if (!to.upstream.has(node)) lost++;
  return gained >= lost ? gained + lost : -(gained + lost);
}
