import { afterEach, describe, expect, it } from "vitest";
import { fail, StudioError } from "../core/base/problem.ts";
import type { Layout } from "../core/layout/layout.ts";
import type { ModelSummary } from "../engine/reports.ts";
import { JobClient } from "./client.ts";
import { WorkerHost, type WorkerLike } from "./host.ts";
import type { Handlers, StageProgress } from "./protocol.ts";
import { serve } from "./serve.ts";

const model = { files: [] };
const summary = (name: string) => ({ name }) as unknown as ModelSummary;

const unused = () => Promise.reject(new Error("not under test"));
const idle: Handlers = {
  open: unused,
  layout: unused,
  analyse: unused,
  convert: unused,
  splitAdvice: unused,
  inspectClips: unused,
  previewClip: unused,
  waveform: unused,
  fitRange: unused,
  inspectTensor: unused,
  calibrate: unused,
  compare: unused,
  fitChips: unused,
  weighChip: unused,
  examineChip: unused,
  compareNumbers: unused,
  compareTwin: unused,
  listen: unused,
  prove: unused,
  exportPackage: unused,
};

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A worker without a thread: the serving end of a channel in this process. */
function spawn(handlers: Partial<Handlers>): WorkerLike {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve(port2, { ...idle, ...handlers });
  return Object.assign(port1, {
    onerror: null,
    terminate: () => {
      port1.close();
      port2.close();
    },
  }) as unknown as WorkerLike;
}

const problemOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(StudioError);
  return (error as StudioError).problem;
};

describe("a job", () => {
  it("reports progress before its answer", async () => {
    const client = new JobClient(
      spawn({
        open: (_, job) => {
          job.report({ stage: "read", done: 1, total: 2 });
          job.report({ stage: "read", done: 2, total: 2 });
          return summary("m");
        },
      }),
    );
    const seen: StageProgress[] = [];
    const answer = await client.call("open", { model }, { onProgress: (p) => seen.push(p) });
    expect(answer.name).toBe("m");
    expect(seen.map((p) => p.done)).toEqual([1, 2]);
  });

  it("moves only what the handler names", async () => {
    const kept = new Float32Array([1, 2]);
    const moved = new Float32Array([3, 4]);
    const client = new JobClient(
      spawn({
        layout: (_, job) => ({ centers: job.move(moved), points: kept }) as unknown as Layout,
      }),
    );
    const input = { sizes: new Float32Array(0), edges: new Int32Array(0), options: { wrapHeight: 0 } };
    const layout = await client.call("layout", input);
    expect([...layout.centers, ...layout.points]).toEqual([3, 4, 1, 2]);
    expect([moved.byteLength, kept.byteLength]).toEqual([0, 8]);
  });

  it("lets a problem cross as itself and a bug as its text", async () => {
    const client = new JobClient(
      spawn({
        open: () => fail({ code: "model.malformed", offset: 7, what: { code: "noGraph" } }),
        analyse: () => {
          throw new RangeError("index 3");
        },
      }),
    );
    expect(await problemOf(client.call("open", { model }))).toEqual({
      code: "model.malformed",
      offset: 7,
      what: { code: "noGraph" },
    });
    await expect(client.call("analyse", { model })).rejects.toMatchObject({
      name: "RangeError",
      message: "index 3",
    });
  });

  it("stops at a checkpoint after a cancel, and the worker lives on", async () => {
    const client = new JobClient(
      spawn({
        open: async (_, job) => {
          for (;;) await job.checkpoint();
        },
        analyse: () => ({ minimalChunk: 4 }) as never,
      }),
    );
    const stop = new AbortController();
    const answer = client.call("open", { model }, { signal: stop.signal });
    stop.abort();
    expect(await problemOf(answer)).toEqual({ code: "job.cancelled" });
    expect((await client.call("analyse", { model })).minimalChunk).toBe(4);
  });

  it("may answer with what it has when it is cancelled", async () => {
    const client = new JobClient(
      spawn({
        calibrate: async (_, job) => {
          try {
            for (;;) await job.checkpoint();
          } catch {
            return { statistics: new Map(), clips: ["a"], partial: true, frames: 9 };
          }
        },
      }),
    );
    const stop = new AbortController();
    const input = { model, plan: {} as never, clips: [] };
    const answer = client.call("calibrate", input, { signal: stop.signal });
    stop.abort();
    expect(await answer).toMatchObject({ partial: true, frames: 9 });
  });

  it("is rejected when its worker is lost", async () => {
    const client = new JobClient(spawn({ open: () => new Promise(() => {}) }));
    const answer = client.call("open", { model });
    client.lose("gone");
    expect(await problemOf(answer)).toEqual({ code: "worker.lost", reason: "gone" });
  });
});

