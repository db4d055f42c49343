import { encodeUtf8 } from "../../base/utf8.ts";
import { decodeEspdlModel } from "../../format/espdl/decode-espdl.ts";
import { printQuantizationJson } from "../../format/espdl/quantization-json.ts";
import { encodeNpy } from "../../format/npy/encode-npy.ts";
import { initFile, moduleFile, type PackageInput } from "../package-input.ts";
import { espdlText } from "./espdl-text.ts";
import { quantizationRecord } from "./quantization-record.ts";

/**
 * What a chip runs: `models/<module>.espdl`, beside it the same as text (`.info`) and how its tensors are quantized (`.json`), and a
 * file for each cache that does not start with one value everywhere.
 */
export function chipFiles({ chip }: Pick<PackageInput, "chip">): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const module of chip?.modules ?? []) {
    const file = moduleFile("chip", module);
    const model = decodeEspdlModel(module.bytes, file);
    files.set(file, module.bytes);
    files.set(beside(file, "info"), encodeUtf8(espdlText(model)));
    if (chip) {
      const record = quantizationRecord(model, chip.target);
      files.set(beside(file, "json"), encodeUtf8(printQuantizationJson(record)));
    }
    for (const [i, { init }] of module.caches.entries())
      if (typeof init !== "number") files.set(initFile(file, i), encodeNpy(init));
  }
  return files;
}

function beside(file: string, ending: string): string {
  return file.replace(/espdl$/, ending);
}
