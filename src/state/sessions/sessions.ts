import { createStore, type StoreApi } from "zustand/vanilla";
import { StudioError } from "../../core/base/problem.ts";
import type { NamedBlob } from "../../worker/protocol.ts";
import { closeSession } from "../close-session.ts";
import { sampleFiles } from "../sample.ts";
import { addNotice, type Clip, type Restoring } from "../session.ts";
import type { PreferenceStorage } from "../view.ts";
import { Autosaver, type AutosaverOptions, type SaveResult } from "./autosaver.ts";
import { newIdentity } from "./fingerprint.ts";
import { recogniseClips } from "./recognise-clips.ts";
import { resumeWork } from "./resume-work.ts";
import type { LastDecisions, SavedFile, SavedSession } from "./saved-session.ts";
import { fileKey, lastDecisions, withLast } from "./snapshot.ts";

/** What sessions need of the browser. */
export interface SessionsOptions extends Pick<AutosaverOptions, "studio" | "keeper" | "now" | "freeBytes"> {
  /** Storage of this tab alone, which a reload does not clear. */
  readonly tab: PreferenceStorage | undefined;
  /** Marks a session as open in this page; gives back how to take the mark away, or undefined if another page has it. */
  readonly hold: (id: string, options?: HoldOptions) => Promise<Release | undefined>;
  /** Sessions that some page has open. */
  readonly held: () => Promise<ReadonlySet<string>>;
  /** Asks the browser not to clear what is kept. */
  readonly persist: () => void;
}

export interface HoldOptions {
  /** This tab's page of a moment ago had the mark: it is about to be free. */
  readonly reloaded: boolean;
}

/** Resolves when other pages see that the mark is gone. */
type Release = () => Promise<void>;

export interface RecentSession extends SavedSession {
  readonly openElsewhere: boolean;
}

export interface SessionsState extends SaveResult {
  /** Every saved session but the open one, newest first; undefined until they were read. */
  readonly recent?: readonly RecentSession[];
}

/** What a tab remembers of its session. */
interface Remembered {
  readonly id?: string;
  /** The page went in good order. */
  readonly left: boolean;
  readonly last?: LastDecisions;
}

/** Where this tab remembers its session. */
const TAB_KEY = "rill.tab";