describe("a host", () => {
  it("runs one job at a time, and none that was withdrawn while it waited", async () => {
    const order: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const host = new WorkerHost({
      spawn: () =>
        spawn({
          open: async ({ model: source }) => {
            const name = source.files[0]?.name ?? "";
            order.push(name);
            if (name === "a") await gate;
            return summary(name);
          },
        }),
    });
    const stop = new AbortController();
    const open = (name: string, options = {}) =>
      host.call("open", { model: { files: [{ name, blob: new Blob() }] } }, options);
    const [a, b, c, d] = [open("a"), open("b", { signal: stop.signal }), open("c"), open("d")];
    stop.abort();
    expect(await problemOf(b)).toEqual({ code: "job.cancelled" });
    release();
    // Two who ask for the same kind do not stand in each other's way.
    expect([(await a).name, (await c).name, (await d).name]).toEqual(["a", "c", "d"]);
    expect(order).toEqual(["a", "c", "d"]);
  });

  it("kills a job that does not stop in time, and answers the next from a new worker", async () => {
    let spawned = 0;
    const host = new WorkerHost({
      graceMs: 5,
      spawn: () => {
        const generation = ++spawned;
        return spawn({
          open: () => (generation === 1 ? new Promise(() => {}) : summary(`worker ${generation}`)),
        });
      },
    });
    const stop = new AbortController();
    const first = host.call("open", { model }, { signal: stop.signal });
    stop.abort();
    expect(await problemOf(first)).toEqual({ code: "job.cancelled" });
    expect((await host.call("open", { model })).name).toBe("worker 2");
  });

  it("learns from the worker's lock that the browser has ended it", async () => {
    let end = () => {};
    const watched: string[] = [];
    let spawned = 0;
    const host = new WorkerHost({
      watch: (lock, onEnd, signal) => {
        watched.push(lock);
        end = () => signal.aborted || onEnd();
      },
      spawn: () => {
        const first = ++spawned === 1;
        const worker = spawn({ open: () => (first ? new Promise(() => {}) : summary("again")) });
        if (first)
          queueMicrotask(() => worker.onmessage?.({ data: { type: "alive", lock: "l" } } as MessageEvent));
        return worker;
      },
    });
    const answer = host.call("open", { model });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(watched).toEqual(["l"]);
    end();
    expect(await problemOf(answer)).toEqual({ code: "worker.lost", reason: "ended" });
    expect((await host.call("open", { model })).name).toBe("again");
  });

  it("tells sizes when memory runs out, and frees it by a new worker", async () => {
    let spawned = 0;
    const host = new WorkerHost({
      spawn: () => {
        const first = ++spawned === 1;
        return spawn({ open: () => (first ? new ArrayBuffer(2 ** 50) : summary("again")) as never });
      },
    });
    const source = { files: [{ name: "m.onnx", blob: new Blob(["12345"]) }] };
    expect(await problemOf(host.call("open", { model: source }))).toEqual({
      code: "memory.exhausted",
      needBytes: 0,
      fileBytes: 5,
      limitBytes: 2 ** 32,
    });
    expect((await host.call("open", { model: source })).name).toBe("again");
  });

  it("rejects the running job when the worker crashes, and recovers", async () => {
    const workers: WorkerLike[] = [];
    const host = new WorkerHost({
      spawn: () => {
        const first = workers.length === 0;
        const worker = spawn({ open: () => (first ? new Promise(() => {}) : summary("again")) });
        workers.push(worker);
        return worker;
      },
    });
    const answer = host.call("open", { model });
    workers[0]?.onerror?.({ message: "out of memory" } as ErrorEvent);
    expect(await problemOf(answer)).toEqual({ code: "worker.lost", reason: "out of memory" });
    expect((await host.call("open", { model })).name).toBe("again");
  });
});
