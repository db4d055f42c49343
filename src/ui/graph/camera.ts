import { between, resize, type Size, type View } from "./viewport.ts";

const GLIDE_MS = 200;

interface Glide {
  readonly from: View;
  readonly to: View;
  readonly start: number;
}

/** What a camera's owner does when it moves. */
export interface CameraEvents {
  /** The picture must be drawn again. */
  readonly moved: () => void;
  /** It sets out, or has come to rest. */
  readonly gliding: (is: boolean) => void;
}

/** Where the viewport looks: at rest, or on its way. Times are those of `performance.now()`. */
export class Camera {
  #view: View = { scale: 1, panX: 0, panY: 0 };
  #size: Size = { width: 0, height: 0 };
  #glide: Glide | undefined;
  /** It shows the whole, and goes on doing so when the pane changes its size, until somebody moves it. */
  #showsWhole = false;
  readonly #events: CameraEvents;

  constructor(events: CameraEvents) {
    this.#events = events;
  }

  get view(): View {
    return this.#view;
  }

  get size(): Size {
    return this.#size;
  }

  /** Where it will be at rest. */
  get goal(): View {
    return this.#glide?.to ?? this.#view;
  }

  get showsWhole(): boolean {
    return this.#showsWhole;
  }

  jumpTo(view: View, { whole = false } = {}): void {
    this.#showsWhole = whole;
    this.#setOut(undefined);
    this.#view = view;
    this.#events.moved();
  }

  /** There in a moment; at once for those who want less motion. */
  glideTo(to: View, { whole = false } = {}): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.jumpTo(to, { whole });
      return;
    }
    this.#showsWhole = whole;
    this.#setOut({ from: this.#view, to, start: performance.now() });
    this.#events.moved();
  }

  /** The pane has another size: what is in its middle, or is on the way there, stays so. Its owner draws at once. */
  resize(size: Size): void {
    const kept = (view: View): View => resize(view, this.#size, size);
    this.#view = kept(this.#view);
    if (this.#glide) this.#glide = { ...this.#glide, from: kept(this.#glide.from), to: kept(this.#glide.to) };
    this.#size = size;
  }

  /** Goes on with a glide, to where it is at `now`. */
  advance(now: number): void {
    const glide = this.#glide;
    if (!glide) return;
    const t = Math.min(1, (now - glide.start) / GLIDE_MS);
    this.#view = t < 1 ? between(glide.from, glide.to, this.#size, t * t * (3 - 2 * t)) : glide.to;
    if (t < 1) this.#events.moved();
    else this.#setOut(undefined);
  }

  #setOut(glide: Glide | undefined): void {
    const was = this.#glide !== undefined;
    this.#glide = glide;
    if (was !== (glide !== undefined)) this.#events.gliding(!was);
  }
}
