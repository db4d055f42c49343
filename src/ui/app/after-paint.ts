/** A page that is hidden paints nothing: then what waits comes after this time. */
const AT_MOST_MS = 200;

/** The next picture and a clock; a test brings its own. */
export interface Pace {
  nextFrame(callback: () => void): void;
  later(callback: () => void, ms: number): void;
}

/**
 * Collects callbacks and calls each once, all together, at the start of the frame after the one that shows the present
 * change: by then that one is on the screen, and what they change comes with the next.
 */
export function createAfterPaint({ nextFrame, later }: Pace): (callback: () => void) => void {
  let waiting = new Set<() => void>();
  return (callback) => {
    waiting.add(callback);
    if (waiting.size > 1) return;
    const round = waiting;
    const flush = () => {
      if (waiting !== round) return;
      waiting = new Set();
      for (const call of round) call();
    };
    nextFrame(() => nextFrame(flush));
    later(flush, AT_MOST_MS);
  };
}

export const afterPaint = createAfterPaint({
  nextFrame: (callback) => requestAnimationFrame(callback),
  later: (callback, ms) => setTimeout(callback, ms),
});
