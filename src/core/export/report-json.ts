import { stableJson } from "../base/stable-json.ts";
import { encodeUtf8 } from "../base/utf8.ts";
import type { ErrorTrace } from "../quant/error-metrics.ts";
import { approximationJson } from "./approximation-record.ts";
import { errorRecord } from "./manifest.ts";
import { moduleFile, type PackagedModule, type PackageInput, type Precision } from "./package-input.ts";

/** `report.json`: every number that the report shows, and the parameters of every quantized value. */
export function reportJsonFile(input: PackageInput): Uint8Array {
  const { parity, quantization } = input;
  return encodeUtf8(
    stableJson({
      schema: 1,
      model: input.model,
      parity: {
        verdict: parity.verdict,
        tolerance: parity.tolerance,
        frames: parity.frames,
        clips: parity.clips,
        original: parity.original,
        ...(parity.approximation && { approximation: approximationJson(parity.approximation) }),
        outputs: parity.outputs.map(errorRecord),
        values: parity.values.map(errorRecord),
        traces: parity.traces.map(traceRecord),
      },
      quantization: quantization
        ? {
            target: quantization.target,
            method: quantization.method,
            outputs: quantization.outputs.map(errorRecord),
            values: quantization.values.map(errorRecord),
            traces: quantization.traces.map(traceRecord),
            params: quantization.params,
            integerParity: quantization.integerParity,
            floatBytes: quantization.floatBytes,
            quantizedBytes: quantization.quantizedBytes,
            findings: quantization.findings,
            ...(quantization.choices && { choices: quantization.choices }),
          }
        : null,
      modules: {
        float: input.float.map((module) => costOf("float", module)),
        int8: input.int8?.map((module) => costOf("int8", module)),
        chip: input.chip?.modules.map((module) => costOf("chip", module)),
      },
      schedule: input.schedule,
      findings: input.findings,
      checks: input.checks,
    }),
  );
}

function traceRecord(trace: ErrorTrace): object {
  return {
    value: trace.value,
    framesPerPoint: trace.framesPerPoint,
    level: shortened(trace.level),
    error: shortened(trace.error),
  };
}

/** Points of a plot with six digits: shorter than the exact float32, and still far finer than any picture. */
function shortened(values: Float32Array): number[] {
  return Array.from(values, (x) => (Number.isFinite(x) ? Number(x.toPrecision(6)) : x));
}

function costOf(precision: Precision, module: PackagedModule): object {
  return {
    name: module.name,
    file: moduleFile(precision, module),
    bytes: module.bytes.length,
    ...module.cost,
  };
}
