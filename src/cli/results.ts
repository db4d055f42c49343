import { approximatedText, measuredText, referenceText } from "../core/export/approximation-record.ts";
import { errorRecord } from "../core/export/manifest.ts";
import { short } from "../core/export/numbers.ts";
import type { ParityWords } from "../core/export/parity-words.ts";
import { readManifest } from "../core/export/read-manifest.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { ProofReport } from "../core/proof/proof.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import type { PackageReport, ParityReport, QuantizationReport, StreamingReport } from "../engine/reports.ts";
import { explainReason } from "../explain/explain-proof.ts";

/** What `stream` and `package` answer with `--json`. */
export interface Answer {
  readonly plan: Plan;
  readonly facts: StreamAnalysis["facts"];
  /** As in the manifest. */
  readonly modules: unknown;
  readonly streaming: Omit<StreamingReport, "modules">;
  readonly parity: ParityReport;
  readonly proof?: ProofReport;
  readonly quantization?: QuantizationReport;
  readonly report: PackageReport;
}

/** The module records of a manifest. */
export function modulesOf(manifest: Uint8Array | undefined): unknown {
  return readManifest(manifest ?? new Uint8Array(0)).told.modules;
}

/** One plain object with `facts`, `modules`, `parity`, `quantization`, `files` and what belongs to them. */
export function answerJson({
  plan,
  facts,
  modules,
  streaming,
  parity,
  proof,
  quantization,
  report,
}: Answer): object {
  return {
    plan,
    facts,
    modules,
    streaming,
    parity: withoutTraces(parity),
    ...(proof && { proof }),
    quantization: quantization ? withoutTraces(quantization) : null,
    files: report.files,
    checks: report.checks,
    verified: report.verified,
  };
}

/** Traces are pictures; the package's report has them. */
function withoutTraces<T extends ParityReport | QuantizationReport>({ traces: _, ...report }: T): object {
  return { ...report, outputs: report.outputs.map(errorRecord), values: report.values.map(errorRecord) };
}

/** A line about parity, and one for everything that was approximated. */
export function parityText(parity: ParityReport): string {
  const worst = parity.outputs.reduce((w, e) => Math.max(w, e.maxRelative), 0);
  const what =
    parity.against === "file"
      ? "packaged model against the opened file, step by step"
      : "streaming against offline";
  const allowed = parity.approximation ? "" : ` (allowed ${short(parity.tolerance)})`;
  const line = `${what}: ${parity.verdict}, worst ${short(worst)} of an output's range over ${parity.frames} frames${allowed}`;
  const { form, why = "refused" } = parity.original;
  const notRun =
    parity.verdict === "exact" && form === "none"
      ? [`  ${explainReason({ code: "originalNotRun", why }, "en")}`]
      : [];
  return [line, ...notRun, ...approximationLines(parity)].join("\n");
}

function approximationLines({ approximation }: ParityReport): string[] {
  if (!approximation) return [];
  return [
    `  measured against ${referenceText(approximation)}`,
    ...approximation.nodes.map((node) => `  approximate ${approximatedText(node)}`),
    ...approximation.outputs.map((error) => `  output ${error.value}: ${measuredText(error)}`),
  ];
}

/** Lines about int8. */
export function quantizationText(quantization: QuantizationReport, words: ParityWords): string {
  const { integerParity: p } = quantization;
  const sqnr = quantization.outputs.map(
    (e) => `${e.value} ${Number.isFinite(e.sqnrDb) ? `${e.sqnrDb.toFixed(1)} dB` : "equal"}`,
  );
  const differences = p.differences.map(
    (d) => `  ${d.value}: ${d.count} off by up to ${d.maxSteps}, ${d.cause}\n`,
  );
  return `${words.integerName} against float: SQNR ${sqnr.join(", ")}
${words.integers}: ${p.different === 0 ? "equal" : `${p.different} differ`} in ${p.elements} integers of ${p.frames} frames
${differences.join("")}`;
}
