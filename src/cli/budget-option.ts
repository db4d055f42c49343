import { fail } from "../core/base/problem.ts";
import type { WidthBudget } from "../core/quant/esp/width-budget.ts";

/** What `--budget` says: `FACTOR` for both, `bytes=FACTOR,cycles=FACTOR` (either alone too), or `unlimited`. Throws `cli.usage`. */
export function budgetFrom(word: string): WidthBudget {
  if (word === "unlimited") return {};
  const budget: { bytes?: number; cycles?: number } = {};
  for (const part of word.split(",")) {
    const [, of, number = ""] = /^(?:(bytes|cycles)=)?(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    const factor = Number(number);
    if (number === "" || factor < 1)
      fail({
        code: "cli.usage",
        what: `--budget needs a factor of at least 1, bytes=FACTOR,cycles=FACTOR, or unlimited, not ${word}`,
      });
    if (of !== "cycles") budget.bytes = factor;
    if (of !== "bytes") budget.cycles = factor;
  }
  return budget;
}
