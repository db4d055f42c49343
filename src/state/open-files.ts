import { type Problem, StudioError } from "../core/base/problem.ts";
import { parsePlan } from "../core/plan/parse-plan.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { NamedBlob } from "../worker/protocol.ts";
import { loadPlan } from "./document.ts";
import { addClips } from "./session.ts";
import type { Studio } from "./studio.ts";
import { openStep } from "./view.ts";

const MODEL = /\.(onnx|ort|pb)$/i;
const CLIP = /\.(wav|wave|npy)$/i;
const PLAN = /\.json$/i;

/** Files by what they are for; what has no known ending is a model's external data, or a model to be refused by name. */
export function sortFiles(files: readonly NamedBlob[]) {
  const models = files.filter((f) => MODEL.test(f.name));
  const clips = files.filter((f) => CLIP.test(f.name));
  const plans = files.filter((f) => PLAN.test(f.name));
  const others = files.filter((f) => ![models, clips, plans].some((list) => list.includes(f)));
  return { models, clips, plans, others };
}

/**
 * Takes whatever was dropped or picked. A second drop completes a model that misses external data.
 * Resolves with the problems of files that could not be taken.
 */
export async function openFiles(studio: Studio, files: readonly NamedBlob[]): Promise<readonly Problem[]> {
  const { models, clips, plans, others } = sortFiles(files);
  const problems: Problem[] = [];
  for (const plan of plans) problems.push(...(await takePlan(studio, plan)));
  const [model] = models;
  if (model) openModel(studio, [model, ...others]);
  else if (others.length > 0) takeOthers(studio, others);
  if (clips.length > 0) {
    addClips(studio.session, clips);
    if (!model) openStep(studio.view, "audio");
  }
  return problems;
}

function openModel({ session, view }: Studio, files: readonly NamedBlob[]): void {
  session.setState((s) => ({ ...s, model: { files } }), true);
  openStep(view, "model");
}

function takeOthers(studio: Studio, others: readonly NamedBlob[]): void {
  const { model } = studio.session.getState();
  const { failure } = studio.stages.open.store.getState();
  const waits = failure?.kind === "problem" && failure.problem.code === "model.externalMissing";
  openModel(studio, waits && model ? [...model.files, ...others] : others);
}

async function takePlan(studio: Studio, file: NamedBlob): Promise<readonly Problem[]> {
  let plan: Plan;
  try {
    plan = parsePlan(await file.blob.text());
  } catch (error) {
    if (error instanceof StudioError) return [error.problem];
    throw error;
  }
  const { model } = studio.document.getState().present;
  if (model.sha256 === plan.model.sha256) loadPlan(studio.document, plan);
  else studio.session.setState({ waitingPlan: plan });
  const foreign = model.sha256 !== "" && model.sha256 !== plan.model.sha256;
  return foreign ? [{ code: "plan.otherModel", expected: plan.model.sha256, actual: model.sha256 }] : [];
}
