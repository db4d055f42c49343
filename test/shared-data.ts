import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./source-imports.ts";

/** A path below `../shared/data`, real models and audio that the repository does not carry; undefined when absent. */
export function sharedData(path: string): string | undefined {
  const file = join(dirname(ROOT), "shared", "data", path);
  return existsSync(file) ? file : undefined;
}
