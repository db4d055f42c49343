import { basename } from "node:path";
import type { Plan } from "../core/plan/plan.ts";
import type { EspdlTarget } from "../core/targets/target.ts";
import { packageWholeModel } from "../engine/esp/package-chip.ts";
import { offlineCost } from "../engine/esp/place/chip-cost.ts";
import { formatsOf } from "../engine/esp/place/formats-of.ts";
import { atDimsOf, offlineSamples } from "../engine/esp/place/offline-samples.ts";
import { placeAsPlanned, refuseUnusedBudget } from "../engine/esp/place/place-as-planned.ts";
import { quantizeCompatibly } from "../engine/esp/place/quantize-esp.ts";
import { observeStatistics } from "../engine/esp/place/reference-samples.ts";
import type { SearchProgress } from "../engine/esp/place/search-progress.ts";
import { requireFloatNodes } from "../engine/open-model.ts";
import { SILENT_JOB } from "../engine/ports.ts";
import { choicesText, searchLine } from "./choices-text.ts";
import type { PackageAnswer, PackageCommand } from "./package.ts";
import { terminalJob } from "./terminal.ts";

/** Packages a whole model for a chip that runs ESP-DL, for the length of the first sample. */
export async function packageOffline(
  { opened, sources, runtime, terminal }: PackageCommand,
  plan: Plan,
  target: EspdlTarget,
  output: string,
): Promise<PackageAnswer> {
  requireFloatNodes(opened);
  refuseUnusedBudget(plan);
  const samples = await offlineSamples(sources, opened.normalized);
  const [first = {}] = samples;
  const format = target.formats[plan.bits ?? 8];
  const formatOf = formatsOf(opened.normalized, target, plan);
  const model = atDimsOf(opened.normalized, first);
  const job = terminalJob<{ done: number; total: number } | SearchProgress>(terminal, (p) =>
    "part" in p ? searchLine(p) : `calibrating: ${p.done} of ${p.total}`,
  );
  const placed = plan.compatible
    ? await quantizeCompatibly({ model, format, formatOf, method: plan.method, samples }, runtime, job)
    : await placeAsPlanned(
        {
          normalized: opened.normalized,
          model,
          target,
          plan,
          costOf: offlineCost(target),
          samples,
          statistics: await observeStatistics(model, samples, runtime, job),
        },
        runtime,
        job,
      );
  const fileName = basename(output);
  const { report, zip } = await packageWholeModel(
    { plan, opened, target, placed, samples, fileName },
    runtime,
    SILENT_JOB,
  );
  const { files, checks, verified } = report;
  return {
    text: `${choicesText(placed.choices, placed.findings ?? [])}${files.length} files verified, written to ${output}\n`,
    json: { plan, ...(placed.choices && { choices: placed.choices }), files, checks, verified },
    file: { path: output, bytes: zip },
  };
}
