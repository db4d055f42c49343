import type { CheckVerdict } from "../../core/proof/proof.ts";
import type { Check, CheckTools } from "./check.ts";
import { ExactStream } from "./exact-runs.ts";
import { orNotCovered } from "./exact-setting.ts";
import { Stitcher } from "./stitcher.ts";
import { type ProofSubject, spanOf } from "./subject.ts";

/**
 * Whether the streaming modules are the offline graph: random whole weights and inputs in exact arithmetic, every value
 * of every frame equal bit for bit. Names the first value in graph order that is not.
 */
async function structuralVerdict(subject: ProofSubject, { setting, job }: CheckTools): Promise<CheckVerdict> {
  const { analysis, streaming } = subject;
  const chunk = streaming.roundFrames;
  const { steps, neededSteps, wantedSteps } = spanOf(subject);
  if (steps < neededSteps) {
    const reason = { code: "tooLarge", frames: steps * chunk, needFrames: neededSteps * chunk } as const;
    return { check: "structural", status: "skipped", evidence: {}, reason };
  }
  const { inputs, values: offline } = setting.offline(steps);
  const stitcher = new Stitcher(analysis, offline, { chunk, steps, except: setting.except });
  const stream = new ExactStream(streaming, setting.replacements);
  await stream.run(inputs, steps, { after: (run) => stitcher.add(run) }, job);
  const first = stitcher.first();
  return {
    check: "structural",
    status: first ? "failed" : stitcher.values > 0 ? "passed" : "notApplicable",
    evidence: {
      inputFrames: steps * chunk,
      ...(steps < wantedSteps && { wantedFrames: wantedSteps * chunk }),
      values: stitcher.values,
      frames: stitcher.frames,
      elements: stitcher.elements,
    },
    ...(first && { first }),
  };
}

export const structural: Check = {
  id: "structural",
  run: (subject, tools) => orNotCovered("structural", () => structuralVerdict(subject, tools)),
};
