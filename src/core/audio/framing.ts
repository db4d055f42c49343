export interface FramingSettings {
  readonly windowSamples: number;
  readonly hopSamples: number;
  /** Half a window of silence before the start and after the end. */
  readonly center: boolean;
}

/** Silence before the first sample. */
function leadSamples({ windowSamples, center }: FramingSettings): number {
  return center ? Math.floor(windowSamples / 2) : 0;
}

/** Frames of a clip of `samples` samples. */
export function framesOf(samples: number, settings: FramingSettings): number {
  const { windowSamples, hopSamples } = settings;
  if (samples === 0) return 0;
  const padded = samples + 2 * leadSamples(settings);
  return padded < windowSamples ? 0 : Math.floor((padded - windowSamples) / hopSamples) + 1;
}

/** Cuts a stream into overlapping frames; keeps less than a window (or a hop, if that is longer) between blocks. */
export interface Framer {
  push(block: Float32Array, onFrame: (frame: Float32Array) => void): void;
  /** The frames that reach beyond the end; afterwards the framer starts anew. */
  flush(onFrame: (frame: Float32Array) => void): void;
}

/** The frame given to `onFrame` is a view that is valid during the call only. */
export function makeFramer(settings: FramingSettings): Framer {
  const { windowSamples, hopSamples } = settings;
  const lead = leadSamples(settings);
  let kept = new Float32Array(lead);
  let received = 0;
  // Samples still to drop: a hop longer than the window leaves gaps.
  let skip = 0;
  const push: Framer["push"] = (block, onFrame) => {
    received += block.length;
    const data = new Float32Array(kept.length + block.length);
    data.set(kept);
    data.set(block, kept.length);
    let at = Math.min(skip, data.length);
    skip -= at;
    for (; skip === 0 && at + windowSamples <= data.length; ) {
      onFrame(data.subarray(at, at + windowSamples));
      const next = at + hopSamples;
      skip = Math.max(0, next - data.length);
      at = Math.min(next, data.length);
    }
    kept = data.slice(at);
  };
  return {
    push,
    flush(onFrame) {
      if (received > 0 && lead > 0) push(new Float32Array(lead), onFrame);
      kept = new Float32Array(lead);
      received = 0;
      skip = 0;
    },
  };
}
