/** How far two iterations may lie apart at the end. */
const TOLERANCE = Math.fround(0.00001);

/**
 * The runtime's square root: Newton's iteration in float32 from x on, until two results are within 1e-5 of each other. Small x
 * (below about 1e-8) come out too large, on the chip as here. Source: esp-dl dl_math.hpp, `sqrt_newton`.
 */
export function newtonRoot(x: number): number {
  if (x === 0) return 0;
  let result = x;
  for (;;) {
    const last = result;
    result = Math.fround(Math.fround(last + Math.fround(x / last)) * 0.5);
    // NaN ends the iteration.
    if (!(Math.abs(Math.fround(result - last)) > TOLERANCE)) return result;
  }
}
