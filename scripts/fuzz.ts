import fc from "fast-check";
import { checkGraph } from "../test/check-graph.ts";
import { proveGraph } from "../test/prove-graph.ts";
import { type GraphSpec, graphSpec } from "../test/random-graphs.ts";

/*
 * Random graphs, one per seed, under every exact warm-up policy, against offline in exact arithmetic.
 *
 *     npm run fuzz                 # seeds 0 … 999
 *     npm run fuzz -- 10000        # seeds 0 … 9999
 *     npm run fuzz -- 500 20000    # seeds 20000 … 20499
 *     npm run fuzz -- 500 0 --runtime   # in onnxruntime, some ten times slower
 *
 * Exit code 1 if a graph differs; its seed and description are printed.
 */

const words = process.argv.slice(2);
const inRuntime = words.includes("--runtime");
const [count = 1000, first = 0] = words.filter((word) => !word.startsWith("-")).map(Number);
const PROGRESS = 500;
const MOST_SHOWN = 5;

interface Tally {
  checked: number;
  guarded: number;
  refused: number;
  degenerate: number;
  comparisons: number;
  different: number;
  readonly reasons: Map<string, number>;
}

const tally: Tally = {
  checked: 0,
  guarded: 0,
  refused: 0,
  degenerate: 0,
  comparisons: 0,
  different: 0,
  reasons: new Map(),
};

interface Outcome {
  readonly kind: "checked" | "refused" | "degenerate";
  readonly flagged: boolean;
  readonly reasons: readonly string[];
  /** Frames of all values, or outputs in the runtime. */
  readonly compared: number;
  readonly wrong: readonly object[];
}

async function outcomeOf(spec: GraphSpec): Promise<Outcome> {
  if (inRuntime) return checkGraph(spec);
  const proved = await proveGraph(spec);
  return { ...proved, compared: proved.frames };
}

function record(outcome: Outcome): void {
  tally[outcome.kind]++;
  if (outcome.kind === "checked" && outcome.flagged) tally.guarded++;
  tally.comparisons += outcome.compared;
  for (const reason of new Set(outcome.reasons))
    tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
}

for (let seed = first; seed < first + count; seed++) {
  const [spec] = fc.sample(graphSpec, { seed, numRuns: 1 });
  if (!spec) throw new Error("no graph");
  const outcome = await outcomeOf(spec);
  record(outcome);
  if (outcome.wrong.length > 0 && tally.different++ < MOST_SHOWN)
    console.log(`seed ${seed} differs: ${JSON.stringify(outcome.wrong)}\n  ${JSON.stringify(spec)}`);
  if ((seed - first + 1) % PROGRESS === 0) console.log(`${seed - first + 1} graphs`);
}

console.log(
  `${count} graphs: ${tally.checked} checked (${tally.guarded} need a warm-up policy), ${tally.refused} refused, ` +
    `${tally.degenerate} without frames; ${tally.comparisons} frames and values compared, ${tally.different} graphs differ`,
);
for (const [reason, n] of tally.reasons) console.log(`  refused: ${reason} ${n}`);
process.exitCode = tally.different > 0 ? 1 : 0;
