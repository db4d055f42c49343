import { describe, expect, it } from "vitest";
import { StudioError } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import { printPlan } from "../core/plan/print-plan.ts";
import type { ModelSource } from "../worker/protocol.ts";
import { EMPTY_PLAN, loadPlan, markCache, setChunk, setMethod, toggleSplit, undoEdit } from "./document.ts";
import { ANSWERS, fakeStudio, file, SHA, settle } from "./fake-studio.fixture.ts";
import { openFiles } from "./open-files.ts";
import { runAll } from "./replay.ts";
import { trySample } from "./sample.ts";
import { answersOf } from "./select/answers.ts";
import { stepStates } from "./select/steps.ts";
import { chooseClip } from "./session.ts";
import type { Studio } from "./studio.ts";

const steps = (studio: Studio) => stepStates(answersOf(studio), studio.document.getState().present);
const kinds = (calls: readonly { kind: string }[]) => calls.map((c) => c.kind);

async function ready() {
  const fake = fakeStudio();
  await openFiles(fake.studio, [file("m.onnx"), file("a.wav"), file("b.wav")]);
  await settle(fake.studio);
  return fake;
}

describe("opening", () => {
  it("follows the model through to a streaming form, with the plan completed and nothing to undo", async () => {
    const { studio, calls } = await ready();
    const { present, past } = studio.document.getState();
    expect(present).toMatchObject({ model: { sha256: SHA }, axes: { x: 2 }, chunk: 2 });
    expect(present.features.x).toEqual({ kind: "logmel" });
    expect(past).toEqual([]);
    expect(kinds(calls).filter((k) => k === "analyse")).toHaveLength(1);
    expect(steps(studio)).toMatchObject({
      model: { state: "done" },
      axis: { state: "done", detail: { text: "axis", name: "T" } },
      caches: { state: "ready", detail: { text: "open", n: 1 } },
      audio: { state: "done", detail: { n: 2 } },
      calibrate: { state: "ready" },
      results: { state: "needs", detail: { text: "needsCalibration" } },
    });
  });

  it("says what each step needs while there is nothing", () => {
    const { studio } = fakeStudio();
    expect(steps(studio)).toMatchObject({
      model: { state: "empty" },
      axis: { detail: { text: "needsModel" } },
      calibrate: { detail: { text: "needsModel" } },
    });
  });

  it("forgets the earlier model's answers", async () => {
    const { studio } = await ready();
    await runAll(studio);
    expect(steps(studio).export.state).toBe("done");
    toggleSplit(studio.document, "x");
    await openFiles(studio, [file("other.onnx", "other")]);
    await settle(studio);
    expect(steps(studio)).toMatchObject({ calibrate: { state: "ready" }, results: { state: "needs" } });
    expect(studio.document.getState().past).toEqual([]);
  });

  it("tells workers one opening of a model from the next", async () => {
    const { studio, calls } = await ready();
    await openFiles(studio, [file("m.onnx"), file("w.bin")]);
    await settle(studio);
    const openings = calls.flatMap(({ kind, input }) =>
      kind === "open" || kind === "convert" ? (input as { model: ModelSource }).model.opening : [],
    );
    expect(openings).toEqual([1, 1, 2, 2]);
  });

  it("asks again when a plan differs in the rates of inputs alone", async () => {
    const { studio, calls } = await ready();
    const before = kinds(calls).filter((k) => k === "analyse" || k === "convert");
    const rates = { slow: { frames: 1, per: 2 } } as unknown as NonNullable<Plan["rates"]>;
    loadPlan(studio.document, { ...studio.document.getState().present, rates });
    await settle(studio);
    const after = kinds(calls).filter((k) => k === "analyse" || k === "convert");
    expect(after.slice(before.length)).toEqual(["analyse", "convert"]);
  });

  it("keeps the open model and its marks when other files turn out to be none", async () => {
    const { studio, answers } = await ready();
    toggleSplit(studio.document, "x");
    answers.open = () => {
      throw new StudioError({ code: "model.malformed", offset: 3, what: { code: "noGraph" } });
    };
    await openFiles(studio, [file("broken.onnx")]);
    await settle(studio);
    expect(steps(studio)).toMatchObject({ model: { state: "done" }, audio: { state: "done" } });
    expect(studio.session.getState().notices).toMatchObject([{ code: "model.malformed" }]);
    expect(studio.stages.open.store.getState()).toMatchObject({ status: "done", stale: false });
    expect(studio.document.getState().present).toMatchObject({ model: { name: "m.onnx" }, splits: ["x"] });
    expect(studio.log.getState().at(-1)).toMatchObject({ stage: "open", event: "failed" });
  });
});

