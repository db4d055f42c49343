import { targets } from "../../core/targets/catalogue.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import type { QuantizationReport } from "../../engine/reports.ts";

/** The chip of that id or alias; undefined if the target is none, or not known. */
export function chipOf(id: string): EspdlTarget | undefined {
  const target = targets.find((t) => t.id === id || t.aliases?.includes(id));
  return target?.exporter === "espdl" ? target : undefined;
}

export function isChip(id: string): boolean {
  return chipOf(id) !== undefined;
}

/** Width of the integers of the outputs that were compared. */
export function integerWidth({
  outputs,
  params,
}: Partial<Pick<QuantizationReport, "outputs" | "params">>): 8 | 16 {
  return params?.get(outputs?.[0]?.value ?? "")?.dtype === "int16" ? 16 : 8;
}