/** The open session, saved as it changes, and those of earlier visits. */
export class Sessions {
  readonly store: StoreApi<SessionsState> = createStore<SessionsState>(() => ({}));
  readonly #options: SessionsOptions;
  readonly #saver: Autosaver;
  #release: Release | undefined;
  /** The last of what opens, closes or deletes sessions: one begins when the one before has ended. */
  #turn: Promise<void> = Promise.resolve();
  /** The session that was asked for last and is being read. */
  #wanted: string | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
    const { studio, keeper, now, freeBytes } = options;
    this.#saver = new Autosaver({
      ...{ studio, keeper, now, freeBytes },
      onSaved: (result) =>
        this.store.setState(({ recent }) => ({ ...result, ...(recent && { recent }) }), true),
      fork: () => this.#adopt(newIdentity()),
    });
    this.#connect();
  }

  /** Restores the session that this tab had open before a reload, and reads the others. */
  async start(): Promise<void> {
    const tab = this.#remembered();
    if (tab.id !== undefined) await this.open(tab.id, tab);
    await this.refresh();
  }

  /**
   * Opens a saved session; with its bytes, or waiting for them. `tab`: what this tab remembers of it; after a reload its
   * work goes on by itself.
   */
  open(id: string, tab?: Remembered): Promise<void> {
    // A name that is pressed twice is opened once.
    if (this.#wanted === id) return this.#turn;
    this.#wanted = id;
    return this.#inTurn(async () => {
      try {
        // After a reload nothing is open yet, and what the tab remembers outlives another reload.
        if (!tab) await this.#close();
        await this.#read(id, tab ?? { left: false });
      } finally {
        if (this.#wanted === id) this.#wanted = undefined;
      }
    });
  }

  /** Saves and closes the open session; the page is as if nothing had been opened. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#close();
      await this.refresh();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #close(): Promise<void> {
    const { studio } = this.#options;
    await this.#saver.flush();
    await this.#leaveSession();
    const { model, opening, restoring } = studio.session.getState();
    if (model || opening || restoring) closeSession(studio);
  }

  async #read(id: string, { left: reloaded, last }: Remembered): Promise<void> {
    const { studio, keeper, hold } = this.#options;
    try {
      const kept = await keeper.read(id);
      if (!kept || this.#isOvertaken()) return;
      const saved = withLast(kept, last);
      const release = await hold(id, { reloaded });
      if (this.#isOvertaken()) return await release?.();
      const mine = release ? saved : { ...saved, id: newIdentity(), keptBytes: 0 };
      this.#release = release;
      this.#remember(mine.id, false, release && last);
      if (release) await keeper.claim(id, this.#saver.owner);
      else addNotice(studio.session, { code: "session.openElsewhere", session: saved.name });
      await this.#restore(mine, id, reloaded);
    } catch (error) {
      if (!(error instanceof StudioError) && !(error instanceof DOMException)) throw error;
      addNotice(studio.session, { code: "session.unreadable", session: id });
    }
  }

  /** Files were dropped or picked while a session was being read: they are what is wanted. */
  #isOvertaken(): boolean {
    const { model, opening } = this.#options.studio.session.getState();
    return model !== undefined || opening !== undefined;
  }

  /** Stops to wait for the files of a session. */
  startAnew(): void {
    this.#options.studio.session.setState(({ restoring: _, ...s }) => s, true);
    void this.#inTurn(async () => {
      if (!this.#isOvertaken()) await this.#leaveSession();
      await this.refresh();
    });
  }

  async rename(id: string, name: string): Promise<void> {
    const { keeper, held } = this.#options;
    if (id === this.store.getState().open?.id) return this.#saver.change({ name });
    const saved = await keeper.read(id);
    // Where a page has it open, that page names it.
    if (saved && !(await held()).has(id)) {
      await keeper.claim(id, this.#saver.owner);
      await keeper.save({ ...saved, name }, this.#saver.owner);
    }
    return this.refresh();
  }

  /** The user agrees that the bytes of model and clips are kept, or takes it back. */
  async setKeepFiles(keepFiles: boolean): Promise<void> {
    if (keepFiles) this.#options.persist();
    await this.#saver.change({ keepFiles });
  }

  /** Deletes a saved session. The open one stays open and is not saved any more. */
  forget(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (id === this.store.getState().open?.id) {
        // A save under way would bring it back.
        await this.#saver.flush();
        await this.#leaveSession();
      }
      await this.#options.keeper.delete(id);
      await this.refresh();
    });
  }

  /** Deletes every session with its files and answers. */
  forgetAll(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#saver.flush();
      await this.#leaveSession();
      await this.#options.keeper.deleteAll();
      await this.refresh();
    });
  }

  /** Reads the list of sessions again. */
  async refresh(): Promise<void> {
    const { keeper, held } = this.#options;
    try {
      const [sessions, open] = await Promise.all([keeper.list(), held()]);
      const own = this.#remembered().id;
      const recent = sessions
        .filter(({ id }) => id !== own)
        .map((saved) => ({ ...saved, openElsewhere: open.has(saved.id) }));
      this.store.setState({ recent });
    } catch {
      // A storage that cannot be read has no sessions to offer; saving says so.
      this.store.setState({ recent: [] });
    }
  }

  /** Saves at once: the page is about to be hidden. */
  async flush(): Promise<void> {
    await this.#saver.flush();
  }

  /** The page goes in good order, so that a reload may take its work up again. */
  leave(): void {
    const { studio, now } = this.#options;
    const { id, last } = this.#remembered();
    // The database answers too late for a page that goes.
    if (id !== undefined) this.#remember(id, true, lastDecisions(studio, { id, savedAtMs: now() }) ?? last);
    void this.#saver.flush();
  }

  #connect(): void {
    const { studio } = this.#options;
    const { session, document, stages, found, view } = studio;
    const touch = () => this.#saver.touch();
    session.subscribe((now, before) => {
      if (now.model && now.model !== before.model) this.#begin();
      // With the answer to these files the session ends: what was decided just before is kept now.
      else if (now.opening !== before.opening) void this.#saver.flush();
      else touch();
    });
    document.subscribe(touch);
    found.subscribe(touch);
    view.subscribe((now, before) => {
      if (now.step !== before.step) touch();
    });
    for (const name of ["open", "calibrate", "compare", "examine", "prove", "package"] as const) {
      stages[name].store.subscribe((now, before) => {
        if (now.status !== before.status || now.result !== before.result) touch();
      });
    }
    recogniseClips(studio);
  }

  /** A model was opened: it goes on with its saved session, or begins one. */
  #begin(): void {
    const { restored, model } = this.#options.studio.session.getState();
    if (restored) {
      const { id, name, keepFiles, keptBytes } = restored;
      this.#saver.begin({ id, name, keepFiles, keptBytes });
      return;
    }
    void this.#leaveSession();
    const id = this.#adopt(newIdentity());
    const name = model?.files[0]?.name ?? "";
    this.#saver.begin({ id, name, keepFiles: false, keptBytes: 0 });
  }

  /** Makes a new session this tab's own. */
  #adopt(id: string): string {
    this.#remember(id);
    void this.#release?.();
    this.#release = undefined;
    void this.#options.hold(id).then((release) => {
      if (this.#remembered().id === id) this.#release = release;
      else void release?.();
    });
    return id;
  }

  #leaveSession(): Promise<void> {
    this.#saver.begin(undefined);
    const release = this.#release;
    this.#release = undefined;
    this.#remember(undefined);
    return release?.() ?? Promise.resolve();
  }

  async #restore(saved: SavedSession, keptUnder: string, reloaded: boolean): Promise<void> {
    const { studio, keeper } = this.#options;
    const { session, view } = studio;
    const answers = await keeper.readAnswers(keptUnder);
    const file = await this.#files(saved, keptUnder);
    const modelFiles = saved.model.files.map((f) => file("model", f));
    const twin = saved.twin && file("data", saved.twin);
    const clips = saved.clips.flatMap(({ file: clip, used }): Clip[] => {
      const here = file("data", clip);
      return here ? [{ file: here, used }] : [];
    });
    const restoring: Restoring = { saved, answers, clips, ...(twin && { twin }) };
    const files = modelFiles.flatMap((f) => f ?? []);
    const complete = files.length === modelFiles.length;
    if (this.#isOvertaken()) {
      if (this.#remembered().id === saved.id) await this.#leaveSession();
      return;
    }
    const stop = session.subscribe(({ restored }) => {
      if (restored?.id !== saved.id) return;
      stop();
      view.setState({ step: saved.step });
      resumeWork(studio, saved, reloaded && complete);
    });
    const { sample } = saved;
    const opening = { files, ...(sample !== undefined && { sample }) };
    session.setState({ restoring, ...(complete && { opening }) });
  }

  /** Finds the bytes of a session's files: kept with it, or those of the sample that it is. */
  async #files(saved: SavedSession, keptUnder: string) {
    const { studio, keeper } = this.#options;
    const kept = await keeper.readFiles(keptUnder);
    const sample = saved.sample === undefined ? [] : await sampleFiles(studio, saved.sample).catch(() => []);
    await Promise.all(sample.map(({ blob }) => studio.identities.hash(blob)));
    return (role: "model" | "data", wanted: SavedFile): NamedBlob | undefined => {
      const { name, sha256 } = wanted;
      const blob = kept.get(fileKey(role, wanted));
      if (blob && sha256 !== undefined) studio.identities.setHash(blob, sha256);
      if (blob) return { name, blob };
      return sample.find((f) => f.name === name && studio.identities.known(f.blob) === sha256);
    };
  }

  #remembered(): Remembered {
    try {
      const { id, left, last } = JSON.parse(
        this.#options.tab?.getItem(TAB_KEY) ?? "{}",
      ) as Partial<Remembered>;
      return { ...(id !== undefined && { id }), left: left === true, ...(last && { last }) };
    } catch {
      return { left: false }; // a tab that may not remember starts anew
    }
  }

  #remember(id: string | undefined, left = false, last?: LastDecisions): void {
    try {
      this.#options.tab?.setItem(TAB_KEY, JSON.stringify(id === undefined ? {} : { id, left, last }));
    } catch {
      // a tab that may not remember starts anew after a reload; one that may not so much, with what was saved
      if (last) this.#remember(id, left);
    }
  }
}
