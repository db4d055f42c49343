import { encodeNpy } from "../format/npy/encode-npy.ts";
import { initFile, moduleFile, type PackagedModule, type PackageInput, startFile } from "./package-input.ts";

/** The modules themselves: `float/<module>.onnx` and, when quantized, `int8/<module>.onnx`. */
export function onnxFiles(input: PackageInput): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const module of input.float) addModule(files, moduleFile("float", module), module);
  for (const module of input.int8 ?? []) addModule(files, moduleFile("int8", module), module);
  return files;
}

/** A module's ONNX file, and one npy file for each cache that does not start with one value everywhere. */
export function addModule(files: Map<string, Uint8Array>, file: string, module: PackagedModule): void {
  files.set(file, module.bytes);
  if (module.start) files.set(startFile(file), module.start.bytes);
  for (const [i, { init }] of module.caches.entries()) {
    if (typeof init !== "number") files.set(initFile(file, i), encodeNpy(init));
  }
}