describe("running everything", () => {
  it("accepts the proposals and ends with a package", async () => {
    const { studio } = await ready();
    expect(await runAll(studio)).toBe(true);
    expect(studio.document.getState().present.caches).toEqual({ x: { state: "accepted" } });
    expect(steps(studio)).toMatchObject({
      calibrate: { state: "done" },
      results: { state: "done", detail: { text: "sqnr", name: "int8 30.0 dB" } },
      export: { state: "done", detail: { text: "verified" } },
    });
  });

  it("stops at the stage that fails", async () => {
    const { studio, answers } = await ready();
    answers.compare = () => {
      throw new StudioError({ code: "worker.lost", reason: "memory" });
    };
    expect(await runAll(studio)).toBe(false);
    expect(steps(studio).results.state).toBe("failed");
    expect(studio.session.getState().replaying).toBe(false);
  });

  it("stops when it is cancelled, though a partial answer is kept", async () => {
    const { studio, calls, answers } = await ready();
    answers.calibrate = () => {
      studio.stages.calibrate.cancel();
      return { ...ANSWERS.calibrate, partial: true };
    };
    expect(await runAll(studio)).toBe(false);
    expect(calls.some(({ kind }) => kind === "compare")).toBe(false);
  });

  it("does not go on with a model that was opened meanwhile", async () => {
    const { studio, calls, answers } = await ready();
    answers.calibrate = async () => {
      answers.open = { ...ANSWERS.open, name: "n.onnx" };
      await openFiles(studio, [file("n.onnx")]);
      return ANSWERS.calibrate;
    };
    expect(await runAll(studio)).toBe(false);
    await settle(studio);
    expect(calls.filter(({ kind }) => kind === "calibrate")).toHaveLength(1);
    expect(studio.document.getState().present).toMatchObject({ model: { name: "n.onnx" }, caches: {} });
  });

  it("leaves alone what was opened while the sample was being read", async () => {
    const index = { samples: [{ id: "s", title: {}, model: "s.onnx", clips: [] }] };
    const { studio } = fakeStudio({ "samples/index.json": JSON.stringify(index) });
    const trying = trySample(studio);
    await openFiles(studio, [file("m.onnx"), file("a.wav")]);
    expect(await trying).toBe(false);
    await settle(studio);
    expect(studio.session.getState()).toMatchObject({
      replaying: false,
      model: { files: [{ name: "m.onnx" }] },
      clips: [{ file: { name: "a.wav" } }],
    });
  });

  it("replays the sample's plan", async () => {
    const plan = printPlan({
      ...EMPTY_PLAN,
      model: { name: "m.onnx", sha256: SHA },
      axes: { x: 2 },
      splits: ["y"],
    });
    const sample = { id: "s", title: {}, model: "m.onnx", plan: "m.rill.json", clips: ["a.wav"] };
    const { studio } = fakeStudio({
      "samples/index.json": JSON.stringify({ samples: [sample] }),
      "samples/m.onnx": "model",
      "samples/m.rill.json": plan,
      "samples/a.wav": "wave",
    });
    expect(await trySample(studio)).toBe(true);
    expect(studio.document.getState().present.splits).toEqual(["y"]);
    expect(studio.session.getState().notices).toEqual([]);
  });
});

describe("staleness", () => {
  it("follows what each answer depends on, and is taken back by an undo", async () => {
    const { studio } = await ready();
    await runAll(studio);
    setMethod(studio.document, studio.document.getState().present.method === "kl" ? "mse" : "kl");
    expect(steps(studio)).toMatchObject({ calibrate: { state: "done" }, results: { state: "stale" } });
    undoEdit(studio.document);
    expect(steps(studio).results.state).toBe("done");
    setChunk(studio.document, 4);
    await settle(studio);
    expect(steps(studio)).toMatchObject({ calibrate: { state: "done" }, results: { state: "stale" } });
    markCache(studio.document, "x", { state: "removed" });
    await settle(studio);
    expect(steps(studio)).toMatchObject({ calibrate: { state: "stale" }, export: { state: "stale" } });
  });

  it("comes with a change of clips, and goes when the same clips are back", async () => {
    const { studio } = await ready();
    await runAll(studio);
    const [clip] = studio.session.getState().clips;
    if (!clip) throw new Error("no clip");
    chooseClip(studio.session, clip.file, false);
    await settle(studio);
    expect(steps(studio).calibrate.state).toBe("stale");
    chooseClip(studio.session, clip.file, true);
    await settle(studio);
    // The list is a new one: its statistics may be the same, but nobody has looked.
    expect(steps(studio).audio.detail).toMatchObject({ n: 2 });
  });
});

