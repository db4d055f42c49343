import { describe, expect, it } from "vitest";
import { setChunk } from "../document.ts";
import { ANSWERS, file, settle } from "../fake-studio.fixture.ts";
import { openFiles } from "../open-files.ts";
import { chooseClip } from "../session.ts";
import { browser, worked } from "./browser.fixture.ts";

const SECOND = { ...ANSWERS.open, name: "n.onnx", sha256: "b".repeat(64) };

/** Holds back whatever waits for it until it is opened. */
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("one thing after the other", () => {
  it("a session whose name is pressed twice is opened once, and not as a copy", async () => {
    const own = browser();
    const tab = own.newTab();
    const { sessions, studio } = await worked(tab, true);
    const id = sessions.store.getState().open?.id ?? "";
    await sessions.close();
    await Promise.all([sessions.open(id), sessions.open(id)]);
    await settle(studio);
    await sessions.flush();
    expect(studio.session.getState().notices).toEqual([]);
    expect(sessions.store.getState().open?.id).toBe(id);
    expect(await own.keeper.list()).toHaveLength(1);
  });

  it("of two sessions that are opened at once the later one is open, and nothing holds the other", async () => {
    const own = browser();
    const first = await worked(own.newTab(), true);
    const id = first.sessions.store.getState().open?.id ?? "";
    first.answers.open = SECOND;
    await openFiles(first.studio, [file("n.onnx")]);
    await settle(first.studio);
    const other = first.sessions.store.getState().open?.id ?? "";
    await first.sessions.setKeepFiles(true);
    await first.sessions.close();

    const page = own.newTab().load();
    page.answers.open = ({ model }: { model: { files: readonly { name: string }[] } }) =>
      model.files[0]?.name === "n.onnx" ? { ...SECOND } : { ...ANSWERS.open };
    await Promise.all([page.sessions.open(id), page.sessions.open(other)]);
    await settle(page.studio);
    expect(page.sessions.store.getState().open?.id).toBe(other);
    expect([...(await page.held())]).toEqual([other]);
  });

  it("a session that another tab has opened since the list was read keeps its name there", async () => {
    const own = browser();
    const { sessions } = await worked(own.newTab(), true);
    const id = sessions.store.getState().open?.id ?? "";
    const other = own.newTab().load();
    await other.sessions.rename(id, "mine");
    await sessions.rename(id, "ours");
    expect((await own.keeper.list()).map((s) => [s.id, s.name])).toEqual([[id, "ours"]]);
    expect(other.sessions.store.getState().recent).toMatchObject([{ id, openElsewhere: true }]);
  });

  it("files that are dropped while a session is being read are what is open", async () => {
    const own = browser();
    const tab = own.newTab();
    await (await worked(tab, true)).end();
    const { studio, sessions, answers } = tab.load();
    answers.open = SECOND;
    const reading = gate();
    const { readAnswers } = own.keeper;
    own.keeper.readAnswers = async (id) => {
      await reading.passed;
      return readAnswers(id);
    };
    const starting = sessions.start();
    await turns();
    await openFiles(studio, [file("n.onnx")]);
    await settle(studio);
    reading.open();
    await starting;
    await settle(studio);
    expect(studio.document.getState().present.model.name).toBe("n.onnx");
    expect(sessions.store.getState().open).toMatchObject({ name: "n.onnx" });
    expect(sessions.store.getState().recent).toMatchObject([{ name: "m.onnx", openElsewhere: false }]);
  });
});

