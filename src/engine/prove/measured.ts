import type { CheckVerdict } from "../../core/proof/proof.ts";
import type { Check } from "./check.ts";

/**
 * Whether the float32 runtime agrees, as measured on the clips: within the tolerance that its choice of kernels by shape
 * needs. Says if the opened file itself could not be run beside its normalised form.
 */
export const runtime: Check = {
  id: "runtime",
  run({ parity, analysis }): Promise<CheckVerdict> {
    if (!parity) return Promise.resolve({ check: "runtime", status: "notApplicable", evidence: {} });
    const worst = parity.outputs.reduce((w, o) => Math.max(w, o.maxRelative), 0);
    const evidence = {
      clips: parity.clips.length,
      inputFrames: parity.frames,
      values: parity.values.length,
      maxRelative: worst,
      tolerance: parity.tolerance,
    };
    const bad = parity.firstDivergent;
    const summary = bad && parity.values.find((v) => v.value === bad.value);
    const op = bad && analysis.graph.nodes.find((n) => n.outputs.includes(bad.value))?.op;
    const first = bad && { ...bad, ...(op && { op }), frame: Math.max(0, summary?.firstBadFrame ?? 0) };
    if (parity.verdict === "different")
      return Promise.resolve({ check: "runtime", status: "failed", evidence, ...(first && { first }) });
    if (parity.verdict === "approximate")
      return Promise.resolve({
        check: "runtime",
        status: "notApplicable",
        evidence,
        reason: { code: "approximate" },
      });
    const { form, why = "refused" } = parity.original;
    return Promise.resolve({
      check: "runtime",
      status: "passed",
      evidence,
      ...(form === "none" && { reason: { code: "originalNotRun", why } as const }),
    });
  },
};

/** Whether int8 streaming equals int8 offline as integers, on every frame; rounding ties of the runtime are told. */
export const integers: Check = {
  id: "integers",
  run({ quantization }): Promise<CheckVerdict> {
    if (!quantization) return Promise.resolve({ check: "integers", status: "notApplicable", evidence: {} });
    const { frames: inputFrames, elements, different, differences } = quantization.integerParity;
    const evidence = { inputFrames, elements, different };
    const unknown = differences.find((d) => d.cause === "unknown");
    if (!unknown) {
      const reason = different > 0 && ({ reason: { code: "tiesByValue" } } as const);
      return Promise.resolve({ check: "integers", status: "passed", evidence, ...reason });
    }
    const first = { value: unknown.value, frame: 0 };
    return Promise.resolve({ check: "integers", status: "failed", evidence, first });
  },
};
