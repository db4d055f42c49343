import fc from "fast-check";
import { expect, test } from "vitest";
import { stableJson } from "./stable-json.ts";

test("means the same as JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("does not depend on the order of keys", () => {
  expect(stableJson({ b: 1, a: { d: [1, 2], c: null } })).toBe(
    '{\n  "a": {\n    "c": null,\n    "d": [1, 2]\n  },\n  "b": 1\n}\n',
  );
  expect(stableJson({ a: { c: null, d: [1, 2] }, b: 1 })).toBe(
    stableJson({ b: 1, a: { d: [1, 2], c: null } }),
  );
});

test("maps, typed arrays, missing members and numbers outside JSON", () => {
  const value = { m: new Map([["k", Infinity]]), t: Float32Array.of(0.5), u: undefined };
  expect(JSON.parse(stableJson(value))).toEqual({ m: { k: null }, t: [0.5] });
});
