import { StudioError } from "../core/base/problem.ts";
import { MANIFEST_FILE } from "../core/export/manifest.ts";
import { compareFloat } from "../engine/compare/compare-float.ts";
import { streamingReport } from "../engine/convert-model.ts";
import { type Prepared, prepare } from "../engine/evaluate.ts";
import { noiseClip } from "../engine/noise-clip.ts";
import { packageRequest } from "../engine/package-request.ts";
import { type Runtime, SILENT_JOB } from "../engine/ports.ts";
import { streamFiles } from "../engine/stream-files.ts";
import { createRuntime } from "../runtime/ort.ts";
import { onlyPositional, outputOf, readArguments } from "./arguments.ts";
import { PLAN_OPTIONS, planFrom } from "./plan-options.ts";
import { readModel } from "./read-model.ts";
import { answerJson, modulesOf, parityText } from "./results.ts";
import { EXIT, printJson, type Terminal } from "./terminal.ts";
import { writeFolderWhole } from "./write-output.ts";

/** Parity on noise; on positive noise if the model gives NaN for the negative half. */
async function proved({ opened, analysis, streaming }: Prepared, runtime: Runtime) {
  const on = async (sign: "both" | "positive") => {
    const clips = [noiseClip(analysis.stream, streaming.model.roundFrames, { sign })];
    const input = { opened, analysis: analysis.stream, streaming: streaming.model, clips };
    return { clips, parity: await compareFloat(input, runtime, SILENT_JOB) };
  };
  try {
    return await on("both");
  } catch (error) {
    if (!(error instanceof StudioError) || error.problem.code !== "model.notANumber") throw error;
    return on("positive");
  }
}

/** `rill stream`: float streaming modules and their manifest, proved equal to offline on noise. */
export async function stream(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, { ...PLAN_OPTIONS, output: "value", json: "flag" });
  const path = onlyPositional(args, "MODEL");
  const output = outputOf(args, "DIR");
  const opened = readModel(path);
  const prepared = prepare(opened, planFrom(args, opened));
  const runtime = createRuntime();
  const analysis = prepared.analysis.stream;
  const { parity, clips } = await proved(prepared, runtime);
  const { files, report } = await streamFiles(
    runtime,
    await packageRequest({ ...prepared, parity }, clips),
    SILENT_JOB,
  );
  writeFolderWhole(output, files);
  if (args.flag("json")) {
    const { modules: _, ...streaming } = streamingReport(prepared.streaming);
    const modules = modulesOf(files.get(MANIFEST_FILE));
    const facts = analysis.facts;
    printJson(terminal, answerJson({ plan: prepared.plan, facts, modules, streaming, parity, report }));
  } else {
    for (const file of report.files) terminal.out(`  ${file.path}  ${file.bytes} bytes, ${file.check}\n`);
    terminal.out(`${parityText(parity)}\n`);
    terminal.out(`written to ${output}\n`);
  }
  return EXIT.verified;
}
