import { fail, StudioError } from "../../core/base/problem.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import type { EspdlModel } from "../../core/format/espdl/espdl-model.ts";
import { findFaults } from "../../core/format/espdl/find-faults.ts";
import type { Runtime, Session } from "../ports.ts";
import { isEspdl, withTwin } from "./twin-session.ts";

/**
 * `withTwin` for files that somebody gave: whatever a damaged one makes the twin stumble over is a problem of that file,
 * `espdl.invalid` with its first fault, and no bug.
 */
export function withFileTwin(runtime: Runtime): Runtime {
  const twin = withTwin(runtime);
  return {
    open: (bytes, options) => (isEspdl(bytes) ? openFile(twin, bytes) : runtime.open(bytes, options)),
  };
}

async function openFile(twin: Runtime, bytes: Uint8Array): Promise<Session> {
  const model = decodeEspdlModel(bytes);
  const session = await blamed(model, () => twin.open(bytes));
  return { ...session, run: (feeds, fetches) => blamed(model, () => session.run(feeds, fetches)) };
}

async function blamed<T>(model: EspdlModel, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StudioError) throw error;
    const [fault] = findFaults(model);
    const what = error instanceof Error ? error.message : String(error);
    return fail(
      fault ?? { code: "espdl.invalid", where: model.graph.name, what: { code: "twinStopped", error: what } },
    );
  }
}
