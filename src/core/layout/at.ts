/** Element i, which the caller knows to exist. */
export function at(values: Int32Array | Float64Array | Float32Array, i: number): number {
  return values[i] as number;
}
