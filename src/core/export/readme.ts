import { encodeUtf8 } from "../base/utf8.ts";
import type { FeatureSettings } from "../plan/plan.ts";
import { approximatedText, measuredText, referenceText } from "./approximation-record.ts";
import { CHIP_FILES, chipLoopSection, chipTitle, flashSection } from "./esp-idf/chip-readme.ts";
import { counted, decibels, grouped, kilobytes, short } from "./numbers.ts";
import {
  type ApproximationRecord,
  deployed,
  moduleFile,
  type PackageInput,
  type QuantizationRecord,
} from "./package-input.ts";
import { integerName, type ParityWords, parityWords } from "./parity-words.ts";
import { code } from "./readme-code.ts";

/** `README.md`: the model card of the package, and how to run it. */
export function readmeFile(input: PackageInput): Uint8Array {
  const { chip } = input;
  const use = chip
    ? [flashSection(chip, code), chipLoopSection(input, chip, code)]
    : [runSection(input), loopSection(input)];
  const parts = [title(input), ...use, modelSection(input), accuracySection(input)];
  return encodeUtf8(`${[...parts, chip ? CHIP_FILES : FILES].join("\n\n")}\n`);
}

function title(input: PackageInput): string {
  const { precision } = deployed(input);
  const format = precision === "int8" ? "int8 (QDQ) and float" : "float";
  const carried = input.parity.against === "file";
  const what = input.chip
    ? chipTitle(input, input.chip)
    : carried
      ? `A model that streams by itself: ${format} ONNX with its states as ports. Each step takes ${counted(input.chunk, "new frame")} and
the states of the step before, and gives what the opened file gives.`
      : `A streaming form of an offline model: ${format} ONNX with explicit caches. Each step takes ${counted(input.chunk, "new frame")} and
the caches of the step before, and gives what the offline model gives for the whole signal.`;
  return `# ${code(input.model.name)}, streaming

${what}

- ${carried ? "Opened file" : "Offline model"}: ${code(input.model.name)}, SHA-256 \`${input.model.sha256}\`
- ${grouped(input.model.parameterCount)} parameters, opset ${input.model.opset}${input.model.producer === "" ? "" : `, made by ${code(input.model.producer)}`}
- Licence and intended use are those of ${carried ? "that file" : "the offline model"}: ask its author.`;
}

function runSection(input: PackageInput): string {
  const float = input.int8 ? "\n\nAdd `--float` for the float modules." : "";
  return `## Run it

\`\`\`
cd python && pip install -r requirements.txt && python run_stream.py
cd js && npm install && node run_stream.mjs
\`\`\`

Both run the modules step by step, feed every cache back, and compare with the test vectors.${float}`;
}

function wrongStart(frames: number): string {
  return Number.isFinite(frames) ? `The first ${counted(frames, "frame")} may` : "All frames may";
}

function endText(input: PackageInput): string[] {
  const caches = deployed(input).modules.flatMap((m) => m.caches);
  const counter = caches.find((c) => c.readers.some((r) => r.use === "end"));
  if (!counter) return [];
  return [
    `When the last chunk is known, set ${code(counter.input)} (of every module that has it) to the number of true frames from its first on, before it runs: then frames that look behind the end are right too. What fills up the chunk and flushes the rest does not matter.`,
  ];
}

const MULTI_RATE =
  "Modules have different periods: one that is slower than the first collects what arrives, joined along the time axis, until a run's worth is there (`shape` of its inputs), and runs then.";
const GATE =
  "A module with `gateRuns` leaves out that many runs at the start: only frames from before the stream would enter. Its caches stay as they are; hand on zeros.";

function loopSection(input: PackageInput): string {
  const delayed = input.outputs.filter((p) => p.delay > 0);
  const delays = delayed.map(
    (p) => `Output ${code(p.name)} lags by ${counted(p.delay, "frame")}: drop its first ${p.delay}.`,
  );
  const warm =
    input.warmUp.wrongFrames > 0
      ? `${wrongStart(input.warmUp.wrongFrames)} differ from offline: the start is not guarded.`
      : "There is no warm-up: the first frame is already right.";
  const held = deployed(input).modules.some((m) => m.caches.some((c) => (c.holdSteps ?? 0) > 0));
  const starts = deployed(input).modules.some((m) => m.start !== undefined);
  const more = [
    ...(held
      ? [
          "A cache with `holdSteps` keeps its `init` through that many runs: drop what the module gives back for it.",
        ]
      : []),
    ...(starts
      ? [
          "A module with `start` uses `start.file` for its first `start.runs` runs, with the caches of `start` beside its own, and `file` from then on. Both read and leave the same caches.",
        ]
      : []),
  ].map((text, i) => `${i + 4}. ${text}\n`);
  const slow = input.schedule.kind === "multiRate" ? [MULTI_RATE] : [];
  const gate = deployed(input).modules.some((m) => m.gateRuns > 0) ? [GATE] : [];
  const flush =
    input.flushSteps > 0
      ? `After the last frame, run ${counted(input.flushSteps, "more step")} on zeros to bring out what is delayed.`
      : "Nothing is left inside after the last frame: no flush.";
  return `## The loop

1. At the start, fill every cache input with its \`init\` from \`manifest.json\` (already in the cache's own number format).
2. Each step, run the modules in the order of \`manifest.json\`. A module's inputs are model inputs or outputs of earlier modules.
3. After a module has run, its cache outputs become its cache inputs of the next step.
${more.join("")}
${[...slow, ...gate, ...delays, warm, flush, ...endText(input)].join("\n")}`;
}

