import { StudioError } from "../core/base/problem.ts";
import { MANIFEST_FILE } from "../core/export/manifest.ts";
import { openClips } from "../engine/clips.ts";
import { streamingReport } from "../engine/convert-model.ts";
import { compareModel, type Prepared, prepare } from "../engine/evaluate.ts";
import { measuredPlan } from "../engine/measured-plan.ts";
import { noiseClip } from "../engine/noise-clip.ts";
import { packageRequest } from "../engine/package-request.ts";
import { type Runtime, SILENT_JOB } from "../engine/ports.ts";
import { PARITY_FILE, parityFile } from "../engine/prove/parity-file.ts";
import { type ProveProgress, prove } from "../engine/prove/prove.ts";
import { streamFiles } from "../engine/stream-files.ts";
import { createRuntime } from "../runtime/ort.ts";
import { onlyPositional, outputOf, readArguments } from "./arguments.ts";
import { dataFiles } from "./data-files.ts";
import { PLAN_OPTIONS, planFrom } from "./plan-options.ts";
import { proofText } from "./proof-text.ts";
import { readModel } from "./read-model.ts";
import { answerJson, modulesOf, parityText } from "./results.ts";
import { scheduleText } from "./schedule-text.ts";
import { EXIT, printJson, type Terminal, terminalJob } from "./terminal.ts";
import { requirePlace, writeFolderWhole } from "./write-output.ts";

/** Parity on the clips; without any on noise, and on positive noise if the model gives NaN for the negative half. */
async function measured(prepared: Prepared, data: readonly string[], runtime: Runtime) {
  const { analysis, streaming, plan } = prepared;
  if (data.length > 0) {
    const clips = await openClips(dataFiles(data), analysis.stream, plan);
    return { clips, parity: await compareModel(prepared, clips, runtime, SILENT_JOB) };
  }
  const on = async (sign: "both" | "positive") => {
    const clips = [noiseClip(analysis.stream, streaming.model.roundFrames, { sign })];
    return { clips, parity: await compareModel(prepared, clips, runtime, SILENT_JOB) };
  };
  try {
    return await on("both");
  } catch (error) {
    if (!(error instanceof StudioError) || error.problem.code !== "model.notANumber") throw error;
    return on("positive");
  }
}

/**
 * `rill stream`: float streaming modules, their manifest and the proof that they equal offline. If the proof fails, it is
 * all that is written.
 */
export async function stream(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, {
    ...PLAN_OPTIONS,
    data: "list",
    output: "value",
    json: "flag",
    "no-prove": "flag",
  });
  const path = onlyPositional(args, "MODEL");
  const output = outputOf(args, "DIR");
  requirePlace(output, "folder");
  const opened = readModel(path);
  const runtime = createRuntime();
  const data = args.values("data");
  const sources = data.length > 0 ? dataFiles(data) : [];
  const prepared = prepare(
    opened,
    await measuredPlan(opened, planFrom(args, opened), sources, runtime, SILENT_JOB),
  );
  const analysis = prepared.analysis.stream;
  const { parity, clips } = await measured(prepared, data, runtime);
  const subject = {
    opened: prepared.opened,
    plan: prepared.plan,
    analysis,
    streaming: prepared.streaming.model,
    parity,
  };
  const job = terminalJob<ProveProgress>(terminal, (p) => `proving: ${p.check}, ${p.done + 1} of ${p.total}`);
  // The proof holds streaming against offline; a model that already streams has no offline form here.
  const proof = args.flag("no-prove") || prepared.carried ? undefined : await prove(subject, runtime, job);
  terminal.progress?.("");
  const evidence = new Map([[PARITY_FILE, parityFile(subject, parity, proof)]]);
  if (proof?.verdict === "failed") {
    writeFolderWhole(output, evidence);
    if (args.flag("json")) printJson(terminal, { plan: prepared.plan, proof, verified: false });
    else terminal.out(`${proofText(proof)}only ${PARITY_FILE} was written to ${output}\n`);
    return EXIT.notVerified;
  }
  const request = await packageRequest({ ...prepared, parity }, clips);
  const { files, report } = await streamFiles(runtime, request, SILENT_JOB, evidence);
  writeFolderWhole(output, files);
  if (args.flag("json")) {
    const { modules: _, ...streaming } = streamingReport(prepared.streaming);
    const modules = modulesOf(files.get(MANIFEST_FILE));
    const facts = analysis.facts;
    printJson(
      terminal,
      answerJson({ plan: prepared.plan, facts, modules, streaming, parity, report, ...(proof && { proof }) }),
    );
  } else {
    for (const file of report.files) terminal.out(`  ${file.path}  ${file.bytes} bytes, ${file.check}\n`);
    terminal.out(scheduleText(streamingReport(prepared.streaming), prepared.plan));
    terminal.out(`${parityText(parity)}\n`);
    if (proof) terminal.out(proofText(proof));
    terminal.out(`written to ${output}\n`);
  }
  return EXIT.verified;
}
