import type { NamedBlob } from "../../worker/protocol.ts";
import { STAGE_NAMES, type StageName } from "../stages.ts";
import type { Studio } from "../studio.ts";
import { newIdentity } from "./fingerprint.ts";
import type {
  KeptAnswer,
  LastDecisions,
  SavedAnswer,
  SavedFile,
  SavedSession,
  SessionProgress,
} from "./saved-session.ts";

/** Statistics of more values than these take longer to keep than to say that they must be made again. */
const MOST_STATISTICS = 2000;

/** What the page decides about a session besides its content. */
export interface SessionIdentity
  extends Pick<SavedSession, "id" | "name" | "savedAtMs" | "keepFiles" | "keptBytes"> {}

/** The files of the open session by the keys under which they are kept. */
export function filesOf({ session, identities }: Studio): ReadonlyMap<string, Blob> {
  const { model, twin, clips } = session.getState();
  return new Map([
    ...(model?.files ?? []).map(({ name, blob }) => [fileKey("model", { name }), blob] as const),
    ...[twin ?? [], clips.map((c) => c.file)].flat().map(({ name, blob }) => {
      const sha256 = identities.known(blob);
      return [fileKey("data", { name, ...(sha256 !== undefined && { sha256 }) }), blob] as const;
    }),
  ]);
}

/** A model has one file of a name; data may be replaced by another file of the same name. */
export function fileKey(
  role: "model" | "data",
  { name, sha256 }: Pick<SavedFile, "name" | "sha256">,
): string {
  return role === "model" ? `model/${name}` : `data/${sha256 ?? name}`;
}

/** The session as it is now; undefined while no model is open. Its clips' hashes are read first. */
export async function sessionRecord(
  studio: Studio,
  identity: SessionIdentity,
): Promise<SavedSession | undefined> {
  const { session, document, view, identities } = studio;
  const { model, twin, clips, sample, planAxes, replaying, awaitedClips } = session.getState();
  if (model?.sha256 === undefined) return undefined;
  const history = document.getState();
  if (history.present.model.sha256 !== model.sha256) return undefined;
  const fileOf = async ({ name, blob }: NamedBlob): Promise<SavedFile> => ({
    name,
    bytes: blob.size,
    sha256: await identities.hash(blob),
  });
  const { sha256 } = model;
  // All of one moment: until the hashes are read another model may be open.
  const now = { step: view.getState().step, progress: progressOf(studio), running: runningStages(studio) };
  return {
    ...identity,
    schema: 1,
    model: {
      sha256,
      files: model.files.map(({ name, blob }, i) => ({
        name,
        bytes: blob.size,
        ...(i === 0 ? { sha256 } : {}),
      })),
    },
    ...(twin && { twin: await fileOf(twin) }),
    clips: [
      ...(await Promise.all(clips.map(async ({ file, used }) => ({ file: await fileOf(file), used })))),
      ...awaitedClips,
    ],
    ...(sample !== undefined && { sample }),
    ...(planAxes && { planAxes }),
    history,
    ...now,
    replaying,
  };
}

/** What of the session can be told at once; undefined while no model is open. */
export function lastDecisions(
  { session, document, view, stages, identities }: Studio,
  { id, savedAtMs }: Pick<SessionIdentity, "id" | "savedAtMs">,
): LastDecisions | undefined {
  const { model, clips, awaitedClips, replaying } = session.getState();
  const history = document.getState();
  if (model?.sha256 === undefined || history.present.model.sha256 !== model.sha256) return undefined;
  const here = clips.flatMap(({ file: { name, blob }, used }) => {
    const sha256 = identities.known(blob);
    return sha256 === undefined ? [] : [{ file: { name, bytes: blob.size, sha256 }, used }];
  });
  return {
    ...{ id, savedAtMs, history, replaying },
    step: view.getState().step,
    running: runningStages({ stages }),
    ...(here.length === clips.length && { clips: [...here, ...awaitedClips] }),
  };
}

/** A saved session with the decisions that came after its last save. */
export function withLast(saved: SavedSession, last: LastDecisions | undefined): SavedSession {
  return last?.id === saved.id && last.savedAtMs >= saved.savedAtMs ? { ...saved, ...last } : saved;
}

function runningStages({ stages }: Pick<Studio, "stages">): readonly StageName[] {
  return STAGE_NAMES.filter((name) => stages[name].store.getState().status === "running");
}

function progressOf({ stages }: Studio): SessionProgress {
  const calibration = stages.calibrate.store.getState().result;
  const comparison = stages.compare.store.getState().result;
  const built = stages.package.store.getState().result;
  const sqnrDb = Math.min(...(comparison?.quantization.outputs.map((o) => o.sqnrDb) ?? []));
  return {
    ops: stages.open.store.getState().result?.nodes.length ?? 0,
    ...(calibration && { calibratedClips: calibration.clips.length }),
    ...(Number.isFinite(sqnrDb) && { sqnrDb }),
    ...(built && { verified: built.report.verified }),
  };
}

/**
 * The answer of a stage to keep; undefined if there is none, or none worth its room. A package holds the model's bytes: it
 * is kept only with them. "asKept": one of an earlier visit, whose inputs have not come together again.
 */
export function answerOf(
  studio: Studio,
  of: KeptAnswer,
  keepFiles: boolean,
): SavedAnswer | "asKept" | undefined {
  const { stages, found, identities } = studio;
  const last = found.getState().found;
  const [result, parts] =
    of === "found" ? [last?.report, last?.parts] : [stages[of].store.getState().result, stages[of].answered];
  if (!result || (of === "package" && !keepFiles)) return undefined;
  if (!parts) return "asKept";
  if ("statistics" in result && result.statistics.size > MOST_STATISTICS) return undefined;
  const identity = identities.answerName(result) ?? newIdentity();
  identities.nameAnswer(result, identity);
  const question = identities.fingerprint(parts);
  return question === undefined ? undefined : { question, identity, result };
}
