import { encodeNpy } from "../../format/npy/encode-npy.ts";
import { initFile, moduleFile, type PackageInput } from "../package-input.ts";

/** What a chip runs: `models/<module>.espdl`, and a file for each cache that does not start with one value everywhere. */
export function chipFiles({ chip }: PackageInput): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const module of chip?.modules ?? []) {
    const file = moduleFile("chip", module);
    files.set(file, module.bytes);
    for (const [i, { init }] of module.caches.entries())
      if (typeof init !== "number") files.set(initFile(file, i), encodeNpy(init));
  }
  return files;
}
