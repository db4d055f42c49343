import type { StatePair } from "../core/stream/state-pairs.ts";

/** Recognised state pairs as rows of a table. */
export function pairRows(pairs: readonly StatePair[]): string[][] {
  return pairs.map((p) => [
    p.input,
    "→",
    p.output,
    `[${p.shape.map((d) => d ?? "?").join(", ")}]`,
    `${Math.round(100 * p.confidence)} % (${p.why.join(", ")})`,
  ]);
}
