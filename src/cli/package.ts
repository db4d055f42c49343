import { fail } from "../core/base/problem.ts";
import { MANIFEST_FILE } from "../core/export/manifest.ts";
import { integerName, parityWords } from "../core/export/parity-words.ts";
import { unzipFiles } from "../core/export/zip.ts";
import { targetById } from "../core/targets/catalogue.ts";
import { openClips } from "../engine/clips.ts";
import { streamingReport } from "../engine/convert-model.ts";
import { calibrateModel, evaluate, prepare } from "../engine/evaluate.ts";
import { measuredPlan } from "../engine/measured-plan.ts";
import { packageModel } from "../engine/package-model.ts";
import { packageRequest } from "../engine/package-request.ts";
import { SILENT_JOB } from "../engine/ports.ts";
import type { CalibrationProgress, CompareProgress } from "../engine/reports.ts";
import { createRuntime } from "../runtime/ort.ts";
import { onlyPositional, outputOf, readArguments } from "./arguments.ts";
import { dataFiles } from "./data-files.ts";
import { packageForChip } from "./package-chip.ts";
import { PLAN_OPTIONS, planFrom } from "./plan-options.ts";
import { readModel } from "./read-model.ts";
import { answerJson, modulesOf, parityText, quantizationText } from "./results.ts";
import { EXIT, printJson, type Terminal, terminalJob } from "./terminal.ts";
import { writeFileWhole } from "./write-output.ts";

const calibrationLine = (p: CalibrationProgress): string =>
  `calibrating: clip ${p.clip} of ${p.clipCount}, ${p.timesRealTime.toFixed(0)} × real time, ${p.etaSeconds.toFixed(0)} s left`;

/** `rill package`: calibrates on data, quantizes, compares, and writes the verified package. */
export async function packageCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, { ...PLAN_OPTIONS, data: "list", output: "value", json: "flag" });
  const path = onlyPositional(args, "MODEL");
  const output = outputOf(args, "OUT.zip");
  const data = args.values("data");
  if (data.length === 0) fail({ code: "cli.usage", what: "--data FILE|DIR is missing" });
  const opened = readModel(path);
  const runtime = createRuntime();
  const sources = dataFiles(data);
  const plan = await measuredPlan(opened, planFrom(args, opened), sources, runtime, SILENT_JOB);
  const target = targetById(plan.target);
  if (plan.offline && target.exporter === "espdl")
    return packageForChip({ args, opened, plan, target, output, data, terminal });
  const prepared = prepare(opened, plan);
  const clips = await openClips(sources, prepared.analysis.stream, plan);
  const calibrating = terminalJob<CalibrationProgress>(terminal, calibrationLine);
  const { statistics } = await calibrateModel(prepared, clips, runtime, calibrating);
  const comparing = terminalJob<CompareProgress>(
    terminal,
    (p) => `${p.stage}: clip ${p.clip} of ${p.clipCount}`,
  );
  const evaluation = await evaluate(prepared, statistics, clips, runtime, comparing);
  const request = await packageRequest(evaluation, clips);
  const { report, zip } = await packageModel(runtime, request, SILENT_JOB);
  terminal.progress?.("");
  writeFileWhole(output, zip);
  const { parity, quantization } = evaluation;
  if (args.flag("json")) {
    const { modules: _, ...streaming } = streamingReport(prepared.streaming);
    const modules = modulesOf(unzipFiles(zip, report.fileName).get(MANIFEST_FILE));
    const facts = prepared.analysis.stream.facts;
    printJson(terminal, answerJson({ plan, facts, modules, streaming, parity, quantization, report }));
  } else {
    terminal.out(
      `${parityText(parity)}\n${quantizationText(quantization, parityWords(parity, integerName(evaluation)))}`,
    );
    terminal.out(`${report.files.length} files verified, written to ${output}\n`);
  }
  return EXIT.verified;
}
