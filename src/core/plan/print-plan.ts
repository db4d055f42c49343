import { stableJson } from "../base/stable-json.ts";
import type { Plan } from "./plan.ts";

/** Text of a `*.rill.json`: sorted keys, so that equal plans are equal bytes. */
export function printPlan(plan: Plan): string {
  return stableJson(plan);
}
