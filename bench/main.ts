import { existsSync } from "node:fs";
import type { Bench } from "./bench.ts";
import { calibration } from "./calibration.ts";
import { conversion } from "./convert.ts";
import { gtcrnMicro } from "./gtcrn-micro.ts";
import { largeModel } from "./large-model.ts";
import { espPpq } from "./peers/esp-ppq.ts";
import { scan } from "./scan.ts";
import { twin } from "./twin.ts";
import { benchViewer, DIST } from "./viewer/bench-viewer.ts";

/*
 * All benches, or those whose name contains an argument: `npm run bench -- twin`; the viewer's, in Chromium, last. `--install` lets a
 * peer's packages be installed.
 */
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const install = process.argv.includes("--install");

const BENCHES: readonly Bench[] = [
  largeModel,
  conversion,
  scan,
  gtcrnMicro,
  calibration,
  twin,
  espPpq(install),
];

const isWanted = (name: string): boolean =>
  words.length === 0 || words.some((w) => name.toLowerCase().includes(w.toLowerCase()));
let missed = 0;
for (const bench of BENCHES) {
  if (!isWanted(bench.name)) continue;
  console.log(`\n${bench.name}`);
  const measured = await bench.run();
  if (typeof measured === "string") {
    console.log(`  skipped: ${measured}`);
    continue;
  }
  for (const { what, value, goal } of measured) {
    if (goal && !goal.met) missed++;
    const verdict = goal ? `   goal ${goal.text}: ${goal.met ? "met" : "MISSED"}` : "";
    console.log(`  ${what.padEnd(52)} ${value.padStart(12)}${verdict}`);
  }
}
if (isWanted("viewer")) {
  console.log("\nThe viewer in Chromium");
  if (existsSync(DIST)) missed += await benchViewer([]);
  else console.log("  skipped: there is no build; `npm run build` makes it");
}
process.exitCode = missed > 0 ? 1 : 0;
