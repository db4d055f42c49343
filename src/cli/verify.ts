import { basename } from "node:path";
import { SILENT_JOB } from "../engine/ports.ts";
import { type VerifiedPackage, verifyPackage } from "../engine/verify-package.ts";
import { createRuntime } from "../runtime/ort.ts";
import { onlyPositional, readArguments } from "./arguments.ts";
import { readBytes } from "./read-model.ts";
import { columns, EXIT, printJson, type Terminal } from "./terminal.ts";

/** `rill verify`: reads a package back and runs everything in it against its own test vectors. */
export async function verify(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, { json: "flag" });
  const path = onlyPositional(args, "OUT.zip");
  const result = await verifyPackage(createRuntime(), readBytes(path), {
    fileName: basename(path),
    job: SILENT_JOB,
  });
  if (args.flag("json")) printJson(terminal, asJson(result));
  else terminal.out(asText(result));
  return result.report.verified ? EXIT.verified : EXIT.notVerified;
}

function asJson({ report, manifest }: VerifiedPackage): object {
  const { told } = manifest;
  return {
    model: manifest.model,
    facts: null,
    modules: told.modules,
    parity: told.parity ?? null,
    quantization: told.quantization ?? null,
    files: report.files,
    checks: report.checks,
    verified: report.verified,
  };
}

function asText({ report, records }: VerifiedPackage): string {
  const rows = records
    .filter((r) => !r.passed || r.level !== "well-formed")
    .map((r) => [
      r.passed ? "passed" : "FAILED",
      r.level,
      r.file,
      r.name,
      `max ${r.maxAbs}, allowed ${r.tolerance}`,
    ]);
  return `${columns(rows)}${report.fileName}: ${report.files.length} files, ${report.verified ? "verified" : "NOT verified"}\n`;
}
