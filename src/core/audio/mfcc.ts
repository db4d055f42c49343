import { cos } from "../base/elementary.ts";

/** The first `count` coefficients of the orthonormal DCT-II of `size` values: y = Σ x[n]·cos(π(n + ½)k/size)·√(2/size), √½ for k = 0. */
export function makeDct(size: number, count: number): (values: Float64Array, out: Float64Array) => void {
  const rows = Array.from({ length: count }, (_, k) => {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / size);
    return Float64Array.from({ length: size }, (_, n) => scale * cos((Math.PI * (n + 0.5) * k) / size));
  });
  return (values, out) => {
    rows.forEach((row, k) => {
      let sum = 0;
      for (let n = 0; n < size; n++) sum += (row[n] as number) * (values[n] as number);
      out[k] = sum;
    });
  };
}
