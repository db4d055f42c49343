import { expect, it } from "vitest";
import { outOfMemory } from "./out-of-memory.ts";

const thrown = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
};

it("knows what this engine throws when memory cannot be had", () => {
  expect(outOfMemory(thrown(() => new ArrayBuffer(2 ** 50)))).toEqual({ needBytes: 0 });
  expect(outOfMemory(thrown(() => new Uint8Array(2 ** 50)))).toEqual({ needBytes: 2 ** 50 });
});

it("reads the size from the runtime's words", () => {
  const words = "Failed to allocate memory for requested buffer of size 5000000000";
  expect(outOfMemory(new Error(`ERROR_CODE: 1, ERROR_MESSAGE: ${words}`))).toEqual({ needBytes: 5e9 });
  expect(outOfMemory(new Error("std::bad_alloc"))).toEqual({ needBytes: 0 });
});

it("leaves other errors alone", () => {
  expect(outOfMemory(new RangeError("index 3"))).toBeUndefined();
  expect(outOfMemory(new RangeError("Maximum call stack size exceeded"))).toBeUndefined();
});