function modelSection(input: PackageInput): string {
  const { precision, modules } = deployed(input);
  const ports = [
    ...input.inputs.map(
      (p) =>
        `| input | ${code(p.name)} | ${p.dtype} | ${p.shape.join(" × ")} | ${p.axis ?? "–"} | ${p.delay} |`,
    ),
    ...input.outputs.map(
      (p) =>
        `| output | ${code(p.name)} | ${p.dtype} | ${p.shape.join(" × ")} | ${p.axis ?? "–"} | ${p.delay} |`,
    ),
  ];
  const rows = modules.map(
    (m) =>
      `| \`${moduleFile(precision, m)}\` | ${grouped(m.cost.macs)} | ${kilobytes(m.cost.weightBytes)} | ${m.caches.length} (${kilobytes(m.cost.cacheBytes)}) | ${m.period} | ${m.startStep} |`,
  );
  const features = Object.entries(input.plan.features).map(
    ([name, f]) => `- ${code(name)}: ${featureText(f)}`,
  );
  return `## Inputs, outputs, modules

| | name | type | shape per step | time axis | delay in frames |
| --- | --- | --- | --- | --- | --- |
${ports.join("\n")}

| module | MACs per run | weights | caches | runs every … schedule steps | first at step |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}${features.length > 0 ? `\n\nInput features that audio was turned into for the numbers below (arrays were taken as they are):\n\n${features.join("\n")}` : ""}`;
}

function featureText(f: FeatureSettings): string {
  const frame = `window ${f.windowSamples}, hop ${f.hopSamples}, FFT ${f.fftSize} (${f.window}${f.center ? ", centred" : ""})`;
  const bands = `${f.melBands} ${f.mel} bands, ${f.lowHz}–${f.highHz} Hz, power ${f.power}, floor ${f.floor}`;
  switch (f.kind) {
    case "raw":
      return `samples at ${f.rateHz} Hz in [−1, 1]`;
    case "stft":
      return `STFT, real and imaginary, at ${f.rateHz} Hz, ${frame}`;
    case "logmel":
      return `log-mel at ${f.rateHz} Hz, ${frame}, ${bands}`;
    case "mfcc":
      return `${f.coefficients} MFCC at ${f.rateHz} Hz, ${frame}, ${bands}`;
    case "tensor":
      return "ready-made tensors";
    default:
      return f.kind satisfies never;
  }
}

function accuracySection(input: PackageInput): string {
  const { parity, quantization } = input;
  const worst = parity.outputs.reduce((m, e) => Math.max(m, e.maxRelative), 0);
  const lines = [
    `- ${parityWords(input.parity, integerName(input)).float}: ${parity.verdict}; worst difference ${short(worst)} of an output's range over ${counted(parity.frames, "frame")}.`,
    ...(parity.approximation ? approximationLines(parity.approximation) : []),
    ...(quantization ? quantizationLines(quantization, parityWords(input.parity, integerName(input))) : []),
  ];
  return `## Accuracy, measured on ${counted(parity.clips.length, "clip")}

${lines.join("\n")}

Limits: the ranges of integer values come from these clips. Louder or different signals may saturate.`;
}

function approximationLines(record: ApproximationRecord): string[] {
  return [
    `- **Approximate**: not every node of this model can stream exactly. What stands in, measured against ${referenceText(record)}:`,
    ...record.nodes.map((node) => `  - ${approximatedText({ ...node, node: code(node.node) })}.`),
    ...record.outputs.map((error) => `  - output ${code(error.value)}: ${measuredText(error)}.`),
  ];
}

function quantizationLines(q: QuantizationRecord, words: ParityWords): string[] {
  const { integerParity: p } = q;
  return [
    `- ${words.integerName} against float (ranges by ${q.method}): ${q.outputs.map((e) => `${code(e.value)} ${decibels(e.sqnrDb)}`).join(", ")}.`,
    `- ${words.integers}: ${p.different === 0 ? "equal" : `all but ${grouped(p.different)} equal`} in ${counted(p.elements, "integer")} of ${counted(p.frames, "frame")}.`,
    `- Size: ${kilobytes(q.quantizedBytes)} against ${kilobytes(q.floatBytes)} in float.`,
  ];
}

const FILES = `## Files

| file | what it is |
| --- | --- |
| \`manifest.json\` | shapes, caches, order, schedule, delays, checks: all that is needed to run the modules |
| \`int8/\`, \`float/\` | the modules |
| \`vectors/\` | first steps of every module (npy, step first), \`index.json\` says which is which |
| \`python/\`, \`js/\` | runnable examples |
| \`report.html\`, \`report.json\` | every measured number |
| \`plan.rill.json\` | replays this package in Rill |
| \`SHA256SUMS\` | \`sha256sum -c SHA256SUMS\` |`;
