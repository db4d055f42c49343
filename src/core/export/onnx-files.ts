import { moduleFile, type PackageInput } from "./package-input.ts";

/** The modules themselves: `float/<module>.onnx` and, when quantized, `int8/<module>.onnx`. */
export function onnxFiles(input: PackageInput): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const module of input.float) files.set(moduleFile("float", module), module.bytes);
  for (const module of input.int8 ?? []) files.set(moduleFile("int8", module), module.bytes);
  return files;
}
