import type { Point } from "./viewport.ts";

/** What pointers and wheels ask for; points in px of the host. */
export interface PointerActions {
  pan(dx: number, dy: number): void;
  zoom(factor: number, at: Point): void;
  /** `besides`: with Shift, in addition to what is selected. */
  press(at: Point, besides: boolean): void;
  /** A rectangle was drawn with Shift, from one corner to the opposite one. */
  enclose(from: Point, to: Point): void;
  pressTwice(at: Point): void;
  hover(at: Point | undefined): void;
  menu(at: Point, client: Point): void;
}

/** Movement that turns a press into a drag, in px. */
const DRAG_PX = 4;
const WHEEL_ZOOM_PER_PX = 0.0022;
/** One notch of a wheel that reports lines instead of px. */
const LINE_PX = 32;

/**
 * Wheel scrolls, Ctrl/⌘+wheel and pinch zoom at the pointer, drag pans, with Shift it draws a rectangle. @returns what removes
 * the listeners.
 */
export function listenToPointers(host: HTMLElement, latest: () => PointerActions): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const pointers = new Map<number, Point>();
  let dragged = false;
  let band: Band | undefined;
  const at = (event: MouseEvent): Point => {
    const { left, top } = host.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const overCanvas = (event: Event) => !(event.target instanceof Element && event.target.closest("button"));

  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    const [dx, dy] = event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    if (event.ctrlKey || event.metaKey)
      latest().zoom(Math.exp(-event.deltaY * unit * wheelGain(event)), at(event));
    else latest().pan(-dx * unit, -dy * unit);
  };
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0 || !overCanvas(event)) return;
    if (pointers.size === 0) {
      dragged = false;
      band = event.shiftKey ? new Band(host, at(event)) : undefined;
    }
    pointers.set(event.pointerId, at(event));
  };
  const onMove = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    const now = at(event);
    if (!before) {
      latest().hover(overCanvas(event) ? now : undefined);
      return;
    }
    if (!dragged && Math.hypot(now.x - before.x, now.y - before.y) < DRAG_PX) return;
    if (!dragged) host.setPointerCapture(event.pointerId);
    dragged = true;
    if (band) {
      band.reachTo(now);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (other) {
      const spread = (p: Point) => Math.max(1, Math.hypot(p.x - other.x, p.y - other.y));
      latest().zoom(spread(now) / spread(before), other);
    } else latest().pan(now.x - before.x, now.y - before.y);
  };
  const onUp = (event: PointerEvent) => {
    const pressed = pointers.delete(event.pointerId);
    const drawn = band;
    if (pressed) {
      band?.remove();
      band = undefined;
    }
    if (!pressed || event.type !== "pointerup") return;
    if (!dragged) latest().press(at(event), event.shiftKey);
    else if (drawn) latest().enclose(drawn.from, at(event));
  };
  const onDouble = (event: MouseEvent) => {
    if (overCanvas(event)) latest().pressTwice(at(event));
  };
  const onMenu = (event: MouseEvent) => {
    event.preventDefault();
    latest().menu(at(event), { x: event.clientX, y: event.clientY });
  };
  host.addEventListener("wheel", onWheel, { passive: false, signal });
  host.addEventListener("pointerdown", onDown, { signal });
  host.addEventListener("pointermove", onMove, { signal });
  host.addEventListener("pointerup", onUp, { signal });
  host.addEventListener("pointercancel", onUp, { signal });
  host.addEventListener("pointerleave", () => latest().hover(undefined), { signal });
  host.addEventListener("dblclick", onDouble, { signal });
  host.addEventListener("contextmenu", onMenu, { signal });
  return () => controller.abort();
}

/** The rectangle that is being drawn, over everything. */
class Band {
  readonly from: Point;
  readonly #element = document.createElement("div");

  constructor(host: HTMLElement, from: Point) {
    this.from = from;
    this.#element.dataset.band = "";
    this.#element.hidden = true;
    host.append(this.#element);
  }

  reachTo(to: Point): void {
    this.#element.hidden = false;
    const { style } = this.#element;
    style.left = `${Math.min(this.from.x, to.x)}px`;
    style.top = `${Math.min(this.from.y, to.y)}px`;
    style.width = `${Math.abs(to.x - this.from.x)}px`;
    style.height = `${Math.abs(to.y - this.from.y)}px`;
  }

  remove(): void {
    this.#element.remove();
  }
}

/** Pressing or dragging on the small picture goes there, in portions of its size. @returns what removes the listeners. */
export function listenToMinimap(map: HTMLElement, go: (x: number, y: number) => void): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const follow = (event: PointerEvent) => {
    const { left, top, width, height } = map.getBoundingClientRect();
    go((event.clientX - left) / width, (event.clientY - top) / height);
    event.stopPropagation();
  };
  map.addEventListener(
    "pointerdown",
    (event) => {
      map.setPointerCapture(event.pointerId);
      follow(event);
    },
    { signal },
  );
  map.addEventListener("pointermove", (event) => event.buttons > 0 && follow(event), { signal });
  map.addEventListener("dblclick", (event) => event.stopPropagation(), { signal });
  return () => controller.abort();
}

/** Trackpads send pinches as many small wheel steps, mice as a few large ones. */
function wheelGain(event: WheelEvent): number {
  return Math.abs(event.deltaY) < 20 ? WHEEL_ZOOM_PER_PX * 4 : WHEEL_ZOOM_PER_PX;
}
