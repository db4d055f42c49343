/*
 * As much of the WebAssembly binary format as the kernels of this folder need: functions without results, one memory, 32-bit integers
 * and vectors. Source: WebAssembly core specification 2.0, chapter 5 (binary format).
 */

/** Instructions as bytes. */
export type Code = readonly number[];

export interface WasmFunction {
  readonly name: string;
  /** All of type i32; locals are numbered from here on. */
  readonly params: number;
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

const [I32, V128, FUNCTION, EMPTY] = [0x7f, 0x7b, 0x60, 0x40];

/** A module that exports its functions and its memory, of one page to begin with. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ params }) => [FUNCTION, ...vector(Array(params).fill([I32])), 0]);
  const names = functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(5, vector([[0x00, 1]])),
    ...section(7, vector([[...text("memory"), 0x02, 0], ...names])),
    ...section(10, vector(functions.map(coded))),
  ]);
}

function coded({ integers, vectors, body }: WasmFunction): Code {
  const code = [
    ...vector([
      [...unsigned(integers), I32],
      [...unsigned(vectors), V128],
    ]),
    ...body,
    END,
  ];
  return [...unsigned(code.length), ...code];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(ascii: string): Code {
  return vector([...ascii].map((c) => [c.charCodeAt(0)]));
}

function unsigned(n: number): Code {
  const bytes: number[] = [];
  let rest = n;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** Small signed constants take one byte; all here are below 64. */
function signed(n: number): Code {
  if (n < -64 || n > 63) throw new RangeError(`constant ${n}`);
  return [n & 127];
}

const END = 0x0b;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
const constant = (n: number): Code => [0x41, ...signed(n)];

export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const sum = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const times = (a: Code, n: number): Code => [...a, ...constant(n), 0x6c];
/** local += n. */
export const advance = (local: number, n: number): Code => set(local, sum(get(local), constant(n)));

/** Runs the body `count` times; the local counts down to 0 and must be above 0. */
export function repeat(count: number, body: Code): Code {
  return [0x03, EMPTY, ...body, ...advance(count, -1), ...get(count), 0x0d, 0, END];
}

const simd = (op: number, ...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(op)];
const at = (offset: number): Code => [0, ...unsigned(offset)];

export const load = (address: Code, offset = 0): Code => [...simd(0x00, address), ...at(offset)];
/** Eight bytes as signed 16-bit lanes. */
export const loadBytes = (address: Code): Code => [...simd(0x01, address), ...at(0)];
/** Two bytes, eight times. */
export const loadPair = (address: Code): Code => [...simd(0x08, address), ...at(0)];
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...simd(0x0b, address, value),
  ...at(offset),
];
/** The lower eight bytes. */
export const storeLow = (address: Code, value: Code): Code => [...simd(0x5b, address, value), ...at(0), 0];
/** Bits of `a` where the mask is 1, else of `b`. */
export const choose = (a: Code, b: Code, mask: Code): Code => simd(0x52, a, b, mask);
export const splatByte = (value: Code): Code => simd(0x0f, value);
export const splatInteger = (value: Code): Code => simd(0x11, value);
export const notAbove = (a: Code, b: Code): Code => simd(0x45, a, b);
export const both = (a: Code, b: Code): Code => simd(0x4e, a, b);
export const narrowToBytes = (a: Code, b: Code): Code => simd(0x65, a, b);
/** Sums and differences of bytes, saturated. */
export const addBytes = (a: Code, b: Code): Code => simd(0x6f, a, b);
export const subtractBytes = (a: Code, b: Code): Code => simd(0x72, a, b);
export const largerByte = (a: Code, b: Code): Code => simd(0x78, a, b);
export const narrowToShorts = (a: Code, b: Code): Code => simd(0x85, a, b);
/** The lower eight bytes as signed 16-bit lanes. */
export const widenBytes = (a: Code): Code => simd(0x87, a);
export const shiftLeft = (a: Code, bits: Code): Code => simd(0xab, a, bits);
export const shiftRight = (a: Code, bits: Code): Code => simd(0xac, a, bits);
export const add = (a: Code, b: Code): Code => simd(0xae, a, b);
export const smaller = (a: Code, b: Code): Code => simd(0xb6, a, b);
/** Products of 16-bit lanes, added in pairs. */
export const dot = (a: Code, b: Code): Code => simd(0xba, a, b);
export const productLow = (a: Code, b: Code): Code => simd(0xbc, a, b);
export const productHigh = (a: Code, b: Code): Code => simd(0xbd, a, b);

export const magnitude = (a: Code): Code => simd(0xe0, a);
export const timesFloats = (a: Code, b: Code): Code => simd(0xe6, a, b);
export const divide = (a: Code, b: Code): Code => simd(0xe7, a, b);
/** `b` where b < a, else `a`: what is no number never enters. */
export const lesser = (a: Code, b: Code): Code => simd(0xea, a, b);
/** `b` where a < b, else `a`. */
export const greater = (a: Code, b: Code): Code => simd(0xeb, a, b);
export const truncate = (a: Code): Code => simd(0xf8, a);
