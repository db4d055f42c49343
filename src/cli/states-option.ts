import { fail } from "../core/base/problem.ts";
import type { StateChoice } from "../core/plan/plan.ts";
import { statePairs } from "../core/stream/state-pairs.ts";
import { dataAxes } from "../engine/carried/data-axes.ts";
import { fixedChunk } from "../engine/carried/prepare-carried.ts";
import type { OpenedModel } from "../engine/open-model.ts";

/**
 * `--states`: `auto` takes what the recogniser finds, `none` says that the model has no states, and `IN=OUT[,…]` names
 * them. Without the option undefined, if the model has none; else throws `stream.statesOpen`: only the user can confirm.
 */
export function statesFrom(words: readonly string[], opened: OpenedModel): StateChoice[] | undefined {
  const { pairs } = statePairs(opened.normalized, opened.inference);
  const found = pairs.map(({ input, output }) => ({ input, output, init: 0 }));
  if (words.length === 0) {
    const states = found.map((p) => `${p.input}=${p.output}`).join(",");
    return found.length === 0 ? undefined : fail({ code: "stream.statesOpen", count: found.length, states });
  }
  if (words.length === 1 && words[0] === "auto") return found;
  if (words.length === 1 && words[0] === "none") return [];
  return words.flatMap((word) =>
    word
      .split(",")
      .filter((pair) => pair !== "")
      .map(stateFrom),
  );
}

/** `INPUT=OUTPUT`. */
function stateFrom(word: string): StateChoice {
  const at = word.indexOf("=");
  if (at < 1 || at === word.length - 1)
    fail({ code: "cli.usage", what: `--states needs INPUT=OUTPUT, not ${word}` });
  return { input: word.slice(0, at), output: word.slice(at + 1), init: 0 };
}

/** `--fix INPUT=NUMBER` words: inputs that never change. */
export function fixedFrom(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.lastIndexOf("=");
      const text = word.slice(at + 1);
      const value = Number(text);
      if (at < 1 || text.trim() === "" || !Number.isFinite(value))
        fail({ code: "cli.usage", what: `--fix needs INPUT=NUMBER, not ${word}` });
      return [word.slice(0, at), value] as const;
    }),
  );
}

/** Time axes and frames per step of a model with states, as far as its file tells. */
export function proposedRoll(opened: OpenedModel, states: readonly StateChoice[], fixed: readonly string[]) {
  const inputs = new Set(states.map((s) => s.input));
  const given = new Set(fixed);
  const rest = opened.normalized.graph.inputs
    .map((v) => v.name)
    .filter(
      (name) => !inputs.has(name) && !given.has(name) && !opened.normalized.graph.initializers.has(name),
    );
  const axes = dataAxes(opened, rest);
  return { axes, chunk: fixedChunk(opened, rest, axes) ?? 1 };
}
