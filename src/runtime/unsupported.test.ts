import { afterEach, expect, test, vi } from "vitest";
import { StudioError } from "../core/base/problem.ts";
import { createRuntime } from "./ort.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function problemOf(runtime: ReturnType<typeof createRuntime>): Promise<unknown> {
  try {
    await runtime.open(new Uint8Array());
  } catch (error) {
    if (error instanceof StudioError) return error.problem;
    throw error;
  }
  return undefined;
}

test("an engine without SIMD, or without WebAssembly, is named before any model is blamed", async () => {
  vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
  expect(await problemOf(createRuntime())).toEqual({ code: "runtime.unsupported", lacks: "SIMD" });
  vi.stubGlobal("WebAssembly", undefined);
  expect(await problemOf(createRuntime())).toEqual({ code: "runtime.unsupported", lacks: "WebAssembly" });
});

// The last: the runtime does not start a second time in one process.
test("a runtime that does not load is no fault of the model", async () => {
  const missing = new URL("./absent.wasm", import.meta.url).href;
  expect(await problemOf(createRuntime({ wasmUrl: missing }))).toMatchObject({ code: "runtime.notLoaded" });
});
