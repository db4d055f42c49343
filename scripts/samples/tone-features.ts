import { inferFeatures } from "../../src/core/audio/infer-features.ts";
import type { FeatureSettings } from "../../src/core/plan/plan.ts";

/** Input shape of the sample model: 24 log-mel bands per frame. */
export const TONE_TCN_INPUT = [1, 24, "frames"] as const;

/** The front end the sample model was trained on: what Rill proposes for its input. */
export const TONE_FEATURES: FeatureSettings = inferFeatures(TONE_TCN_INPUT, 2).settings;
