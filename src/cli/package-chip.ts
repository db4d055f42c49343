import type { Plan } from "../core/plan/plan.ts";
import type { EspdlTarget } from "../core/targets/target.ts";
import { offlineProgram } from "../engine/esp/chip-model.ts";
import { atDimsOf, offlineSamples } from "../engine/esp/offline-samples.ts";
import { packageChip } from "../engine/esp/package-chip.ts";
import { quantizeCompatibly } from "../engine/esp/quantize-esp.ts";
import type { OpenedModel } from "../engine/open-model.ts";
import { createRuntime } from "../runtime/ort.ts";
import type { Arguments } from "./arguments.ts";
import { dataFiles } from "./data-files.ts";
import { EXIT, printJson, type Terminal, terminalJob } from "./terminal.ts";
import { writeFileWhole } from "./write-output.ts";

interface ChipRequest {
  readonly args: Arguments;
  readonly opened: OpenedModel;
  readonly plan: Plan;
  readonly target: EspdlTarget;
  readonly output: string;
  readonly data: readonly string[];
  readonly terminal: Terminal;
}

/** `rill package` for a chip that runs ESP-DL. */
export async function packageForChip(request: ChipRequest): Promise<number> {
  const { args, opened, plan, target, output, data, terminal } = request;
  const samples = await offlineSamples(dataFiles(data), opened.normalized);
  const [first = {}] = samples;
  const format = target.formats[plan.bits ?? 8];
  const model = atDimsOf(opened.normalized, first);
  const job = terminalJob<{ done: number; total: number }>(
    terminal,
    ({ done, total }) => `calibrating: ${done} of ${total}`,
  );
  const program = offlineProgram(
    await quantizeCompatibly({ model, format, method: plan.method, samples }, createRuntime(), job),
  );
  const { zip, files } = packageChip({ plan, target, program, samples });
  terminal.progress?.("");
  writeFileWhole(output, zip);
  if (args.flag("json")) printJson(terminal, { plan, files });
  else terminal.out(`${files.length} files written to ${output}\n`);
  return EXIT.verified;
}
