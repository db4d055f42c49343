import { expect, test } from "vitest";
import { StudioError } from "../core/base/problem.ts";
import { bytesOf, requireRoom } from "./read-file.ts";

/** A blob of which a browser gives the size only. */
function unreadable(size: number, name = "NotReadableError"): Blob {
  const arrayBuffer = () => Promise.reject(new DOMException("The requested file could not be read", name));
  return Object.defineProperties(new Blob(), { arrayBuffer: { value: arrayBuffer }, size: { value: size } });
}

async function problemOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StudioError) return error.problem;
    throw error;
  }
  return undefined;
}

test("a file gives its bytes", async () => {
  const { name, bytes } = await bytesOf({ name: "a", blob: new Blob([Uint8Array.of(1, 2)]) });
  expect([name, [...bytes]]).toEqual(["a", [1, 2]]);
});

test("a file that changed since it was given is named; what is no refusal to read is a bug", async () => {
  const problem = await problemOf(() => bytesOf({ name: "m.onnx", blob: unreadable(10) }));
  expect(problem).toEqual({ code: "file.unreadable", file: "m.onnx" });
  const broken = Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new TypeError("x")) });
  await expect(bytesOf({ name: "a", blob: broken })).rejects.toThrow(TypeError);
});

test("a read of some gigabytes that fails is memory that ran out", async () => {
  const size = 2 ** 31;
  expect(await problemOf(() => bytesOf({ name: "m.onnx", blob: unreadable(size) }))).toMatchObject({
    code: "memory.exhausted",
    needBytes: size,
  });
});

test("files that one worker cannot hold together are refused before they are read, by the biggest", async () => {
  const files = [
    { name: "m.onnx", blob: unreadable(1e6) },
    { name: "m.onnx.data", blob: unreadable(6.2e9) },
  ];
  expect(await problemOf(() => requireRoom(files))).toEqual({
    code: "file.tooBig",
    file: "m.onnx.data",
    fileBytes: 6.201e9,
    limitBytes: 2 ** 32,
  });
});
