import { describe, expect, it } from "vitest";
import { setChunk, undoEdit } from "../document.ts";
import { ANSWERS, file, settle } from "../fake-studio.fixture.ts";
import { openFiles } from "../open-files.ts";
import { answersOf } from "../select/answers.ts";
import { stepStates } from "../select/steps.ts";
import type { Studio } from "../studio.ts";
import { browser, projectFiles, worked } from "./browser.fixture.ts";

const steps = (studio: Studio) => stepStates(answersOf(studio), studio.document.getState().present);

describe("a reload", () => {
  it("brings everything back where the user agreed to keep the files", async () => {
    const tab = browser().newTab();
    const before = await worked(tab, true);
    const { past, present, future } = before.studio.document.getState();
    expect(steps(before.studio).results.state).toBe("stale");
    await before.end();

    const after = tab.load();
    await after.sessions.start();
    await settle(after.studio);
    const now = after.studio.document.getState();
    expect([now.past, now.present, now.future]).toEqual([past, present, future]);
    expect(after.studio.session.getState().clips.map((c) => c.file.name)).toEqual(["a.wav", "b.wav"]);
    expect(steps(after.studio)).toMatchObject({
      model: { state: "done" },
      calibrate: { state: "done" },
      results: { state: "stale" },
      export: { state: "stale" },
    });
    expect(after.calls.some(({ kind }) => kind === "calibrate" || kind === "compare")).toBe(false);
    undoEdit(after.studio.document);
    await settle(after.studio);
    expect(steps(after.studio)).toMatchObject({ results: { state: "done" }, export: { state: "done" } });
  });

  it("waits for the model where nothing but the plan was kept, and takes the same bytes under any name", async () => {
    const tab = browser().newTab();
    const before = await worked(tab, false);
    const { past } = before.studio.document.getState();
    await before.end();

    const { studio, sessions } = tab.load();
    await sessions.start();
    expect(studio.session.getState()).toMatchObject({ restoring: { saved: { name: "m.onnx" } } });
    expect(studio.session.getState().opening).toBeUndefined();
    await openFiles(studio, [file("renamed.onnx", "m.onnx")]);
    await settle(studio);
    expect(studio.document.getState().past).toEqual(past);
    expect(steps(studio)).toMatchObject({ calibrate: { state: "stale" }, audio: { state: "empty" } });
    await openFiles(studio, [file("other name.wav", "b.wav"), file("a.wav")]);
    await settle(studio);
    expect(studio.session.getState().clips.map((c) => c.file.name)).toEqual(["a.wav", "b.wav"]);
    expect(studio.session.getState()).toMatchObject({ awaitedClips: [], notices: [] });
    expect(steps(studio)).toMatchObject({ calibrate: { state: "done" } });
  });

  it("takes no answer for that of a model whose weights, in a file of their own, were written since", async () => {
    for (const [lastModified, state] of [
      [1, "done"],
      [2, "stale"],
    ] as const) {
      const tab = browser().newTab();
      const weights = (writtenAt: number) => ({
        name: "w.bin",
        blob: new File(["1234"], "w.bin", { lastModified: writtenAt }),
      });
      const before = tab.load();
      await openFiles(before.studio, [...projectFiles(), weights(1)]);
      await settle(before.studio);
      await before.studio.stages.calibrate.run();
      await before.end();

      const { studio, sessions } = tab.load();
      await sessions.start();
      await openFiles(studio, [...projectFiles(), weights(lastModified)]);
      await settle(studio);
      expect(studio.session.getState().restored).toBeDefined();
      expect(steps(studio)).toMatchObject({ calibrate: { state } });
    }
  });

  it("says that a clip or a model differs, and keeps the saved session", async () => {
    const own = browser();
    const tab = own.newTab();
    await (await worked(tab, false)).end();
    const { studio, sessions, answers } = tab.load();
    await sessions.start();
    await openFiles(studio, [file("m.onnx"), file("a.wav", "changed")]);
    await settle(studio);
    expect(studio.session.getState().notices).toEqual([{ code: "session.otherClip", file: "a.wav" }]);
    await sessions.close();

    const [saved] = sessions.store.getState().recent ?? [];
    expect(saved).toMatchObject({ name: "m.onnx", progress: { calibratedClips: 1, sqnrDb: 30 } });
    await sessions.open(saved?.id ?? "");
    answers.open = { ...ANSWERS.open, name: "n.onnx", sha256: "b".repeat(64) };
    await openFiles(studio, [file("n.onnx")]);
    await settle(studio);
    expect(studio.session.getState().notices).toMatchObject([
      { code: "session.otherModel", session: "m.onnx", file: "n.onnx" },
    ]);
    await sessions.flush();
    await sessions.refresh();
    expect(sessions.store.getState()).toMatchObject({
      open: { name: "n.onnx" },
      recent: [{ name: "m.onnx" }],
    });
    expect(await own.keeper.list()).toHaveLength(2);
  });

  it("in the middle of a calibration goes on with the next clip; after a crash it asks", async () => {
    for (const how of ["reload", "crash"] as const) {
      const tab = browser().newTab();
      const before = tab.load();
      const found = { statistics: new Map(), clips: ["a.wav"], partial: true, frames: 4 };
      before.answers.calibrate = (_: unknown, o: { onProgress(p: unknown): void }) => {
        o.onProgress({ found });
        return new Promise(() => {});
      };
      await openFiles(before.studio, projectFiles());
      await settle(before.studio);
      await before.sessions.setKeepFiles(true);
      void before.studio.stages.calibrate.run();
      await new Promise((resolve) => setTimeout(resolve, 0));
      await before.end(how);

      const after = tab.load();
      await after.sessions.start();
      await settle(after.studio);
      const run = after.calls.find(({ kind }) => kind === "calibrate");
      if (how === "reload") {
        expect(run?.input).toMatchObject({ before: { clips: ["a.wav"] } });
        expect(steps(after.studio).calibrate.state).toBe("done");
      } else {
        expect(run).toBeUndefined();
        expect(after.studio.session.getState().notices).toEqual([
          { code: "session.interrupted", done: 1, total: 2 },
        ]);
        expect(steps(after.studio).calibrate.detail).toEqual({ text: "partial" });
      }
    }
  });
});

