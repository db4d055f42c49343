import type { WidthBudget } from "../quant/esp/width-budget.ts";
import type { CalibrationMethod } from "../quant/scheme.ts";
import type { Approximations } from "./approximation.ts";

/** What the user decided about one cache edge. A proposal without a mark is used as proposed. */
export type CacheMark =
  | { readonly state: "accepted" }
  /** Keep no history: the reader sees padding instead. Approximate, labelled, measured. */
  | { readonly state: "removed" }
  /** Keep at least this many frames of the value, needed or not. */
  | { readonly state: "forced"; readonly frames: number };

/**
 * How the frames before the stream are kept out of padded windows: "hold" needs a host that keeps caches back, "mask"
 * a position in the graph, "two-graph" a host that runs a masked graph first and one without masks from some step on,
 * "ignore" is approximate and labelled. "auto" is the cheapest exact one.
 */
export const WARM_UP_CHOICES = ["auto", "hold", "mask", "two-graph", "ignore"] as const;
export type WarmUpChoice = (typeof WARM_UP_CHOICES)[number];

/**
 * What becomes of frames that read padding behind the end of the stream. open: they come out as if silence followed.
 * exact: the host tells the graph where the stream ends.
 */
export const END_CHOICES = ["open", "exact"] as const;
export type EndChoice = (typeof END_CHOICES)[number];

/** How a second input runs: `frames` of its frames per `per` frames of the model input, the first one `delay` of them late. */
export interface InputRate {
  readonly frames: number;
  readonly per: number;
  readonly delay: number;
}

/** A state that the model itself carries from step to step: what `output` gives is what `input` reads next. */
export interface StateChoice {
  readonly input: string;
  readonly output: string;
  /** Every element at reset. */
  readonly init: number;
}

/** Tools whose quantization can be reproduced integer for integer. */
export const COMPATIBLE_TOOLS = ["esp-ppq"] as const;
export type CompatibleTool = (typeof COMPATIBLE_TOOLS)[number];

export type FeatureKind = "raw" | "logmel" | "mfcc" | "stft" | "tensor";

/** Front end of one model input. Only the fields that its kind reads matter; the others keep their defaults. */
export interface FeatureSettings {
  readonly kind: FeatureKind;
  readonly rateHz: number;
  /** Samples between frames (for raw: samples per frame, normally 1). */
  readonly hopSamples: number;
  readonly windowSamples: number;
  readonly fftSize: number;
  readonly window: "hann" | "sqrt-hann" | "hamming" | "rectangular";
  readonly melBands: number;
  readonly coefficients: number;
  readonly lowHz: number;
  readonly highHz: number;
  readonly mel: "htk" | "slaney";
  /** Power (2) or magnitude (1) spectrum below the logarithm. */
  readonly power: 1 | 2;
  /** Added inside the logarithm. */
  readonly floor: number;
  /** Centre frames on their hop by zero padding at the start. */
  readonly center: boolean;
}

/** Everything the user decided. A few kB of JSON (`*.rill.json`); it replays the same package byte for byte. */
export interface Plan {
  readonly schema: 1;
  readonly model: { readonly name: string; readonly sha256: string };
  /** Input name → time axis; absent inputs do not stream. */
  readonly axes: Readonly<Record<string, number>>;
  /** Input name → rate, of inputs slower than the model input. Absent: found where inputs meet. */
  readonly rates?: Readonly<Record<string, InputRate>>;
  readonly chunk: number;
  /**
   * The model's own states, confirmed: it already streams and is rolled as it is. An empty list says that it has none;
   * absent: not decided.
   */
  readonly states?: readonly StateChoice[];
  /** Inputs that never change, such as a sampling rate: name → value of every element. They become constants. */
  readonly fixed?: Readonly<Record<string, number>>;
  readonly caches: Readonly<Record<string, CacheMark>>;
  /** Absent: "auto". */
  readonly warmUp?: WarmUpChoice;
  /** Absent: "open". */
  readonly end?: EndChoice;
  /** Values marked as split points. */
  readonly splits: readonly string[];
  /** Node key → what stands in for a node that cannot stream exactly. */
  readonly approximations: Approximations;
  /** Input name → front end. */
  readonly features: Readonly<Record<string, FeatureSettings>>;
  readonly target: string;
  readonly method: CalibrationMethod;
  /** Width of weights and activations on targets that offer several. Absent: 8. */
  readonly bits?: 8 | 16;
  /** Node key or name → width, on targets where single nodes may differ from `bits`. */
  readonly widths?: Readonly<Record<string, 8 | 16>>;
  /** What 16 bits at single nodes may cost on such targets; `widths` stand in any case. Absent: none are searched for. */
  readonly budget?: WidthBudget;
  /** Where a chip's files have their caches. Absent: inside (StreamingCache) where ESP-DL can keep them. */
  readonly cacheForm?: "explicit";
  /** Another tool whose numbers are reproduced, its known faults included. Absent: our own choices. */
  readonly compatible?: CompatibleTool;
  /** Packages the model as it is, unconverted, for the length of its own input or of the first sample. */
  readonly offline?: true;
  /** Node keys kept in float. */
  readonly keepFloat: readonly string[];
}
