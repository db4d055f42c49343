import { simdCode } from "./simd-code.ts";

/** Addresses, counts and constants are 32-bit integers; the functions are described where their code is. */
interface SimdExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  denseSums(
    x: number,
    weights: number,
    bias: number,
    sums: number,
    rowGroups: number,
    filterGroups: number,
    pairs: number,
    depth: number,
  ): void;
  addTap(x: number, weights: number, sums: number, places: number, channelGroups: number, step: number): void;
  requantize(
    sums: number,
    out: number,
    groups: number,
    shift: number,
    half: number,
    odd: number,
    low: number,
  ): void;
  addBytes(a: number, b: number, out: number, groups: number, low: number): void;
  subtractBytes(a: number, b: number, out: number, groups: number, low: number): void;
  extremeFloats(x: number, groups: number, to: number): void;
  magnitudeBins(x: number, out: number, groups: number, constants: number, shift: number): void;
}

/** The part of the WebAssembly interface that is used: it belongs to the host, not to the language. */
interface WasmHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

let kernels: SimdExports | undefined | null = null;

/** The vector kernels; undefined where the host runs none. The integers are the same either way. */
export function simdKernels(): SimdExports | undefined {
  if (kernels === null) kernels = instantiate();
  return kernels;
}

function instantiate(): SimdExports | undefined {
  const host = (globalThis as unknown as { readonly WebAssembly?: WasmHost }).WebAssembly;
  if (!host) return undefined;
  try {
    return new host.Instance(new host.Module(simdCode())).exports as SimdExports;
  } catch {
    // No vectors, or a policy against compiling.
    return undefined;
  }
}

const PAGE = 65536;

/** Places in a memory one after the other, 16-byte aligned. */
export function layOut(sizes: readonly number[]): { readonly at: readonly number[]; readonly end: number } {
  const at: number[] = [];
  let end = 0;
  for (const size of sizes) {
    at.push(end);
    end += Math.ceil(size / 16) * 16;
  }
  return { at, end };
}

/** The same memory, read as three types. */
interface Memory {
  readonly bytes: Int8Array;
  readonly integers: Int32Array;
  readonly floats: Float32Array;
}

let views = viewsOf(new ArrayBuffer(0));

function viewsOf(buffer: ArrayBuffer): Memory {
  return { bytes: new Int8Array(buffer), integers: new Int32Array(buffer), floats: new Float32Array(buffer) };
}

/** The memory of the kernels, with `end` bytes at least. All calls share it: what one call placed, the next one overwrites. */
export function memoryOf({ memory }: SimdExports, end: number): Memory {
  const { buffer } = memory;
  // The last row may be read a little past its end.
  const missing = Math.ceil((end + 64) / PAGE) - buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
  if (missing > 0 || views.bytes.buffer !== buffer) views = viewsOf(memory.buffer);
  return views;
}
