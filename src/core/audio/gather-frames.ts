/**
 * Frames of a value (row-major, of these sizes) one after another (frames × width): what `layoutFrames` lays out, taken apart again. Values of two numbers
 * in turn (bins × 2: real and imaginary parts) come with all first ones before all second ones, as STFT frames have them.
 */
export function gatherFrames(data: Float32Array, dims: readonly number[], axis: number): Float32Array {
  const count = dims[axis] ?? 0;
  const inner = dims.slice(axis + 1).reduce((n, d) => n * d, 1);
  const width = count === 0 ? 0 : data.length / count;
  const sizes = dims.filter((d, i) => i !== axis && d !== 1);
  const interleaved = sizes.length === 2 && sizes[1] === 2;
  const bins = width / 2;
  const out = new Float32Array(data.length);
  for (let place = 0; place < width; place++) {
    const outer = Math.floor(place / inner);
    const to = interleaved ? (place % 2) * bins + (place >> 1) : place;
    let from = outer * count * inner + (place % inner);
    for (let t = 0; t < count; t++, from += inner) out[t * width + to] = data[from] as number;
  }
  return out;
}
