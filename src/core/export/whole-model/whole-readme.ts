import { encodeUtf8 } from "../../base/utf8.ts";
import { flashSection, inputLine, outputLine } from "../esp-idf/chip-readme.ts";
import { counted, decibels, grouped, kilobytes, short } from "../numbers.ts";
import { moduleFile } from "../package-input.ts";
import { code } from "../readme-code.ts";
import { choiceText, outputRecords, type WholeModelRecord } from "./whole-model-record.ts";

/** `README.md` of a whole model for a chip: how it gets there, how to run it, what it loses. */
export function wholeReadme(record: WholeModelRecord): Uint8Array {
  const parts = [
    title(record),
    flashSection(record.chip, code, "run"),
    runSection(record),
    modelSection(record),
    accuracySection(record),
    FILES,
  ];
  return encodeUtf8(`${parts.join("\n\n")}\n`);
}

function title({ model, chip, plan }: WholeModelRecord): string {
  const made = model.producer === "" ? "" : `, made by ${code(model.producer)}`;
  return `# ${code(model.name)} for ${chip.target.label}

The whole model, unconverted: one ESP-DL file at ${chip.bits} bits, ${choiceText({ plan })}, and an ESP-IDF project that runs it.
It takes a whole input at a time and keeps nothing from one run to the next.

- Model: ${code(model.name)}, SHA-256 \`${model.sha256}\`
- ${grouped(model.parameterCount)} parameters, opset ${model.opset}${made}
- Licence and intended use are those of that file: ask its author.`;
}

function runSection({ chip }: WholeModelRecord): string {
  const ports = chip.modules.flatMap((m) => [
    ...m.inputs.map(inputLine(code)),
    ...m.outputs.map(outputLine(code)),
  ]);
  return `## Your inputs

\`Stream\` in \`main/app_main.cpp\` is all that an application needs: \`push()\` one input in the layout of \`package.hpp\`, call \`step()\`, and take outputs where \`on_run\` is called.

${ports.join("\n")}`;
}

function modelSection({ chip, inputs, outputs }: WholeModelRecord): string {
  const ports = [
    ...inputs.map((p) => `| input | ${code(p.name)} | ${p.dtype} | ${p.shape.join(" × ")} |`),
    ...outputs.map((p) => `| output | ${code(p.name)} | ${p.dtype} | ${p.shape.join(" × ")} |`),
  ];
  const modules = chip.modules.map(
    (m) =>
      `| \`${moduleFile("chip", m)}\` | ${grouped(m.cost.macs)} | ${kilobytes(m.cost.weightBytes)} | ${kilobytes(m.cost.activationBytes)} |`,
  );
  return `## Inputs, outputs, size

| | name | type | shape |
| --- | --- | --- | --- |
${ports.join("\n")}

| file | MACs per run | weights and tables | activations at once (estimate) |
| --- | --- | --- | --- |
${modules.join("\n")}`;
}

function accuracySection(record: WholeModelRecord): string {
  const { chip, samples, floatBytes, values } = record;
  const bytes = chip.modules.reduce((n, m) => n + m.bytes.length, 0);
  const outputs = outputRecords(record).map(
    (v) =>
      `${code(v.value)} ${decibels(v.accumulated.sqnrDb)} (largest difference ${short(v.accumulated.maxAbs)})`,
  );
  const full = values.filter((v) => v.saturated > 0.001).length;
  const saturation =
    full === 0
      ? "No value has more than 0.1 % of its integers at an end of their range."
      : `${counted(full, "value")} with more than 0.1 % of integers at an end of their range: see \`report.html\`.`;
  return `## Accuracy, measured on ${counted(samples, "input")}

- int${chip.bits} against float: ${outputs.join(", ")}.
- ${saturation}
- Size: ${kilobytes(bytes)} with test vectors, against ${kilobytes(floatBytes)} of the opened file.

Limits: the exponents come from these inputs. Louder or different ones may saturate.`;
}

const FILES = `## Files

| file | what it is |
| --- | --- |
| \`models/*.espdl\` | what the chip runs, with test vectors of every layer (of the outputs alone where all would pass 2 MiB); \`.info\` shows it as text, \`.json\` how every tensor was quantized, in the form of ESP-PPQ |
| \`CMakeLists.txt\`, \`main/\`, \`partitions.csv\`, \`sdkconfig.defaults\` | the ESP-IDF project |
| \`manifest.json\` | shapes, layouts, scales, checks |
| \`vectors/\` | inputs and outputs of some runs (npy, run first), \`index.json\` says which is which |
| \`report.html\`, \`report.json\` | every measured number |
| \`plan.rill.json\` | replays this package in Rill |
| \`SHA256SUMS\` | \`sha256sum -c SHA256SUMS\` |`;
