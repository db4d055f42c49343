import { targets } from "../../core/targets/catalogue.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";

/** The chip of that id or alias; undefined if the target is none, or not known. */
export function chipOf(id: string): EspdlTarget | undefined {
  const target = targets.find((t) => t.id === id || t.aliases?.includes(id));
  return target?.exporter === "espdl" ? target : undefined;
}

export function isChip(id: string): boolean {
  return chipOf(id) !== undefined;
}
