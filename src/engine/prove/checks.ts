import { caches } from "./caches.ts";
import type { Check } from "./check.ts";
import { chunks } from "./chunks.ts";
import { claims } from "./claims.ts";
import { lengths } from "./lengths.ts";
import { integers, runtime } from "./measured.ts";
import { poison } from "./poison.ts";
import { replay } from "./replay.ts";
import { structural } from "./structural.ts";

/** Every check of the proof, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  structural,
  chunks,
  lengths,
  poison,
  caches,
  replay,
  claims,
  runtime,
  integers,
];
