/** Words that say on which side of a step a state stands. */
const BEFORE = new Set(["in", "input", "prev", "previous", "past", "old", "initial", "init", "last"]);
const AFTER = new Set(["out", "output", "new", "next", "present", "updated", "final", "n"]);
/** Words of exporters that say nothing of which state it is. */
const NOISE = new Set(["gru", "lstm", "rnn", "y", "update"]);

/** `exact`: the same name but for words of direction; `counted`: state k → state k + 1. */
export type NameMatch = "exact" | "counted";

/**
 * Whether two names read as one state before and after a step: `*_in/_out`, `cache/new_cache`, `in_cache0/out_cache0`,
 * `h0/hn`, `prev/next`, `past_key_values.0.key/present.0.key`, `state/stateN`, `state_3/state_4`.
 */
export function matchNames(input: string, output: string): NameMatch | undefined {
  const [a, b] = [wordsOf(input), wordsOf(output)];
  // A word of direction that stands in both tells nothing: a node's name may end in "output_0".
  const [before, after] = [onlyIn(a, b), onlyIn(b, a)];
  const stem = without(a, before);
  // A number alone is no name: input_1 and output_1 are the first ports of any model.
  if (!stem.some((word) => /[a-z]/.test(word))) return undefined;
  const same = stem.join(" ") === without(b, after).join(" ");
  const directed = before.some((w) => BEFORE.has(w)) || after.some((w) => AFTER.has(w));
  const told =
    before.every((w) => BEFORE.has(w) || NOISE.has(w)) && after.every((w) => AFTER.has(w) || NOISE.has(w));
  if (same && directed) return told ? "exact" : undefined;
  const [last = "", next = ""] = [a.at(-1), b.at(-1)];
  const counted = /^\d+$/.test(last) && /^\d+$/.test(next) && Number(next) === Number(last) + 1;
  return counted && a.slice(0, -1).join(" ") === b.slice(0, -1).join(" ") ? "counted" : undefined;
}

/** Words of one name that the other lacks, each as often as it is missing there. */
function onlyIn(words: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return words.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** The words without these, the last of each taken away first. */
function without(words: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return words
    .toReversed()
    .filter((word) => {
      const at = left.indexOf(word);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    })
    .reverse();
}

/** Words in lower case; digits are words of their own, and torch's `h0`, `hn`, `c02` read as `h init`, `h n`, `c init 2`. */
function wordsOf(name: string): string[] {
  const torch = /^([hc])(0|n)_?(\d*)$/i.exec(name);
  if (torch) {
    const [, letter = "", side, index = ""] = torch;
    return [letter.toLowerCase(), side === "0" ? "init" : "n", ...(index === "" ? [] : [index])];
  }
  return name
    .replace(/past_key_values/gi, "past")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/(\D)(\d)/g, "$1 $2")
    .replace(/(\d)(\D)/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
