import { createStore, type StoreApi } from "zustand/vanilla";
import type { Problem } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { SoundForm } from "../engine/listen/audible-outputs.ts";
import type { ModelSource, NamedBlob } from "../worker/protocol.ts";
import type { SavedAnswers, SavedSession } from "./sessions/saved-session.ts";

/** A clip of the session. Its identity is the record of its file. */
export interface Clip {
  readonly file: NamedBlob;
  /** False: kept in the list, left out of calibration and comparison. */
  readonly used: boolean;
}

/** One sample project; paths are relative to the samples' folder. */
export interface Sample {
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly model: string;
  readonly plan?: string;
  readonly clips: readonly string[];
}

/** A clip to be heard, through an output taken for what; absent: the likeliest. */
export interface ListenChoice {
  readonly clip: NamedBlob;
  readonly output?: string | undefined;
  readonly form?: SoundForm | undefined;
}

/** The files of this visit: handles that the page keeps, so that a new worker can start from them. */
export interface Session {
  /** The open model. */
  readonly model?: ModelSource;
  /** Files that are being opened, or that failed to; they become the model when they turn out to be one. */
  readonly opening?: Opening;
  /** The offline model with which a model that streams by itself is compared. */
  readonly twin?: NamedBlob;
  readonly clips: readonly Clip[];
  readonly samples: readonly Sample[];
  /** The clip in the preview. */
  readonly previewed?: NamedBlob;
  /** Another model that is looked at beside the open one. */
  readonly beside?: ModelSource | undefined;
  /** What is listened to, while its panel is open. */
  readonly listening?: ListenChoice | undefined;
  /** A plan that came before its model, or together with it. */
  readonly waitingPlan?: Plan;
  /** Time axes of the plan file that was opened for the model. */
  readonly planAxes?: Plan["axes"];
  /** The sample project whose files these are. */
  readonly sample?: string;
  /** A saved session whose model is being opened, or has to be dropped again; it applies to that model only. */
  readonly restoring?: Restoring;
  /** The saved session that the open model goes on with. */
  readonly restored?: SavedSession;
  /** Clips of the restored session that are not here; the same bytes are recognised whatever their name is. */
  readonly awaitedClips: SavedSession["clips"];
  /** Problems of files that could not be taken. */
  readonly notices: readonly Problem[];
  /** True while "Try the sample" runs by itself. */
  readonly replaying: boolean;
}

export type SessionStore = StoreApi<Session>;

/** Files that may be a model, and the sample project that they are from. */
export interface Opening extends ModelSource {
  readonly sample?: string;
}

/** A saved session and the answers that were kept with it. */
export interface Restoring {
  readonly saved: SavedSession;
  readonly answers: SavedAnswers;
  /** Clips whose bytes are here. */
  readonly clips: readonly Clip[];
  readonly twin?: NamedBlob;
}

/** A page on which nothing was opened. */
export const EMPTY_SESSION: Session = {
  clips: [],
  samples: [],
  awaitedClips: [],
  notices: [],
  replaying: false,
};

export function createSession(): SessionStore {
  return createStore<Session>(() => ({ ...EMPTY_SESSION }));
}

/** Adds clips, each with a name of its own; one that is there by this name gives way. */
export function addClips(session: SessionStore, files: readonly NamedBlob[]): void {
  const added = new Set(files.map((f) => f.name));
  session.setState((s) => {
    const clips = [
      ...s.clips.filter((c) => !added.has(c.file.name)),
      ...files.map((file) => ({ file, used: true })),
    ];
    const previewed = s.previewed && clips.some((c) => c.file === s.previewed) ? s.previewed : clips[0]?.file;
    return previewed ? { clips, previewed } : { clips };
  });
}

export function chooseClip(session: SessionStore, file: NamedBlob, used: boolean): void {
  session.setState((s) => ({ clips: s.clips.map((c) => (c.file === file ? { ...c, used } : c)) }));
}

export function removeClip(session: SessionStore, file: NamedBlob): void {
  session.setState((s) => {
    const clips = s.clips.filter((c) => c.file !== file);
    const { previewed, ...rest } = s;
    const next = previewed === file ? clips[0]?.file : previewed;
    return { ...rest, clips, ...(next ? { previewed: next } : {}) };
  }, true);
}

export function previewClip(session: SessionStore, file: NamedBlob): void {
  session.setState({ previewed: file });
}

/** Says something once: the same notice that stands already is not repeated. */
export function addNotice(session: SessionStore, notice: Problem): void {
  const key = JSON.stringify(notice);
  session.setState((s) =>
    s.notices.some((n) => JSON.stringify(n) === key) ? s : { notices: [...s.notices, notice] },
  );
}

export function dismissNotice(session: SessionStore, notice: Problem): void {
  session.setState((s) => ({ notices: s.notices.filter((n) => n !== notice) }));
}

/** Chooses what is listened to; undefined when nothing is. */
export function listenTo(session: SessionStore, listening: ListenChoice | undefined): void {
  session.setState({ listening });
}

/** Shows another model beside the open one; undefined: it alone. */
export function openBeside(session: SessionStore, files: readonly NamedBlob[] | undefined): void {
  session.setState({ beside: files && { files } });
}
