/** The mean of all channels; a single channel is returned as it is. Empty for no channel. */
export function mixToMono(channels: readonly Float32Array[]): Float32Array {
  const [first, ...others] = channels;
  if (!first) return new Float32Array();
  if (others.length === 0) return first;
  return first.map((x, i) => {
    let sum = x;
    for (const c of others) sum += c[i] ?? 0;
    return sum / channels.length;
  });
}
