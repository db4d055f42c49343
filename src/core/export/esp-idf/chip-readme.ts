import { counted, grouped, kilobytes } from "../numbers.ts";
import type { ChipDeployment, ExplicitReason, PackagedPort, PackageInput } from "../package-input.ts";

const WHY: Readonly<Record<ExplicitReason, string>> = {
  asked: "the plan asks for it",
  hold: "its first contents are held back",
  init: "it does not start with zeros",
  axis: "its frames do not lie one after the other in the chip's memory",
  pattern: "it is more than the newest frames of one value",
};

/** What is in the package, and how it gets onto the chip. `code` puts a name in running text. */
export function flashSection(
  chip: ChipDeployment,
  code: (name: string) => string,
  unit: "step" | "run" = "step",
): string {
  const { target } = chip;
  const outputs = chip.modules.map((m) => `${m.name}: layers equal`).join("\n");
  const times = chip.modules.map((m) => `${m.name}   … runs, … us mean, … us longest`).join("\n");
  return `## Build, flash, and what to see

This folder is an ESP-IDF project (ESP-IDF ${target.minIdf} or newer; ESP-DL comes from the component registry):

\`\`\`
idf.py set-target ${target.idfTarget}
idf.py build flash monitor
\`\`\`

\`flash\` writes the program and the models: \`partitions.csv\` has a partition \`model\` of their size. The monitor then shows

\`\`\`
${outputs}
… outputs of … steps compared, 0 differ
${times}
a round of the schedule (…) takes … us; its frames last … us: … % of one core
SELF-TEST PASSED
\`\`\`

and where memory went. ${target.psram ? "Without PSRAM on the board everything stays inside; see `main/package.hpp`, `kInternalBytes`, to keep activations inside although there is PSRAM." : "Weights stay in flash, activations in internal RAM."}
"Layers equal" is ESP-DL's own test: every layer of ${code(chip.modules[0]?.name ?? "")}${chip.modules.length > 1 ? " and the others" : ""} against the vectors in the \`.espdl\` file. The comparison after it ${unit === "step" ? "runs the stream, step by step," : "runs the model on the recorded inputs"} against the outputs that Rill recorded.
All integers were computed by a device twin, not by the chip: this test is where they meet.`;
}

/** How numbers enter. */
export function inputLine(code: (name: string) => string): (port: PackagedPort) => string {
  return (p) => {
    const quantize =
      p.scale === undefined ? "as float" : `as \`round(x / ${p.scale})\`, saturated to ${p.dtype}`;
    return `- ${code(p.name)}: ${quantize}; ${p.shape.join(" × ")} a run${orderText(p)}.`;
  };
}

/** How numbers leave. */
export function outputLine(code: (name: string) => string): (port: PackagedPort) => string {
  return (p) => {
    const real = p.scale === undefined ? "float" : `real = ${p.scale} · integer`;
    const lag = p.delay > 0 ? `; lags by ${counted(p.delay, "frame")}: drop its first ${p.delay}` : "";
    return `- ${code(p.name)}: ${real}; ${p.shape.join(" × ")} a run${orderText(p)}${lag}.`;
  };
}

function orderText({ order }: PackagedPort): string {
  return order ? ` (axes of the model in the order ${order.join(", ")})` : "";
}

/** The step loop, and how to put other frames into it. */
export function chipLoopSection(
  input: PackageInput,
  chip: ChipDeployment,
  code: (name: string) => string,
): string {
  const inputs = chip.modules
    .flatMap((m) => m.inputs)
    .filter((p) => input.inputs.some((i) => i.name === p.name));
  const lines = inputs.map(inputLine(code));
  const outputs = chip.modules
    .flatMap((m) => m.outputs)
    .filter((p) => input.outputs.some((o) => o.name === p.name))
    .map(outputLine(code));
  const flush =
    input.flushSteps > 0
      ? `After the last frame, push zeros for ${counted(input.flushSteps, "more chunk")} to bring out what is delayed.`
      : "Nothing is left inside after the last frame: no flush.";
  return `## Your frames

\`Stream\` in \`main/app_main.cpp\` is all that an application needs: \`push()\` the frames of one step (${counted(input.schedule.framesPerStep, "frame")}) in the layout of \`package.hpp\`, call \`step()\`, and take outputs where \`on_run\` is called. It runs each module when the schedule says so, hands frames from module to module and carries caches; \`reset()\` goes back to before the first frame.

${[...lines, ...outputs].join("\n")}

${flush}

${cacheText(chip)}`;
}

function cacheText({ modules }: ChipDeployment): string {
  const caches = modules.flatMap((m) => m.caches);
  if (caches.length === 0) return "No history is kept between steps.";
  const inside = caches.filter((c) => c.internal).length;
  const outside = caches.filter((c) => !c.internal);
  const reasons = [...new Set(outside.map((c) => c.explicit))].flatMap((reason) => (reason ? [reason] : []));
  const bytes = modules.reduce((n, m) => n + m.cost.cacheBytes, 0);
  const parts = [
    ...(inside > 0 ? [`${counted(inside, "cache")} inside the files (\`StreamingCache\`)`] : []),
    ...(outside.length > 0
      ? [
          `${counted(outside.length, "cache")} as inputs and outputs that the program carries: ${reasons
            .map((reason) => WHY[reason])
            .join("; ")}`,
        ]
      : []),
  ];
  return `History between steps (${kilobytes(bytes)}): ${parts.join(", ")}.`;
}

/** The title's sentence about a chip's package. */
export function chipTitle({ chunk }: PackageInput, { target, bits, modules }: ChipDeployment): string {
  const macs = modules.reduce((n, m) => n + m.cost.macs, 0);
  return `A streaming form of an offline model for ${target.label}: ${counted(modules.length, "ESP-DL file")} at ${bits} bits, and an ESP-IDF project that runs
${modules.length === 1 ? "it" : "them"}. Each chunk takes ${counted(chunk, "new frame")} and ${grouped(macs)} MACs, and gives what the offline model gives for the whole signal.`;
}

export const CHIP_FILES = `## Files

| file | what it is |
| --- | --- |
| \`models/*.espdl\` | what the chip runs; \`.info\` shows it as text, \`.json\` how every tensor was quantized, in the form of ESP-PPQ |
| \`CMakeLists.txt\`, \`main/\`, \`partitions.csv\`, \`sdkconfig.defaults\` | the ESP-IDF project |
| \`manifest.json\` | shapes, layouts, caches, order, schedule, delays, checks |
| \`float/\` | the same modules in float, as ONNX |
| \`vectors/\` | first steps of every module (npy, step first), \`index.json\` says which is which |
| \`report.html\`, \`report.json\` | every measured number |
| \`plan.rill.json\` | replays this package in Rill |
| \`SHA256SUMS\` | \`sha256sum -c SHA256SUMS\` |`;
