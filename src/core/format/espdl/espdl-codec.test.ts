import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StudioError } from "../../base/problem.ts";
import type { Attribute } from "../../ir/graph.ts";
import { byteLength, type DType, sizeOf } from "../../ir/tensor.ts";
import { decodeEspdl, decodeEspdlModel } from "./decode-espdl.ts";
import { encodeEspdlModel } from "./encode-espdl.ts";
import type { EspdlModel, EspdlNode, EspdlTensor, EspdlValue } from "./espdl-model.ts";
import { packModels } from "./pack-container.ts";
import { smallModel } from "./small-model.fixture.ts";

const DTYPES: readonly DType[] = ["float32", "uint8", "int8", "int16", "int32", "int64", "bool", "float64"];

// Names are not well-formed UTF-16 in general; lone surrogates have no bytes.
const name = fc.string({ unit: "grapheme", maxLength: 12 });
const exponents = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 4 });
const dtype = fc.constantFrom(...DTYPES);
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = fc.uint8Array({ maxLength: 9 });

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ kind: fc.constant("int" as const), value: long }),
  fc.record({ kind: fc.constant("float" as const), value: fc.float({ noNaN: true }) }),
  fc.record({ kind: fc.constant("string" as const), value: bytes }),
  fc.record({ kind: fc.constant("ints" as const), value: fc.array(long, { maxLength: 5 }) }),
  fc.record({
    kind: fc.constant("floats" as const),
    value: fc.array(fc.float({ noNaN: true }), { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant("strings" as const), value: fc.array(bytes, { maxLength: 3 }) }),
);

const tensor: fc.Arbitrary<EspdlTensor> = fc
  .record({
    name,
    dtype,
    dims: fc.array(fc.nat(5), { maxLength: 4 }),
    exponents,
    layout: fc.constantFrom("", "UNK", "(N/16)HWC16"),
    fill: fc.nat(255),
  })
  .map(({ fill, ...t }) => ({ ...t, bytes: new Uint8Array(byteLength(t.dtype, sizeOf(t.dims))).fill(fill) }));

const value: fc.Arbitrary<EspdlValue> = fc.record({
  name,
  dtype,
  shape: fc.array(fc.oneof(fc.nat(100), fc.constantFrom(null, "T")), { maxLength: 4 }),
  exponents,
});

const node: fc.Arbitrary<EspdlNode> = fc.record({
  op: name,
  name,
  inputs: fc.array(name, { maxLength: 4 }),
  outputs: fc.array(name, { maxLength: 3 }),
  attributes: fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), attribute, { maxKeys: 5 }),
});

const byName = <T extends { readonly name: string }>(item: fc.Arbitrary<T>, maxLength: number) =>
  fc.array(item, { maxLength }).map((list) => new Map(list.map((t) => [t.name, t])));

const model: fc.Arbitrary<EspdlModel> = fc
  .record({
    irVersion: fc.nat(20),
    modelVersion: long,
    producer: fc.record({ name, version: name }),
    domain: name,
    docString: name,
    metadata: fc.array(fc.tuple(name, name), { maxLength: 3 }).map((entries) => new Map(entries)),
    graph: fc.record({
      name,
      nodes: fc.array(node, { maxLength: 4 }),
      initializers: byName(tensor, 4),
      values: byName(value, 5),
      testInputs: byName(tensor, 2),
      testOutputs: byName(tensor, 3),
    }),
  })
  .map((m) => {
    const names = [...m.graph.values.keys()];
    return { ...m, graph: { ...m.graph, inputs: names.slice(0, 1), outputs: names.slice(-2) } };
  });

/** Null prototypes and the like left aside: records, not classes. */
const plain = <T>(records: T): T => structuredClone(records);

