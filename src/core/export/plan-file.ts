import { encodeUtf8 } from "../base/utf8.ts";
import { printPlan } from "../plan/print-plan.ts";
import type { PackageInput } from "./package-input.ts";

/** `plan.rill.json`: replays this package in the studio and on the command line. */
export function planFile(input: Pick<PackageInput, "plan">): Uint8Array {
  return encodeUtf8(printPlan(input.plan));
}

export const PLAN_FILE = "plan.rill.json";
