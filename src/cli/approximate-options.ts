import { fail } from "../core/base/problem.ts";
import type { Approximation, Approximations } from "../core/plan/approximation.ts";
import { readApproximation } from "../core/plan/approximation-text.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";
import { approximateAll } from "../engine/analyse.ts";
import type { OpenedModel } from "../engine/open-model.ts";

/**
 * `NODE=KIND[:N,…]` words as choices, later ones over earlier ones; `all` gives every refused node what suits it best.
 * Throws `cli.usage`.
 */
export function approximationsFrom(
  words: readonly string[],
  opened: OpenedModel,
  axes: TimeAxes,
): Approximations {
  const all = words.includes("all") ? approximateAll(opened, axes) : {};
  return { ...all, ...Object.fromEntries(words.filter((word) => word !== "all").map(chosen)) };
}

function chosen(word: string): [node: string, Approximation] {
  const at = word.lastIndexOf("=");
  const approximation = at < 1 ? undefined : readApproximation(word.slice(at + 1));
  return approximation
    ? [word.slice(0, at), approximation]
    : fail({ code: "cli.usage", what: `--approximate needs all or NODE=KIND[:N], not ${word}` });
}
