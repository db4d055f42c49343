import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../../test/shared-data.ts";
import { StudioError } from "../../base/problem.ts";
import {
  byteLength,
  type DType,
  elements,
  floatTensor,
  numbers,
  sizeOf,
  type Tensor,
} from "../../ir/tensor.ts";
import { decodeNpy } from "./decode-npy.ts";
import { encodeNpy } from "./encode-npy.ts";

const DTYPES: readonly DType[] = [
  "float16",
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
];

const tensors: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...DTYPES), fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }))
  .chain(([dtype, dims]) => {
    const length = byteLength(dtype, sizeOf(dims));
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes): Tensor => ({ dtype, dims, bytes }));
  });

/** A file with any header text. */
function npy(header: string, data: readonly number[], version = 1): Uint8Array {
  const size = version === 1 ? [header.length & 255, header.length >> 8] : [header.length, 0, 0, 0];
  const text = Array.from(header, (c) => c.charCodeAt(0));
  return Uint8Array.from([
    0x93,
    ...Array.from("NUMPY", (c) => c.charCodeAt(0)),
    version,
    0,
    ...size,
    ...text,
    ...data,
  ]);
}

const problem = (bytes: Uint8Array): unknown => {
  try {
    decodeNpy(bytes, "a.npy");
  } catch (e) {
    if (e instanceof StudioError) return e.problem;
    throw e;
  }
  return undefined;
};

describe("round trips", () => {
  test("decode(encode(tensor)) is the tensor", () => {
    fc.assert(
      fc.property(tensors, (t) => {
        expect(decodeNpy(encodeNpy(t), "a.npy")).toEqual(t);
      }),
    );
  });

  test("data starts at a multiple of 64", () => {
    fc.assert(
      fc.property(tensors, (t) => {
        expect((encodeNpy(t).length - t.bytes.length) % 64).toBe(0);
      }),
    );
  });

  test("a type without a NumPy name", () => {
    expect(() => encodeNpy({ dtype: "bfloat16", dims: [], bytes: new Uint8Array(2) })).toThrow(TypeError);
  });
});

describe("headers", () => {
  test("Fortran order is transposed", () => {
    const t = decodeNpy(
      npy("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", [0, 3, 1, 4, 2, 5]),
      "a.npy",
    );
    expect(numbers(t)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("Fortran order of any rank", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }), (dims) => {
        // Element at index (i, j, …) has the value i + 10·j + 100·k …
        const at = (i: number): number => {
          let value = 0;
          for (let rest = i, axis = dims.length - 1; axis >= 0; axis--) {
            value += (rest % (dims[axis] ?? 1)) * 10 ** axis;
            rest = Math.floor(rest / (dims[axis] ?? 1));
          }
          return value;
        };
        const rowMajor = Array.from({ length: sizeOf(dims) }, (_, i) => at(i));
        const columnMajor = rowMajor.toSorted((a, b) => a - b);
        const data = [...new Uint8Array(Float32Array.from(columnMajor).buffer)];
        const header = `{'descr': '<f4', 'fortran_order': True, 'shape': (${dims.join(", ")}), }`;
        expect(numbers(decodeNpy(npy(header, data), "a.npy"))).toEqual(rowMajor);
      }),
    );
  });

  test.each([2, 3])("version %i, other spacing, key order and quotes", (version) => {
    const header = '{"shape":(1L,), "fortran_order":False,"descr":"<i2"}';
    expect(decodeNpy(npy(header, [1, 2], version), "a.npy")).toMatchObject({ dtype: "int16", dims: [1] });
  });

  test("float64 stays float64", () => {
    const t = decodeNpy(
      encodeNpy({ ...floatTensor([], []), dtype: "float64", bytes: new Uint8Array(8) }),
      "a.npy",
    );
    expect(elements(t)).toEqual(Float64Array.of(0));
  });
});

describe("errors", () => {
  const header = (descr: string, shape = "(1,)"): string =>
    `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;

  test.each([
    ["other bytes", Uint8Array.of(1, 2, 3), 0],
    ["version", npy(header("<f4"), [], 4), 6],
    ["objects", npy(header("|O"), [0]), 10],
    ["big-endian", npy(header(">f4"), [0, 0, 0, 0]), 10],
    ["records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", [0, 0, 0, 0]), 10],
    ["negative shape", npy(header("<f4", "(-1,)"), []), 10],
    ["huge shape", npy(header("<f4", "(99999999, 99999999, 99999999)"), []), 10],
  ])("%s", (_name, bytes, offset) => {
    expect(problem(bytes)).toMatchObject({ code: "npy.malformed", file: "a.npy", offset });
  });

  test("a file cut anywhere is refused", () => {
    const bytes = encodeNpy(floatTensor([1, 2, 3, 4], [2, 2]));
    for (let n = 0; n < bytes.length; n++) {
      expect(problem(bytes.subarray(0, n)), `cut at ${n}`).toMatchObject({ code: "npy.malformed" });
    }
  });
});

const golden = sharedData("espdl/golden");
describe.skipIf(!golden)("shared calibration arrays", () => {
  test("decode", async () => {
    const { readdirSync } = await import("node:fs");
    const files = readdirSync(golden ?? "", { recursive: true, encoding: "utf8" });
    const arrays = files.filter((f) => f.endsWith(".npy"));
    expect(arrays.length).toBeGreaterThan(0);
    for (const f of arrays) {
      expect(decodeNpy(new Uint8Array(readFileSync(`${golden}/${f}`)), f).dtype).toBe("float32");
    }
  });
});
