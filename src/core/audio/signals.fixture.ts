/** Pseudo-random samples in [−1, 1): a linear congruential generator modulo 2^31 − 1 that Python repeats in one line. */
export function noise(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
}

/** amplitude·cos(2π·hz·n/rate + phase). */
export function sine(
  count: number,
  {
    hz,
    rateHz,
    amplitude = 1,
    phase = 0,
  }: { hz: number; rateHz: number; amplitude?: number; phase?: number },
): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, n) => amplitude * Math.cos((2 * Math.PI * hz * n) / rateHz + phase),
  );
}

/** The samples in blocks of the given sizes, taken in turn. */
export function blocksOf(samples: Float32Array, sizes: readonly number[]): Float32Array[] {
  const blocks: Float32Array[] = [];
  for (let at = 0, i = 0; at < samples.length; i++) {
    const size = sizes[i % sizes.length] ?? samples.length;
    blocks.push(samples.subarray(at, at + size));
    at += size;
  }
  return blocks;
}

export function joined(blocks: readonly Float32Array[]): Float32Array {
  return Float32Array.from(blocks.flatMap((b) => Array.from(b)));
}
