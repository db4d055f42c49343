import type { Bench } from "./bench.ts";
import { calibration } from "./calibration.ts";
import { conversion } from "./convert.ts";
import { gtcrnMicro } from "./gtcrn-micro.ts";
import { largeModel } from "./large-model.ts";
import { scan } from "./scan.ts";
import { twin } from "./twin.ts";

const BENCHES: readonly Bench[] = [largeModel, conversion, scan, gtcrnMicro, calibration, twin];

let missed = 0;
for (const bench of BENCHES) {
  console.log(`\n${bench.name}`);
  for (const { what, value, goal } of await bench.run()) {
    if (goal && !goal.met) missed++;
    const verdict = goal ? `   goal ${goal.text}: ${goal.met ? "met" : "MISSED"}` : "";
    console.log(`  ${what.padEnd(52)} ${value.padStart(12)}${verdict}`);
  }
}
process.exitCode = missed > 0 ? 1 : 0;
