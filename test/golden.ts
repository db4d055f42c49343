import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeNpy } from "../src/core/format/npy/decode-npy.ts";
import { sliceAxis } from "../src/core/ir/axis.ts";
import type { Model } from "../src/core/ir/graph.ts";
import { floats, floatTensor } from "../src/core/ir/tensor.ts";
import type { NumberFormat } from "../src/core/quant/esp/number-format.ts";
import type { Sample } from "../src/engine/esp/place/observe-samples.ts";
import { openModel } from "../src/engine/open-model.ts";

export type GoldenTarget = "esp32p4" | "esp32s3" | "c";

const BIAS_BITS = { esp32p4: { 8: 32, 16: 40 }, esp32s3: { 8: 20, 16: 40 }, c: { 8: 32, 16: 64 } } as const;

export function goldenFormat(target: GoldenTarget, bits: 8 | 16): NumberFormat {
  const p4 = target === "esp32p4";
  return {
    bits,
    biasBits: BIAS_BITS[target][bits],
    rounding: p4 ? "half-even" : "half-up",
    perChannelFilters: p4,
  };
}

/** A model that ESP-PPQ quantized, with the samples that it was calibrated on. */
export function goldenModel(folder: string): { model: Model; input: string; samples: Sample[] } {
  const bytes = (file: string) => new Uint8Array(readFileSync(join(folder, file)));
  const { normalized: model } = openModel([{ name: "model.onnx", bytes: bytes("model.onnx") }]);
  const input = model.graph.inputs[0]?.name ?? "";
  const all = decodeNpy(bytes("calibration.npy"), "calibration.npy");
  const samples = Array.from({ length: all.dims[0] ?? 0 }, (_, i): Sample => {
    const one = sliceAxis(all, 0, i, i + 1);
    return { [input]: floatTensor(floats(one), all.dims.slice(1)) };
  });
  return { model, input, samples };
}
