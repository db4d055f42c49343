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

/** Width of the integers of the values that were compared; some of either may stand beside each other. */
export function integerWidth({
  outputs = [],
  values = [],
  params,
}: Partial<Pick<QuantizationReport, "outputs" | "values" | "params">>): "8" | "16" | "8/16" {
  const types = [...outputs, ...values].flatMap(({ value }) => params?.get(value)?.dtype ?? []);
  const wide = types.filter((type) => type === "int16").length;
  if (wide === 0) return "8";
  return wide === types.length ? "16" : "8/16";
}
