import { named } from "../core/base/detail.ts";
import { type Problem, StudioError } from "../core/base/problem.ts";
import { refuseForeign, sniff } from "../core/format/sniff.ts";
import { parsePlan } from "../core/plan/parse-plan.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { ModelSource, NamedBlob } from "../worker/protocol.ts";
import { read } from "../worker/read-file.ts";
import { type DroppedFile, nameClips } from "./clip-names.ts";
import { loadPlan } from "./document.ts";
import { addClips } from "./session.ts";
import type { Studio } from "./studio.ts";
import { openStep } from "./view.ts";

const MODEL = /\.(onnx|ort|pb|espdl)$/i;
const CLIP = /\.(wav|wave|npy)$/i;
const PLAN = /\.rill\.json$/i;

/** Enough of a file to tell what it is. */
const HEAD_BYTES = 4096;

/** Files by what their names say; a model's external data may be called anything. */
export function sortFiles(files: readonly DroppedFile[]) {
  const alone = files.length === 1;
  const isPlan = (name: string) => PLAN.test(name) || (alone && /\.json$/i.test(name));
  const models = files.filter((f) => MODEL.test(f.name));
  const clips = files.filter((f) => CLIP.test(f.name));
  const plans = files.filter((f) => isPlan(f.name));
  const others = files.filter((f) => !MODEL.test(f.name) && !CLIP.test(f.name) && !isPlan(f.name));
  return { models, clips, plans, others };
}

/**
 * Takes whatever was dropped or picked: a model with its external data, clips, a plan. A second drop completes a model
 * that misses external data. `sample`: the sample project that the files are. What cannot be taken becomes a notice.
 */
export async function openFiles(
  studio: Studio,
  files: readonly DroppedFile[],
  sample?: string,
): Promise<void> {
  const { models, clips, plans, others } = sortFiles(files);
  const waiting = missesWeights(studio);
  studio.session.setState({ notices: [] });
  const notices: Problem[] = [];
  const [model, ...left] = models;
  if (model && left.length > 0)
    notices.push({ code: "file.oneModel", opened: model.name, left: left.map((f) => f.name) });
  for (const plan of plans) notices.push(...(await takePlan(studio, plan, model !== undefined)));
  if (model) openModel(studio, [model, ...others], sample);
  else notices.push(...(await takeOthers(studio, others, waiting)));
  if (clips.length > 0) {
    await takeClips(studio, clips);
    if (!model && studio.session.getState().model) openStep(studio.view, "audio");
  }
  studio.session.setState((s) => ({ notices: [...s.notices, ...notices] }));
}

/** Adds clips under names that are free then: another drop may come while contents are compared. */
async function takeClips({ session }: Pick<Studio, "session">, clips: readonly DroppedFile[]): Promise<void> {
  const present = session.getState().clips;
  const files = present.map((c) => c.file);
  const named = await nameClips(files, clips);
  if (session.getState().clips === present) addClips(session, named);
  else await takeClips({ session }, clips);
}

function openModel({ session, view }: Studio, files: readonly NamedBlob[], sample?: string): void {
  session.setState({ opening: { files, ...(sample !== undefined && { sample }) } });
  openStep(view, "model");
}

/** The files that were opened last, if they lack external data. */
function missesWeights({ session, stages }: Studio): ModelSource | undefined {
  const { opening, notices } = session.getState();
  const { failure } = stages.open.store.getState();
  const problems = failure?.kind === "problem" ? [failure.problem, ...notices] : notices;
  return problems.some((p) => p.code === "model.externalMissing") ? opening : undefined;
}

/** Missing weights go to the model that waits for them; among the rest, the first that is a model by its bytes opens. */
async function takeOthers(
  studio: Studio,
  others: readonly NamedBlob[],
  waiting: ModelSource | undefined,
): Promise<readonly Problem[]> {
  if (others.length === 0) return [];
  if (waiting) {
    openModel(studio, [...waiting.files, ...others]);
    return [];
  }
  const problems: Problem[] = [];
  for (const file of others) {
    const problem = await notModel(file);
    if (!problem) {
      openModel(studio, [file, ...others.filter((o) => o !== file)]);
      return [];
    }
    problems.push(problem);
  }
  return problems;
}

/** Why a file is no model, by its first bytes; undefined if it may be one. */
async function notModel(file: NamedBlob): Promise<Problem | undefined> {
  const { name } = file;
  let head: Uint8Array;
  try {
    head = new Uint8Array(await read(file, (blob) => blob.slice(0, HEAD_BYTES).arrayBuffer()));
    refuseForeign(head, name);
  } catch (error) {
    if (error instanceof StudioError) return error.problem;
    throw error;
  }
  const kind = sniff(head, name);
  if (kind === "onnx" || kind === "espdl") return undefined;
  if (kind === "mp3" || kind === "flac" || kind === "ogg") {
    return { code: "audio.unsupported", file: name, what: named(kind) };
  }
  return { code: "file.unknown", file: name };
}

/** A plan for the open model takes effect; one that came with a model, or before it, waits until that is open. */
async function takePlan(studio: Studio, file: NamedBlob, waits: boolean): Promise<readonly Problem[]> {
  let plan: Plan;
  try {
    plan = parsePlan(await read(file, (blob) => blob.text()));
  } catch (error) {
    if (error instanceof StudioError) return [error.problem];
    throw error;
  }
  const { model } = studio.document.getState().present;
  if (waits || model.sha256 === "") studio.session.setState({ waitingPlan: plan });
  else if (model.sha256 === plan.model.sha256) {
    loadPlan(studio.document, plan);
    studio.session.setState({ planAxes: plan.axes });
  } else return [{ code: "plan.otherModel", expected: plan.model.sha256, actual: model.sha256 }];
  return [];
}
