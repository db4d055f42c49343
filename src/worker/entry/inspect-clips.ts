import { StudioError } from "../../core/base/problem.ts";
import { inspectClip } from "../../engine/inspect-clip.ts";
import type { ClipInspection, Handlers, NamedBlob } from "../protocol.ts";
import { bytesOf } from "../read-file.ts";

/** Facts of every clip; one that cannot be read gets its problem and does not stop the others. */
export const inspectClips: Handlers["inspectClips"] = async ({ clips }, job) => {
  const answers: ClipInspection[] = [];
  for (const [done, clip] of clips.entries()) {
    job.report({ stage: "read", done, total: clips.length, what: clip.name });
    await job.checkpoint();
    answers.push(await inspect(clip));
  }
  return answers;
};

async function inspect(clip: NamedBlob): Promise<ClipInspection> {
  try {
    const { bytes } = await bytesOf(clip);
    return { file: clip.name, summary: inspectClip(clip.name, bytes) };
  } catch (error) {
    if (error instanceof StudioError) return { file: clip.name, problem: error.problem };
    throw error;
  }
}
