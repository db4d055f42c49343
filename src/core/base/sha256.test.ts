import { expect, test } from "vitest";
import { sha256Hex } from "./sha256.ts";

test("FIPS 180-4 examples", () => {
  expect(sha256Hex(new Uint8Array())).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  expect(sha256Hex(Uint8Array.from("abc", (c) => c.charCodeAt(0)))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});
