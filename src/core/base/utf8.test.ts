import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const EDGES = [
  "",
  "a",
  "\u007f\u0080\u07ff\u0800\uffff",
  "\u{10000}\u{10ffff}",
  "模型 → état",
  "\ud800x\udfff",
  "\ufeffx",
];

test("encodes as the platform does", () => {
  const check = (text: string) => {
    expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
  };
  EDGES.forEach(check);
  fc.assert(fc.property(fc.string({ unit: "binary" }), check));
});

test("decoding gives the text back", () => {
  const check = (text: string) => {
    expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
  };
  EDGES.filter((text) => !text.includes("\ud800")).forEach(check);
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), check));
});

test("arbitrary bytes never throw, and are malformed exactly when the platform says so", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      let expected: string | undefined;
      try {
        expected = strict.decode(bytes);
      } catch {
        expected = undefined;
      }
      const text = decodeUtf8(bytes);
      if (expected === undefined) expect(text).toContain("\ufffd");
      else expect(text).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