describe("what was decided last", () => {
  it("is kept when another model is opened before it was saved", async () => {
    const own = browser();
    const { studio, sessions, answers } = await worked(own.newTab(), true);
    const id = sessions.store.getState().open?.id ?? "";
    setChunk(studio.document, 12);
    answers.open = SECOND;
    await openFiles(studio, [file("n.onnx")]);
    await settle(studio);
    await sessions.flush();
    expect((await own.keeper.read(id))?.history.present.chunk).toBe(12);
    expect(await own.keeper.list()).toHaveLength(2);
  });

  it("is there after a reload that came before it was saved", async () => {
    const own = browser();
    const tab = own.newTab();
    const before = await worked(tab, true);
    setChunk(before.studio.document, 12);
    chooseClip(before.studio.session, before.studio.session.getState().clips[0]?.file ?? file(""), false);
    const { past, present } = before.studio.document.getState();
    await before.end("cut");
    expect((await own.keeper.list())[0]?.history.present.chunk).toBe(4);

    const after = tab.load();
    await after.sessions.start();
    await settle(after.studio);
    expect(after.studio.document.getState()).toMatchObject({ past, present });
    expect(after.studio.session.getState().clips.map((c) => c.used)).toEqual([false, true]);
    await after.sessions.flush();
    expect((await own.keeper.list())[0]?.history.present.chunk).toBe(12);
  });

  it("is there after a second reload that came before the first had read it", async () => {
    const own = browser();
    const tab = own.newTab();
    const before = await worked(tab, true);
    setChunk(before.studio.document, 12);
    await before.end("cut");
    for (const wait of [0, 1, 5, 20, 40]) {
      const between = tab.load();
      void between.sessions.start();
      for (let turn = 0; turn < wait; turn++) await undefined;
      await between.end("cut");
    }
    const after = tab.load();
    await after.sessions.start();
    await settle(after.studio);
    expect(after.studio.document.getState().present.chunk).toBe(12);
    expect(after.studio.session.getState().notices).toEqual([]);
  });

  it("is not brought back over what was saved since, nor after the session was deleted", async () => {
    const own = browser();
    const tab = own.newTab();
    const { studio, sessions } = await worked(tab, true);
    const id = sessions.store.getState().open?.id ?? "";
    // The page comes back as it was, as from the browser's history, and goes on.
    sessions.leave();
    setChunk(studio.document, 12);
    await sessions.flush();
    const next = tab.load();
    await own.release(id);
    await next.sessions.start();
    await settle(next.studio);
    expect(next.studio.document.getState().present.chunk).toBe(12);
    await next.sessions.forget(id);
    next.sessions.leave();
    const last = tab.load();
    await last.sessions.start();
    expect(last.studio.session.getState().restoring).toBeUndefined();
  });

  it("is kept when it is decided while a save is ending", async () => {
    const own = browser();
    const { studio, sessions } = await worked(own.newTab(), true);
    const id = sessions.store.getState().open?.id ?? "";
    // Whichever turn of the queue the edit falls into.
    for (let turn = 0; turn < 60; turn++) {
      setChunk(studio.document, 100 + 2 * turn);
      const saving = sessions.flush();
      for (let i = 0; i < turn; i++) await undefined;
      setChunk(studio.document, 101 + 2 * turn);
      await Promise.all([sessions.flush(), saving]);
      expect((await own.keeper.read(id))?.history.present.chunk).toBe(101 + 2 * turn);
    }
  });
});

describe("a save under way when another model is opened", () => {
  it("leaves the answers of the session that it began with as they are", async () => {
    const own = browser();
    const { studio, sessions, answers } = await worked(own.newTab(), true);
    const id = sessions.store.getState().open?.id ?? "";
    const before = Object.keys(await own.keeper.readAnswers(id));
    const saving = gate();
    const { save } = own.keeper;
    own.keeper.save = async (session, owner) => {
      const saved = await save(session, owner);
      await saving.passed;
      return saved;
    };
    setChunk(studio.document, 12);
    const flushed = sessions.flush();
    await turns();
    answers.open = SECOND;
    await openFiles(studio, [file("n.onnx")]);
    await settle(studio);
    saving.open();
    await flushed;
    await sessions.flush();
    expect(Object.keys(await own.keeper.readAnswers(id))).toEqual(before);
    expect([...(await own.keeper.readFiles(id)).keys()]).toContain("model/m.onnx");
  });
});
