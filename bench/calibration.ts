import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../test/source-imports.ts";
import type { Bench } from "./bench.ts";

/** Flat: growing with the audio would give 10. The rest is when the garbage collector happens to run. */
const GOAL_RATIO = 1.25;
const ROUNDS = 2;

function once(minutes: number): { readonly seconds: number; readonly peakBytes: number } {
  const script = join(ROOT, "bench", "calibrate-once.ts");
  return JSON.parse(
    execFileSync(process.execPath, [...process.execArgv, script, String(minutes)], { encoding: "utf8" }),
  );
}

/** The quietest of some runs. */
function best(minutes: number): ReturnType<typeof once> {
  const runs = Array.from({ length: ROUNDS }, () => once(minutes));
  const least = (of: (run: (typeof runs)[number]) => number) => Math.min(...runs.map(of));
  return { seconds: least((r) => r.seconds), peakBytes: least((r) => r.peakBytes) };
}

export const calibration: Bench = {
  name: "Calibrating the sample TCN on log-mel features",
  run() {
    const one = best(1);
    const ten = best(10);
    const ratio = ten.peakBytes / one.peakBytes;
    const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
    return Promise.resolve([
      {
        what: "throughput over 10 min, with start-up",
        value: `${(600 / ten.seconds).toFixed(0)} × real time`,
      },
      { what: "peak memory of the process, 1 min", value: mebibytes(one.peakBytes) },
      { what: "peak memory of the process, 10 min", value: mebibytes(ten.peakBytes) },
      {
        what: "10 min / 1 min",
        value: ratio.toFixed(2),
        goal: { text: `≤ ${GOAL_RATIO}`, met: ratio <= GOAL_RATIO },
      },
    ]);
  },
};