describe("what is written is read again", () => {
  test("any model", () => {
    fc.assert(
      fc.property(model, (m) => {
        const file = encodeEspdlModel(m);
        expect(plain(decodeEspdlModel(file))).toEqual(plain(m));
        expect(encodeEspdlModel(decodeEspdlModel(file))).toEqual(file);
      }),
      { numRuns: 120 },
    );
  });

  test("raw data stands at multiples of 16 bytes, and views need no copy", () => {
    const file = encodeEspdlModel(smallModel());
    expect(file.length % 16).toBe(0);
    for (const { bytes } of decodeEspdlModel(file).graph.initializers.values()) {
      expect(bytes.buffer).toBe(file.buffer);
      expect(bytes.byteOffset % 16).toBe(0);
    }
  });

  test("the order of records changes their place and nothing else", () => {
    const model = smallModel();
    const other = encodeEspdlModel(model, { order: ["y", "b", "x", "nobody"] });
    expect(other).not.toEqual(encodeEspdlModel(model));
    expect(plain(decodeEspdlModel(other))).toEqual(plain(model));
  });
});

describe("packages of several models", () => {
  const one = encodeEspdlModel(smallModel());
  const two = encodeEspdlModel({ ...smallModel(), docString: "the second" });
  const file = packModels([
    { name: "one.espdl", bytes: one },
    { name: "two.espdl", bytes: two },
  ]);

  test("come apart into what went in", () => {
    const { packaging, version, models } = decodeEspdl(file);
    expect([packaging, version, models.map((m) => m.name)]).toEqual([
      "PDL3",
      "v1.0",
      ["one.espdl", "two.espdl"],
    ]);
    expect(models.map((m) => encodeEspdlModel(m.model))).toEqual([one, two]);
    expect(decodeEspdlModel(file).docString).toBe("");
  });

  test("a flipped bit anywhere breaks the digest or is refused", () => {
    for (let at = 0; at < file.length; at += 37) {
      const broken = new Uint8Array(file);
      broken[at] = (broken[at] ?? 0) ^ 4;
      expect(
        codeOf(() => decodeEspdl(broken)),
        `byte ${at}`,
      ).toBe("model.malformed");
    }
  });
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof StudioError) return error.problem.code;
    throw error;
  }
}

describe("broken files give problems, never crashes", () => {
  const file = encodeEspdlModel(smallModel());

  test("cut at every offset", () => {
    for (let length = 0; length < file.length; length++) {
      expect(
        codeOf(() => decodeEspdlModel(file.subarray(0, length))),
        `${length} bytes`,
      ).toBe("model.malformed");
    }
  });

  test("cut at every offset, with a header that agrees", () => {
    for (let length = 16; length < file.length; length++) {
      const cut = file.slice(0, length);
      new DataView(cut.buffer).setUint32(8, length - 16, true);
      const code = codeOf(() => decodeEspdlModel(cut));
      expect([undefined, "model.malformed"]).toContain(code);
    }
  });

  test("thousands of changed bytes", () => {
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const broken = new Uint8Array(file);
        for (const [at, byte] of changes) broken[at] = byte;
        const code = codeOf(() => decodeEspdlModel(broken));
        expect([undefined, "model.malformed", "espdl.encrypted"]).toContain(code);
      }),
      { numRuns: 4000 },
    );
  });

  test("every word replaced by offsets that point nowhere, at itself, or far", () => {
    for (let at = 16; at + 4 <= file.length; at += 4) {
      for (const word of [0, 1, 0x7fffffff, 0xffffffff, file.length]) {
        const broken = new Uint8Array(file);
        new DataView(broken.buffer).setUint32(at, word, true);
        expect([undefined, "model.malformed"]).toContain(codeOf(() => decodeEspdlModel(broken)));
      }
    }
  });

  test("an encrypted model is named as such", () => {
    const locked = new Uint8Array(file);
    locked[4] = 1;
    expect(codeOf(() => decodeEspdlModel(locked, "locked.espdl"))).toBe("espdl.encrypted");
  });
});
