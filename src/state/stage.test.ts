import { describe, expect, it, vi } from "vitest";
import { StudioError } from "../core/base/problem.ts";
import { Stage, type WorkOptions } from "./stage.ts";

interface Run {
  readonly input: { readonly n: number };
  readonly options: WorkOptions<number>;
  readonly answer: (value: string) => void;
  readonly fail: (error: unknown) => void;
}

/** A stage whose answers the test gives. */
function controlled(automatic: boolean) {
  const runs: Run[] = [];
  const stage = new Stage<{ readonly n: number }, string, number>(
    (input, options) =>
      new Promise((answer, fail) => {
        runs.push({ input, options, answer, fail });
      }),
    { automatic },
  );
  const run = (i: number) => {
    const found = runs[i];
    if (!found) throw new Error(`run ${i} has not started`);
    return found;
  };
  return { stage, run, count: () => runs.length };
}

/** Lets every promise that can go on do so. */
const flush = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("an automatic stage", () => {
  it("runs when its input appears, once per input", async () => {
    const { stage, run, count } = controlled(true);
    stage.feed({ n: 1 });
    stage.feed({ n: 1 });
    await flush();
    run(0).answer("one");
    await flush();
    expect(count()).toBe(1);
    expect(stage.store.getState()).toMatchObject({ status: "done", result: "one", stale: false });
  });

  it("drops the late answer to an old input", async () => {
    const { stage, run } = controlled(true);
    stage.feed({ n: 1 });
    await flush();
    stage.feed({ n: 2 });
    await flush();
    expect(run(0).options.signal.aborted).toBe(true);
    run(1).answer("new");
    run(0).answer("old");
    await flush();
    expect(stage.store.getState().result).toBe("new");
  });

  it("answers an input that went and came back while its run was being stopped", async () => {
    const { stage, run } = controlled(true);
    const parts = { n: 1 };
    stage.feed(parts);
    await flush();
    stage.feed(undefined);
    stage.feed(parts);
    await flush();
    run(0).fail(new StudioError({ code: "job.cancelled" }));
    run(1).answer("one");
    await flush();
    expect(stage.store.getState()).toMatchObject({ status: "done", result: "one", stale: false });
  });

  it("keeps the last answer, marked stale, while the next is made", async () => {
    const { stage, run } = controlled(true);
    stage.feed({ n: 1 });
    await flush();
    run(0).answer("one");
    await flush();
    stage.feed({ n: 2 });
    await flush();
    expect(stage.store.getState()).toMatchObject({ status: "running", result: "one", stale: true });
  });
});

describe("a manual stage", () => {
  it("waits to be run, then says when its answer has become stale, and when it is true again", async () => {
    const { stage, run, count } = controlled(false);
    const first = { n: 1 };
    stage.feed(first);
    await flush();
    expect([count(), stage.store.getState().ready]).toEqual([0, true]);
    void stage.run();
    await flush();
    run(0).answer("one");
    await flush();
    stage.feed({ n: 2 });
    expect(stage.store.getState()).toMatchObject({ status: "done", result: "one", stale: true });
    stage.feed(first);
    expect(stage.store.getState().stale).toBe(false);
  });

  it("accepts a partial answer after a cancel", async () => {
    const { stage, run } = controlled(false);
    stage.feed({ n: 1 });
    const settled = stage.run();
    await flush();
    stage.cancel();
    expect(stage.store.getState().cancelling).toBe(true);
    run(0).answer("half");
    await settled;
    expect(stage.store.getState()).toMatchObject({ status: "done", result: "half", cancelling: false });
  });

  it("says that it was stopped until it runs again or has other inputs", async () => {
    const { stage, run } = controlled(true);
    const stopped = () => stage.store.getState().stopped;
    stage.feed({ n: 1 });
    await flush();
    stage.cancel();
    run(0).fail(new StudioError({ code: "job.cancelled" }));
    await flush();
    expect(stage.store.getState()).toMatchObject({ status: "idle", ready: true, stopped: true });
    void stage.run();
    await flush();
    expect(stopped()).toBe(false);
    stage.cancel();
    run(1).answer("half");
    await flush();
    expect(stopped()).toBe(true);
    stage.feed({ n: 2 });
    expect(stopped()).toBe(false);
  });

  it("is idle again after a cancel without an answer, and failed after a problem", async () => {
    const { stage, run } = controlled(false);
    stage.feed({ n: 1 });
    void stage.run();
    await flush();
    run(0).fail(new StudioError({ code: "job.cancelled" }));
    await flush();
    expect(stage.store.getState()).toMatchObject({ status: "idle" });
    void stage.run();
    await flush();
    run(1).fail(new StudioError({ code: "data.none" }));
    await flush();
    expect(stage.store.getState().failure).toEqual({ kind: "problem", problem: { code: "data.none" } });
  });

  it("shows progress of the present run only", async () => {
    const { stage, run } = controlled(false);
    stage.feed({ n: 1 });
    void stage.run();
    await flush();
    void stage.run();
    await flush();
    run(1).options.onProgress(5);
    run(0).options.onProgress(99);
    expect(stage.store.getState().progress).toBe(5);
  });

  it("ends with the newest progress, however fast it came", async () => {
    const { stage, run } = controlled(false);
    stage.feed({ n: 1 });
    void stage.run();
    await flush();
    for (const i of [1, 2, 3]) run(0).options.onProgress(i);
    expect(stage.store.getState().progress).toBe(1);
    await vi.waitFor(() => expect(stage.store.getState().progress).toBe(3));
  });
});
