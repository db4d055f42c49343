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
  const before = read(input);
  const after = read(output);
  if (before.after || after.before) return undefined;
  const directed = before.before || after.after;
  // A number alone is no name: input_1 and output_1 are the first ports of any model.
  const named = /[a-z]/.test(before.stem);
  if (!named) return undefined;
  if (directed) return before.stem === after.stem ? "exact" : undefined;
  const counted = before.count !== undefined && after.count === before.count + 1;
  return counted && before.uncounted === after.uncounted ? "counted" : undefined;
}

interface Reading {
  readonly stem: string;
  readonly before: boolean;
  readonly after: boolean;
  /** Number at the end of the name, and the stem without it. */
  readonly count?: number;
  readonly uncounted?: string;
}

function read(name: string): Reading {
  const words = wordsOf(name);
  const stem = words.filter((w) => !BEFORE.has(w) && !AFTER.has(w) && !NOISE.has(w));
  const last = stem.at(-1) ?? "";
  return {
    stem: stem.join(" "),
    before: words.some((w) => BEFORE.has(w)),
    after: words.some((w) => AFTER.has(w)),
    ...(/^\d+$/.test(last) && { count: Number(last), uncounted: stem.slice(0, -1).join(" ") }),
  };
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