describe("saved sessions", () => {
  it("are not overwritten by another tab: it goes on with a copy", async () => {
    const own = browser();
    const first = await worked(own.newTab(), true);
    const id = first.sessions.store.getState().open?.id ?? "";
    const second = own.newTab().load();
    await second.sessions.start();
    expect(second.sessions.store.getState().recent).toMatchObject([{ id, openElsewhere: true }]);
    await second.sessions.open(id);
    await settle(second.studio);
    setChunk(second.studio.document, 8);
    await second.sessions.flush();
    setChunk(first.studio.document, 6);
    await first.sessions.flush();
    const chunks = (await own.keeper.list()).map((s) => [s.id === id, s.history.present.chunk]);
    expect(chunks.sort()).toEqual([
      [false, 8],
      [true, 6],
    ]);
    expect(second.studio.session.getState().notices).toMatchObject([{ code: "session.openElsewhere" }]);
  });

  it("are not overwritten even where tabs know nothing of each other", async () => {
    const own = browser();
    const first = await worked(own.newTab(), true);
    const id = first.sessions.store.getState().open?.id ?? "";
    await own.keeper.claim(id, "another page");
    setChunk(first.studio.document, 6);
    await first.sessions.flush();
    const sessions = await own.keeper.list();
    expect(sessions.map((s) => [s.id === id, s.history.present.chunk]).sort()).toEqual([
      [false, 6],
      [true, 4],
    ]);
    expect(await own.keeper.readFiles(first.sessions.store.getState().open?.id ?? "")).toHaveProperty(
      "size",
      3,
    );
  });

  it("keep bytes only with consent, which can be taken back, and can be renamed and forgotten", async () => {
    const own = browser();
    const { sessions, studio } = await worked(own.newTab(), true);
    const id = sessions.store.getState().open?.id ?? "";
    expect([...(await own.keeper.readFiles(id)).keys()][0]).toBe("model/m.onnx");
    expect((await own.keeper.readAnswers(id)).package).toBeDefined();
    expect(sessions.store.getState()).toMatchObject({ open: { keptBytes: 6 + 5 + 5 } });
    await sessions.setKeepFiles(false);
    expect((await own.keeper.readFiles(id)).size).toBe(0);
    expect((await own.keeper.readAnswers(id)).package).toBeUndefined();
    expect((await own.keeper.readAnswers(id)).compare).toBeDefined();
    await sessions.rename(id, "first try");
    await sessions.close();
    expect(studio.session.getState().model).toBeUndefined();
    expect(sessions.store.getState().recent).toMatchObject([{ name: "first try", keptBytes: 0 }]);
    await sessions.rename(id, "second");
    expect(sessions.store.getState().recent).toMatchObject([{ name: "second" }]);
    await sessions.forget(id);
    expect(sessions.store.getState().recent).toEqual([]);
  });

  it("cost a notice and nothing more when storage is full or blocked", async () => {
    const own = browser();
    const full = new DOMException("", "QuotaExceededError");
    own.keeper.failWith = { of: "files", error: full };
    const { sessions, studio } = await worked(own.newTab(), true);
    expect(studio.session.getState().notices).toMatchObject([
      { code: "storage.full", needBytes: 16, freeBytes: 7 },
    ]);
    expect(sessions.store.getState().open?.keepFiles).toBe(false);
    expect(await own.keeper.list()).toMatchObject([{ keepFiles: false }]);

    own.keeper.failWith = { of: "session", error: new DOMException("", "SecurityError") };
    for (const chunk of [6, 8]) {
      setChunk(studio.document, chunk);
      await sessions.flush();
    }
    expect(studio.session.getState().notices.slice(1)).toEqual([
      { code: "storage.blocked", reason: "SecurityError" },
    ]);
    expect(sessions.store.getState().problem).toMatchObject({ code: "storage.blocked" });
    expect(steps(studio).model.state).toBe("done");
  });
});
