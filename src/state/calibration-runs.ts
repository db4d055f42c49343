import { createStore, type StoreApi } from "zustand/vanilla";
import { StudioError } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { CalibrationProgress, CalibrationReport } from "../engine/reports.ts";
import { isWorkerLost, type JobHost, type Tell } from "./restart-jobs.ts";
import { sameParts, type WorkOptions } from "./stage.ts";
import type { CalibrateParts } from "./stages.ts";

/** What the finished clips of a calibration gave, and of which inputs it was one. */
export interface Found {
  /** Absent of an earlier visit. */
  readonly parts?: CalibrateParts;
  readonly answers: (parts: CalibrateParts) => boolean;
  readonly report: CalibrationReport;
}

export interface CalibrationRuns {
  /** The last run that did not come to its end: a later one with the same parts goes on from there. */
  readonly found: StoreApi<{ readonly found?: Found }>;
  readonly work: (
    parts: CalibrateParts,
    options: WorkOptions<CalibrationProgress>,
  ) => Promise<CalibrationReport>;
}

/**
 * Calibrations that outlive their worker: one that dies, is cancelled or runs out of memory keeps its finished clips.
 * The next worker goes on with the clip after them, again and again as long as each one finishes a clip.
 */
export function calibrationRuns(host: JobHost, plan: () => Plan, tell: Tell): CalibrationRuns {
  const found = createStore<{ readonly found?: Found }>(() => ({}));
  const keep = (parts: CalibrateParts, begun: Plan, report: CalibrationReport) => {
    // A worker goes on for a moment with a model that was replaced.
    if (plan().model.sha256 !== begun.model.sha256) return;
    found.setState(
      report.partial ? { found: { parts, report, answers: (others) => sameParts(parts, others) } } : {},
      true,
    );
  };
  const reportOf = (parts: CalibrateParts) => {
    const last = found.getState().found;
    return last?.answers(parts) ? last.report : undefined;
  };

  async function once(parts: CalibrateParts, begun: Plan, options: WorkOptions<CalibrationProgress>) {
    const before = reportOf(parts);
    const { model, clips } = parts;
    const onProgress = ({ found: now, ...progress }: CalibrationProgress) => {
      if (now) keep(parts, begun, now);
      options.onProgress(progress);
    };
    const input = { model, plan: begun, clips, ...(before && { before }) };
    const report = await host.call("calibrate", input, { signal: options.signal, onProgress });
    keep(parts, begun, report);
    return report;
  }

  async function work(parts: CalibrateParts, options: WorkOptions<CalibrationProgress>) {
    // The next worker goes on under the same decisions, whatever was decided meanwhile.
    const begun = plan();
    for (let finished = -1; ; ) {
      try {
        return await once(parts, begun, options);
      } catch (error) {
        const kept = reportOf(parts);
        const done = kept?.clips.length ?? 0;
        if (options.signal.aborted) throw error;
        if (isWorkerLost(error) && done > finished) {
          tell({ code: "worker.resumed", done, total: parts.clips.length });
          finished = done;
        } else if (kept && error instanceof StudioError && error.problem.code === "memory.exhausted") {
          tell(error.problem);
          return kept;
        } else throw error;
      }
    }
  }

  return { found, work };
}