describe("files", () => {
  it("complete a model that misses its weights", async () => {
    const { studio, calls, answers } = fakeStudio();
    answers.open = () => {
      throw new StudioError({ code: "model.externalMissing", files: ["w.bin"] });
    };
    await openFiles(studio, [file("m.onnx")]);
    await settle(studio);
    answers.open = ANSWERS.open;
    await openFiles(studio, [file("w.bin")]);
    await settle(studio);
    const names = calls.filter((c) => c.kind === "open").map((c) => c.input);
    expect(names.at(-1)).toMatchObject({ model: { files: [{ name: "m.onnx" }, { name: "w.bin" }] } });
    expect(steps(studio).model.state).toBe("done");
  });

  it("complete it beside an open model too", async () => {
    const { studio, calls, answers } = await ready();
    answers.open = () => {
      throw new StudioError({ code: "model.externalMissing", files: ["w.bin"] });
    };
    await openFiles(studio, [file("other.onnx")]);
    await settle(studio);
    expect(steps(studio).model.state).toBe("done");
    answers.open = ANSWERS.open;
    await openFiles(studio, [file("w.bin")]);
    await settle(studio);
    expect(calls.filter((c) => c.kind === "open").at(-1)?.input).toMatchObject({
      model: { files: [{ name: "other.onnx" }, { name: "w.bin" }] },
    });
    expect(studio.session.getState().notices).toEqual([]);
  });

  it("that are nothing known become notices and leave the model alone", async () => {
    const { studio } = await ready();
    await openFiles(studio, [file("notes.txt", "hello"), file("c.bin", "\0hello"), file("c.wav")]);
    await settle(studio);
    expect(studio.session.getState().notices).toEqual([
      { code: "file.foreign", file: "notes.txt", kind: "text" },
      { code: "file.unknown", file: "c.bin" },
    ]);
    expect(steps(studio)).toMatchObject({ model: { state: "done" }, audio: { detail: { n: 3 } } });
    await openFiles(studio, [file("model", "version https://git-lfs.github.com/spec/v1\n")]);
    expect(studio.session.getState().notices).toEqual([{ code: "file.lfsPointer", file: "model" }]);
  });

  it("of several models open the first and say so", async () => {
    const { studio } = fakeStudio();
    await openFiles(studio, [file("m.onnx"), file("n.onnx"), file("a.wav", "1"), file("a.wav", "2")]);
    await settle(studio);
    expect(studio.session.getState().notices).toEqual([
      { code: "file.oneModel", opened: "m.onnx", left: ["n.onnx"] },
    ]);
    expect(studio.session.getState().clips.map((c) => c.file.name)).toEqual(["a.wav", "a (2).wav"]);
  });

  it("of one name that come shortly after each other get names of their own", async () => {
    const { studio } = fakeStudio();
    await Promise.all(["1", "2", "3"].map((text) => openFiles(studio, [file("a.wav", text)])));
    expect(studio.session.getState().clips.map((c) => c.file.name)).toEqual([
      "a.wav",
      "a (2).wav",
      "a (3).wav",
    ]);
  });

  it("with a plan for another model say so, before and after the model", async () => {
    const foreign = { ...EMPTY_PLAN, model: { name: "q.onnx", sha256: "b".repeat(64) } };
    const plan = file("q.rill.json", printPlan(foreign));
    const { studio } = await ready();
    await openFiles(studio, [plan]);
    expect(studio.session.getState().notices).toMatchObject([{ code: "plan.otherModel" }]);
    await openFiles(studio, [file("m.onnx"), plan]);
    await settle(studio);
    expect(studio.session.getState().notices).toMatchObject([{ code: "plan.otherModel" }]);
    expect(studio.document.getState().present.model.sha256).toBe(SHA);
  });
});
