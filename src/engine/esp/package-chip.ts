import { fail } from "../../core/base/problem.ts";
import { sha256Hex } from "../../core/base/sha256.ts";
import { stableJson } from "../../core/base/stable-json.ts";
import { encodeUtf8 } from "../../core/base/utf8.ts";
import { CHECKSUM_FILE, checksumFile } from "../../core/export/checksums.ts";
import { espdlModel } from "../../core/export/espdl/espdl-model.ts";
import { fileSafe } from "../../core/export/package-input.ts";
import { PLAN_FILE } from "../../core/export/plan-file.ts";
import { zipFiles } from "../../core/export/zip.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import { encodeEspdlModel } from "../../core/format/espdl/encode-espdl.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { printPlan } from "../../core/plan/print-plan.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { channelsLast } from "../../core/program/layout/channels-last.ts";
import { transposeTensor } from "../../core/program/layout/reorder.ts";
import type { Program } from "../../core/program/program.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import { modelName } from "../model-name.ts";
import type { Sample } from "./observe-samples.ts";

export interface ChipPackageInput {
  readonly plan: Plan;
  readonly target: EspdlTarget;
  readonly program: Program;
  /** The first becomes the file's test vectors. */
  readonly samples: readonly Sample[];
}

export interface ChipPackage {
  readonly zip: Uint8Array;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** The package of a whole model for a chip: its `.espdl` with test vectors of every layer, the plan, checksums. */
export function packageChip({ plan, target, program, samples }: ChipPackageInput): ChipPackage {
  const name = modelName(plan.model.name);
  const bytes = espdlBytes(name, plan, target, program, samples);
  decodeEspdlModel(bytes, `${name}.espdl`);
  const files = new Map<string, Uint8Array>([
    [`models/${fileSafe(name)}.espdl`, bytes],
    [PLAN_FILE, encodeUtf8(printPlan(plan))],
    [
      "report.json",
      encodeUtf8(stableJson({ schema: 1, target: target.id, bits: plan.bits ?? 8, method: plan.method })),
    ],
  ]);
  files.set(CHECKSUM_FILE, checksumFile(files));
  const listed = [...files].map(([path, b]) => ({ path, bytes: b.byteLength, sha256: sha256Hex(b) }));
  return { zip: zipFiles(files), files: listed };
}

function espdlBytes(
  name: string,
  plan: Plan,
  target: EspdlTarget,
  source: Program,
  samples: readonly Sample[],
): Uint8Array {
  const { program, orders } = channelsLast(source, {
    keepWeights: plan.compatible !== undefined,
    vectorBytes: target.vectorBytes,
  });
  const [sample] = samples;
  if (!sample) fail({ code: "data.none" });
  const inputs: Record<string, Tensor> = {};
  for (const input of source.inputs) {
    const given = sample[input];
    if (!given) throw new Error(`no sample for ${input}`);
    const quantized = quantizeFeed(source, input, floats(given));
    const order = orders.get(input);
    inputs[input] = order ? transposeTensor(quantized, order) : quantized;
  }
  const values = new DeviceTwin(program).step(inputs);
  const metadata = new Map([
    ["target", target.espPpq.target],
    ["plan", sha256Hex(encodeUtf8(printPlan(plan)))],
  ]);
  const { vectorBytes } = target;
  return encodeEspdlModel(espdlModel({ name, program, vectorBytes, metadata, vectors: { inputs, values } }));
}
