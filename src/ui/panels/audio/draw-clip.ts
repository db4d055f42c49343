/** Stops of a perceptually even map from dark to light (after "magma"), as RGB. */
const STOPS = [
  [6, 5, 24],
  [59, 15, 112],
  [140, 41, 129],
  [222, 73, 104],
  [254, 159, 109],
  [252, 253, 191],
] as const;

/** RGBA pixels of a spectrogram, low frequencies at the bottom. `levels` is frame-major: frames × bins. */
export function spectrogramPixels(
  levels: Uint8Array,
  frames: number,
  bins: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(frames * bins * 4);
  const map = colourMap();
  for (let f = 0; f < frames; f++) {
    for (let b = 0; b < bins; b++) {
      const level = (levels[f * bins + b] ?? 0) * 3;
      const at = ((bins - 1 - b) * frames + f) * 4;
      pixels[at] = map[level] ?? 0;
      pixels[at + 1] = map[level + 1] ?? 0;
      pixels[at + 2] = map[level + 2] ?? 0;
      pixels[at + 3] = 255;
    }
  }
  return pixels;
}

/** 256 colours, three bytes each. */
function colourMap(): Uint8Array {
  const map = new Uint8Array(256 * 3);
  for (let level = 0; level < 256; level++) {
    const at = (level / 255) * (STOPS.length - 1);
    const low = Math.min(STOPS.length - 2, Math.floor(at));
    const [from, to] = [STOPS[low] ?? STOPS[0], STOPS[low + 1] ?? STOPS[0]];
    for (const channel of [0, 1, 2] as const) {
      map[level * 3 + channel] = Math.round(from[channel] + (to[channel] - from[channel]) * (at - low));
    }
  }
  return map;
}

/** Draws minimum and maximum per column, at the screen's own resolution. */
export function drawEnvelope(canvas: HTMLCanvasElement, envelope: Float32Array): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = window.devicePixelRatio;
  const width = Math.max(1, Math.round(canvas.clientWidth * scale));
  const height = Math.max(1, Math.round(canvas.clientHeight * scale));
  canvas.width = width;
  canvas.height = height;
  const style = getComputedStyle(canvas);
  context.fillStyle = style.getPropertyValue("--series-1");
  const columns = envelope.length / 2;
  const middle = height / 2;
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * columns) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * columns) / width));
    let [low, high] = [0, 0];
    for (let c = from; c < to && c < columns; c++) {
      low = Math.min(low, envelope[2 * c] ?? 0);
      high = Math.max(high, envelope[2 * c + 1] ?? 0);
    }
    context.fillRect(x, middle - high * middle, 1, Math.max(scale, (high - low) * middle));
  }
}
