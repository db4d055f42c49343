import type { CacheMark, SplitMark } from "./graph-marks.ts";

/** One stop of the graph in words, for the sentence that a screen reader hears. */
export interface StopDescription {
  readonly kind: "op" | "group" | "input" | "output";
  /** Op type; title of a group; the value's name for inputs and outputs. */
  readonly op: string;
  /** Short label; may be empty. */
  readonly label: string;
  /** 1-based position and number of stops. */
  readonly position: number;
  readonly count: number;
  /** Shape of the first data input, or of the input or output itself, such as "1×64×T"; empty if unknown. */
  readonly inputShape: string;
  readonly cached: boolean;
  readonly split: boolean;
  readonly refused: boolean;
  readonly approximate: boolean;
  /** How many are selected at once with this one; 0 if it is alone. */
  readonly together: number;
}

/** Every word the graph shows or speaks; the caller fills it from its catalogue. */
export interface GraphLabels {
  /** aria-roledescription, e.g. "model graph". */
  readonly roleDescription: string;
  /** One sentence naming the keys. */
  readonly keyHelp: string;
  /** Shown while there is no layout yet. */
  readonly layingOut: string;
  /** Name of the outline list. */
  readonly outline: string;
  /** "Conv enc.2, 3 of 214, input 1×64×T, cached". */
  readonly stop: (stop: StopDescription) => string;
  /** Accessible name of a cache chip; pressing it toggles the mark. */
  readonly cacheChip: (value: string, mark: CacheMark) => string;
  readonly splitChip: (value: string, mark: SplitMark) => string;
  /** Accessible name of the button that jumps to an edge's other end in another column. */
  readonly portal: (opAndLabel: string) => string;
  /** Accessible name of the button that shows an open group as one box again. */
  readonly closeGroup: (label: string) => string;
  /** Name of the small picture of the whole. */
  readonly minimap: string;
}
