import { describe, expect, it } from "vitest";
import { StudioError } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { CalibrationProgress, CalibrationReport } from "../engine/reports.ts";
import { markCache } from "./document.ts";
import { ANSWERS, fakeStudio, file, settle } from "./fake-studio.fixture.ts";
import { openFiles } from "./open-files.ts";
import { chooseClip } from "./session.ts";

const lost = () => new StudioError({ code: "worker.lost", reason: "ended" });
const noMemory = { code: "memory.exhausted", needBytes: 9, fileBytes: 5, limitBytes: 8 } as const;

interface Input {
  readonly clips: readonly { readonly name: string }[];
  readonly before?: CalibrationReport;
}
type Options = { onProgress: (p: Partial<CalibrationProgress>) => void };

/** A worker that finishes one clip and then ends with `error`, until all clips are done. */
function oneClipAtATime(error: () => Error) {
  return ({ clips, before }: Input, { onProgress }: Options) => {
    const done = (before?.clips.length ?? 0) + 1;
    const names = clips.slice(0, done).map((c) => c.name);
    const partial = done < clips.length;
    const report = { statistics: new Map(), clips: names, partial, frames: done };
    if (!partial) return report;
    onProgress({ clip: done, clipCount: clips.length, found: report });
    throw error();
  };
}

async function ready(answer: unknown) {
  const fake = fakeStudio();
  fake.answers.calibrate = answer;
  await openFiles(fake.studio, [file("m.onnx"), file("a.wav"), file("b.wav"), file("c.wav")]);
  await settle(fake.studio);
  const { calibrate } = fake.studio.stages;
  return { ...fake, calibrate, inputs: () => fake.calls.filter((c) => c.kind === "calibrate").length };
}

describe("a calibration whose worker dies", () => {
  it("goes on with the clip after the finished ones, and says so", async () => {
    const { studio, calibrate, inputs } = await ready(oneClipAtATime(lost));
    await calibrate.run();
    expect(calibrate.store.getState()).toMatchObject({
      status: "done",
      result: { partial: false, clips: ["a.wav", "b.wav", "c.wav"], frames: 3 },
    });
    expect(inputs()).toBe(3);
    expect(studio.session.getState().notices).toEqual([
      { code: "worker.resumed", done: 1, total: 3 },
      { code: "worker.resumed", done: 2, total: 3 },
    ]);
    expect(studio.found.getState()).toEqual({});
  });

  it("goes on under the decisions that it began with", async () => {
    const one = oneClipAtATime(lost);
    const { studio, calls, calibrate } = await ready((input: Input, options: Options) => {
      markCache(studio.document, "x", { state: "removed" });
      return one(input, options);
    });
    await calibrate.run();
    const plans = calls.flatMap(({ kind, input }) =>
      kind === "calibrate" ? [(input as { plan: Plan }).plan.caches] : [],
    );
    expect(plans).toEqual([{}, {}, {}]);
    expect(calibrate.store.getState().stale).toBe(true);
  });

  it("keeps nothing of a model that is not open any more", async () => {
    const { studio, calibrate, answers } = await ready(async ({ clips }: Input, { onProgress }: Options) => {
      answers.open = { ...ANSWERS.open, name: "n.onnx", sha256: "b".repeat(64) };
      await openFiles(studio, [file("n.onnx")]);
      await settle(studio);
      const found = { statistics: new Map(), clips: ["a.wav"], partial: true, frames: 1 };
      onProgress({ clip: 1, clipCount: clips.length, found });
      return found;
    });
    const begun = calibrate.run();
    await begun;
    expect(studio.document.getState().present.model.name).toBe("n.onnx");
    expect(studio.found.getState()).toEqual({});
  });

  it("gives up on a clip that ends its worker twice, and keeps what was found for the next try", async () => {
    const { studio, answers, calibrate, inputs } = await ready(() => {
      throw lost();
    });
    await calibrate.run();
    expect(calibrate.store.getState()).toMatchObject({
      status: "failed",
      failure: { problem: { code: "worker.lost" } },
    });
    expect(inputs()).toBe(2);
    answers.calibrate = oneClipAtATime(() => new Error("bug"));
    await calibrate.run();
    expect(studio.found.getState().found?.report.clips).toEqual(["a.wav"]);
    await calibrate.run();
    await calibrate.run();
    expect(calibrate.store.getState().result?.clips).toHaveLength(3);
  });

  it("answers with the finished clips when memory runs out", async () => {
    const { studio, calibrate } = await ready(oneClipAtATime(() => new StudioError(noMemory)));
    await calibrate.run();
    expect(calibrate.store.getState()).toMatchObject({
      status: "done",
      result: { partial: true, frames: 1 },
    });
    expect(studio.session.getState().notices).toEqual([noMemory]);
  });

  it("does not mix what other clips gave", async () => {
    const { studio, answers, calls, calibrate } = await ready(oneClipAtATime(() => new Error("bug")));
    await calibrate.run();
    const first = studio.session.getState().clips[0]?.file;
    if (first) chooseClip(studio.session, first, false);
    await settle(studio);
    delete answers.calibrate;
    await calibrate.run();
    expect(calls.filter((c) => c.kind === "calibrate").at(-1)?.input).not.toHaveProperty("before");
  });
});

it("any other job is done once more by the next worker", async () => {
  const { studio, answers, calls } = fakeStudio();
  let deaths = 0;
  answers.analyse = () => {
    if (deaths++ === 0) throw lost();
    return { axes: [], facts: new Map(), refusals: [], proposals: [], minimalChunk: 1, defaultFeatures: {} };
  };
  await openFiles(studio, [file("m.onnx")]);
  await settle(studio);
  expect(calls.filter((c) => c.kind === "analyse")).toHaveLength(2);
  expect(studio.stages.analyse.store.getState().status).toBe("done");
  expect(studio.session.getState().notices).toEqual([{ code: "worker.restarted", job: "analyse" }]);
});
