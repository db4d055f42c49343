import { fail } from "../core/base/problem.ts";
import { MANIFEST_FILE } from "../core/export/manifest.ts";
import { integerName, parityWords } from "../core/export/parity-words.ts";
import { unzipFiles } from "../core/export/zip.ts";
import type { Plan } from "../core/plan/plan.ts";
import { targetById } from "../core/targets/catalogue.ts";
import type { Target } from "../core/targets/target.ts";
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
import { type Arguments, onlyPositional, outputOf, readArguments } from "./arguments.ts";
import { choicesText, searchLine } from "./choices-text.ts";
import { dataFiles } from "./data-files.ts";
import { packageOffline } from "./package-chip.ts";
import { PLAN_OPTIONS, planFrom } from "./plan-options.ts";
import { readModel } from "./read-model.ts";
import { answerJson, modulesOf, parityText, quantizationText } from "./results.ts";
import { EXIT, printJson, report as reportProblem, type Terminal, terminalJob } from "./terminal.ts";
import { type OutputFile, requirePlace, writeFilesWhole } from "./write-output.ts";

const CHIP_OPTIONS = ["bits", "int16", "caches", "compatible", "offline"];

const CONVERTING_OPTIONS = [
  "axis",
  "rate",
  "chunk",
  "states",
  "fix",
  "split",
  "modules",
  "approximate",
  "warm-up",
  "end",
  "features",
  "caches",
];

const calibrationLine = (p: CalibrationProgress): string =>
  `calibrating: clip ${p.clip} of ${p.clipCount}, ${p.timesRealTime.toFixed(0)} × real time, ${p.etaSeconds.toFixed(0)} s left`;

/** What every package of one command line shares. */
export interface PackageCommand {
  readonly opened: OpenedModel;
  readonly sources: readonly ClipSource[];
  readonly runtime: Runtime;
  readonly terminal: Terminal;
}

/** What one package answers: for people, and for `--json`; and what is to be written. */
export interface PackageAnswer {
  readonly text: string;
  readonly json: object;
  readonly file: OutputFile;
}

/**
 * `rill package`: calibrates on data, quantizes, compares, and writes the verified package; one for each target, if there are
 * several, and none of them before all are verified.
 */
export async function packageCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, { ...PLAN_OPTIONS, data: "list", output: "value", json: "flag" });
  const path = onlyPositional(args, "MODEL");
  const output = outputOf(args, "OUT.zip");
  const data = args.values("data");
  if (data.length === 0) fail({ code: "cli.usage", what: "--data FILE|DIR is missing" });
  requirePlace(output, "file");
  const opened = readModel(path);
  const runtime = createRuntime();
  const sources = dataFiles(data);
  const planned = await measuredPlan(opened, planFrom(args, opened), sources, runtime, SILENT_JOB);
  const targets = targetsOf(planned, args);
  const answers: PackageAnswer[] = [];
  for (const target of targets) {
    const plan = { ...planned, target: target.id };
    const file = targets.length === 1 ? output : `${output.replace(/\.zip$/, "")}-${target.id}.zip`;
    requirePlace(file, "file");
    const command = { opened, sources, runtime, terminal };
    try {
      answers.push(
        plan.offline && target.exporter === "espdl"
          ? await packageOffline(command, plan, target, file)
          : await packageStreaming(command, plan, file),
      );
    } catch (error) {
      if (targets.length === 1) throw error;
      const code = reportProblem(error, terminal);
      terminal.err(`This was for the target ${target.id}. No package was written.\n`);
      return code;
    }
  }
  writeFilesWhole(answers.map(({ file }) => file));
  terminal.progress?.("");
  const jsons = answers.map(({ json }) => json);
  const texts = answers.map(({ text }, i) => (targets.length === 1 ? text : `${targets[i]?.label}\n${text}`));
  if (args.flag("json")) printJson(terminal, jsons.length === 1 && jsons[0] ? jsons[0] : { packages: jsons });
  else terminal.out(texts.join(""));
  return EXIT.verified;
}

/**
 * The targets of a plan, each once. Throws `plan.unknownTarget`, and `cli.usage` where an option would be left out in silence: those of
 * chips without a chip, those of converting with `--offline`.
 */
function targetsOf(plan: Plan, args: Arguments): Target[] {
  const targets = [
    ...new Set(
      plan.target
        .split(",")
        .filter((id) => id !== "")
        .map(targetById),
    ),
  ];
  if (targets.length === 0) targetById(plan.target);
  const chips = targets.filter((t) => t.exporter === "espdl");
  const given = (names: readonly string[]) => names.find((name) => args.flag(name));
  if (plan.budget && chips.length === 0) fail({ code: "plan.budgetUnused", why: "target" });
  // What is no chip has 8 bits.
  const asked = args.value("bits") === "8" ? CHIP_OPTIONS.filter((name) => name !== "bits") : CHIP_OPTIONS;
  const unused = chips.length === 0 ? given(asked) : undefined;
  if (unused) fail({ code: "cli.usage", what: `--${unused} is for chips, and ${plan.target} is none` });
  if (!plan.offline) return targets;
  if (chips.length < targets.length)
    fail({
      code: "cli.usage",
      what: `--offline is for chips alone, and ${plan.target} names another target`,
    });
  const converts = given(CONVERTING_OPTIONS);
  if (converts)
    fail({
      code: "cli.usage",
      what: `--${converts} is for streaming, and --offline leaves the model as it is`,
    });
  return targets;
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
  const { parity, quantization } = evaluation;
  const { modules: _, ...streaming } = streamingReport(prepared.streaming);
  const modules = modulesOf(unzipFiles(zip, report.fileName).get(MANIFEST_FILE));
  const facts = prepared.analysis.stream.facts;
  const words = parityWords(parity, integerName(evaluation));
  return {
    text: `${parityText(parity)}\n${quantizationText(quantization, words)}${choicesText(quantization.choices, quantization.findings)}${report.files.length} files verified, written to ${output}\n`,
    json: answerJson({ plan, facts, modules, streaming, parity, quantization, report }),
    file: { path: output, bytes: zip },
  };
}
