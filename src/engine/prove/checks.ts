import type { Check } from "./check.ts";
import { chunks } from "./chunks.ts";
import { replay } from "./replay.ts";
import { structural } from "./structural.ts";

/** Every check of the proof, in the order in which they are told. */
export const CHECKS: readonly Check[] = [structural, chunks, replay];
