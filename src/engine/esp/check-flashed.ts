import { StudioError } from "../../core/base/problem.ts";
import { PACKED_FILE } from "../../core/export/esp-idf/idf-project.ts";
import type { CheckRecord } from "../../core/export/package-input.ts";
import { unpackContainer } from "../../core/format/espdl/container.ts";
import type { ModuleSet } from "../check-modules.ts";

/**
 * Whether the image that an ESP-IDF project writes to flash holds the very models of the package. No record where a set has
 * no image of its own: a single model is flashed from its own file.
 */
export function checkFlashed(
  files: ReadonlyMap<string, Uint8Array>,
  { precision, modules }: ModuleSet,
): CheckRecord[] {
  if (precision !== "chip" || modules.length < 2) return [];
  const passed = holdsAll(
    files,
    modules.map((m) => m.file),
  );
  return [{ name: "models", file: PACKED_FILE, level: "well-formed", passed, maxAbs: 0, tolerance: 0 }];
}

function holdsAll(files: ReadonlyMap<string, Uint8Array>, models: readonly string[]): boolean {
  const image = files.get(PACKED_FILE);
  if (!image) return false;
  try {
    const { payloads } = unpackContainer(image, PACKED_FILE);
    return (
      payloads.length === models.length &&
      models.every((path) => {
        const packed = payloads.find((p) => p.name === path.slice(path.lastIndexOf("/") + 1));
        const [own] = unpackContainer(files.get(path) ?? new Uint8Array(0), path).payloads;
        return packed !== undefined && own !== undefined && sameBytes(packed.bytes, own.bytes);
      })
    );
  } catch (error) {
    if (error instanceof StudioError) return false;
    throw error;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
