import type { Finding } from "../../base/problem.ts";
import type { ChipChoices } from "../../quant/esp/joint/choice-trace.ts";
import type { ChipDeployment, PackageInput } from "../package-input.ts";

/** Error of one value against the float model. */
interface ValueErrorRecord {
  /** +Infinity when equal. */
  readonly sqnrDb: number;
  readonly maxAbs: number;
}

/** One value as the chip computes it, against float. */
export interface ValueRecord {
  readonly value: string;
  /** Empty for a model input. */
  readonly op: string;
  readonly bits: number;
  readonly exponent: number;
  /** Its operator alone is quantized. */
  readonly own: ValueErrorRecord;
  /** Everything before it is quantized too. */
  readonly accumulated: ValueErrorRecord;
  /** Share of the integers that stand at an end of their range. */
  readonly saturated: number;
}

/** What the package of a whole model tells: nothing in it streams, the model runs once for every input. */
export interface WholeModelRecord
  extends Pick<
    PackageInput,
    "plan" | "model" | "chunk" | "inputs" | "outputs" | "schedule" | "float" | "checks"
  > {
  readonly chip: ChipDeployment;
  /** Inputs that exponents come from and errors were measured on. */
  readonly samples: number;
  /** In running order. */
  readonly values: readonly ValueRecord[];
  readonly findings: readonly Finding[];
  /** How widths and exponents were found; absent where nothing was searched. */
  readonly choices?: ChipChoices;
  /** Bytes of the opened file. */
  readonly floatBytes: number;
}

/** Records of the model's outputs. */
export function outputRecords({ values, outputs }: WholeModelRecord): ValueRecord[] {
  return outputs.flatMap(({ name }) => values.filter((v) => v.value === name));
}

/** How exponents were chosen, in running text. */
export function choiceText({ plan }: Pick<WholeModelRecord, "plan">): string {
  return plan.compatible === undefined
    ? "exponents chosen for the least error at the outputs"
    : `exponents as ESP-PPQ chooses them, by ${plan.method}`;
}
