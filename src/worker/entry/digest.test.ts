import fc from "fast-check";
import { expect, it } from "vitest";
import { sha256Hex } from "../../core/base/sha256.ts";
import { digestHex } from "./digest.ts";

it("is the SHA-256 of core", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      expect(await digestHex(bytes)).toBe(sha256Hex(bytes));
      expect(await digestHex(bytes.subarray(1))).toBe(sha256Hex(bytes.subarray(1)));
    }),
  );
});
