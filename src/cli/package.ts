import { fail } from "../core/base/problem.ts";
import { MANIFEST_FILE } from "../core/export/manifest.ts";
import { integerName, parityWords } from "../core/export/parity-words.ts";
import { unzipFiles } from "../core/export/zip.ts";
import type { Plan } from "../core/plan/plan.ts";
import { targetById } from "../core/targets/catalogue.ts";
import { type ClipSource, openClips } from "../engine/clips.ts";
import { streamingReport } from "../engine/convert-model.ts";
import { calibrateModel, evaluate, prepare } from "../engine/evaluate.ts";
import { measuredPlan } from "../engine/measured-plan.ts";
import type { OpenedModel } from "../engine/open-model.ts";
import { packageModel } from "../engine/package-model.ts";
import { packageRequest } from "../engine/package-request.ts";
import { type Runtime, SILENT_JOB } from "../engine/ports.ts";
import type { CalibrationProgress, CompareProgress } from "../engine/reports.ts";
import { createRuntime } from "../runtime/ort.ts";
import { onlyPositional, outputOf, readArguments } from "./arguments.ts";
import { choicesText, searchLine } from "./choices-text.ts";
import { dataFiles } from "./data-files.ts";
import { packageOffline } from "./package-chip.ts";
import { PLAN_OPTIONS, planFrom } from "./plan-options.ts";
import { readModel } from "./read-model.ts";
import { answerJson, modulesOf, parityText, quantizationText } from "./results.ts";
import { EXIT, printJson, type Terminal, terminalJob } from "./terminal.ts";
import { writeFileWhole } from "./write-output.ts";

const calibrationLine = (p: CalibrationProgress): string =>
  `calibrating: clip ${p.clip} of ${p.clipCount}, ${p.timesRealTime.toFixed(0)} × real time, ${p.etaSeconds.toFixed(0)} s left`;

/** What every package of one command line shares. */
export interface PackageCommand {
  readonly opened: OpenedModel;
  readonly sources: readonly ClipSource[];
  readonly runtime: Runtime;
  readonly terminal: Terminal;
}

/** What one package answers: for people, and for `--json`. */
export interface PackageAnswer {
  readonly text: string;
  readonly json: object;
}

/**
 * `rill package`: calibrates on data, quantizes, compares, and writes the verified package; one for each target, if there are
 * several.
 */
export async function packageCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, { ...PLAN_OPTIONS, data: "list", output: "value", json: "flag" });
  const path = onlyPositional(args, "MODEL");
  const output = outputOf(args, "OUT.zip");
  const data = args.values("data");
  if (data.length === 0) fail({ code: "cli.usage", what: "--data FILE|DIR is missing" });
  const opened = readModel(path);
  const runtime = createRuntime();
  const sources = dataFiles(data);
  const planned = await measuredPlan(opened, planFrom(args, opened), sources, runtime, SILENT_JOB);
  const targets = planned.target.split(",").map(targetById);
  if (planned.budget && targets.every((t) => t.exporter !== "espdl"))
    fail({ code: "plan.budgetUnused", why: "target" });
  const answers: object[] = [];
  for (const target of targets) {
    const plan = { ...planned, target: target.id };
    const file = targets.length === 1 ? output : `${output.replace(/\.zip$/, "")}-${target.id}.zip`;
    const command = { opened, sources, runtime, terminal };
    const { text, json } =
      plan.offline && target.exporter === "espdl"
        ? await packageOffline(command, plan, target, file)
        : await packageStreaming(command, plan, file);
    terminal.progress?.("");
    if (!args.flag("json")) terminal.out(targets.length === 1 ? text : `${target.label}\n${text}`);
    answers.push(json);
  }
  const [only] = answers;
  if (args.flag("json")) printJson(terminal, answers.length === 1 && only ? only : { packages: answers });
  return EXIT.verified;
}

async function packageStreaming(
  { opened, sources, runtime, terminal }: PackageCommand,
  plan: Plan,
  output: string,
): Promise<PackageAnswer> {
  const prepared = prepare(opened, plan);
  const clips = await openClips(sources, prepared.analysis.stream, plan);
  const calibrating = terminalJob<CalibrationProgress>(terminal, calibrationLine);
  const { statistics } = await calibrateModel(prepared, clips, runtime, calibrating);
  const comparing = terminalJob<CompareProgress>(terminal, (p) =>
    p.stage === "search" ? searchLine(p) : `${p.stage}: clip ${p.clip} of ${p.clipCount}`,
  );
  const evaluation = await evaluate(prepared, statistics, clips, runtime, comparing);
  const request = await packageRequest(evaluation, clips);
  const { report, zip } = await packageModel(runtime, request, SILENT_JOB);
  writeFileWhole(output, zip);
  const { parity, quantization } = evaluation;
  const { modules: _, ...streaming } = streamingReport(prepared.streaming);
  const modules = modulesOf(unzipFiles(zip, report.fileName).get(MANIFEST_FILE));
  const facts = prepared.analysis.stream.facts;
  const words = parityWords(parity, integerName(evaluation));
  return {
    text: `${parityText(parity)}\n${quantizationText(quantization, words)}${choicesText(quantization.choices, quantization.findings)}${report.files.length} files verified, written to ${output}\n`,
    json: answerJson({ plan, facts, modules, streaming, parity, quantization, report }),
  };
}
