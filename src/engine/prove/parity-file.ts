import { stableJson } from "../../core/base/stable-json.ts";
import { encodeUtf8 } from "../../core/base/utf8.ts";
import { approximationJson } from "../../core/export/approximation-record.ts";
import { errorRecord } from "../../core/export/manifest.ts";
import type { ProofReport } from "../../core/proof/proof.ts";
import type { ParityReport } from "../reports.ts";
import type { ProofSubject } from "./subject.ts";

/** Name of the file in the folder of a streaming model. */
export const PARITY_FILE = "parity.json";

/**
 * `parity.json`, schema 1: `model` {name, sha256}, `chunk`, `warmUp`; `proof` {verdict, checks}: per check its id, status
 * (passed, failed, notApplicable, skipped), the numbers of its evidence, the reason and the first value that differed;
 * `runtime`: offline against streaming in float32, as measured on `clips` (verdict, tolerance relative to a value's range,
 * whether the opened file itself was run, outputs, values, first divergent operator). No clock, no path.
 */
export function parityFile(
  { opened, streaming }: ProofSubject,
  parity: ParityReport,
  proof: ProofReport | undefined,
): Uint8Array {
  const { traces: _, approximation, ...measured } = parity;
  return encodeUtf8(
    stableJson({
      schema: 1,
      model: { name: opened.name, sha256: opened.sha256 },
      chunk: streaming.chunk,
      warmUp: streaming.warmUp,
      proof: proof ?? null,
      runtime: {
        ...measured,
        outputs: measured.outputs.map(errorRecord),
        values: measured.values.map(errorRecord),
        ...(approximation && { approximation: approximationJson(approximation) }),
      },
    }),
  );
}
