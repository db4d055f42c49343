import { anchoredView } from "./anchor.ts";
import { Camera } from "./camera.ts";
import { CanvasPainter } from "./canvas-painter.ts";
import { drawScene } from "./draw-scene.ts";
import { FOCUS_MARGIN_PX, FOCUS_SCALE, focusView } from "./focus-view.ts";
import type { GraphMarks, GraphSelection, MarksSource } from "./graph-marks.ts";
import { type Hit, hitTest } from "./hit-test.ts";
import { canvasMeasure } from "./measured-scene.ts";
import { drawMinimap, type MinimapInput } from "./minimap.ts";
import { currentNode } from "./navigation.ts";
import { coveredBy, keepButtons, type Overlay, overlayOf, sameOverlay } from "./overlay.ts";
import { type Palette, readPalette } from "./palette.ts";
import { boxOf, type Picture, wholeOf } from "./picture.ts";
import { type Reach, reachOf } from "./reach.ts";
import {
  centreOn,
  fitRect,
  isVisible,
  type Point,
  panBy,
  sameView,
  toScreen,
  toWorld,
  type View,
  zoomAt,
} from "./viewport.ts";

/** What is to be seen, from the component's props. */
export interface Shown {
  readonly picture: Picture | undefined;
  /** Followed from frame to frame: a mark is drawn before the page has rendered what it says of it. */
  readonly marks: MarksSource;
  readonly selection: GraphSelection | undefined;
  readonly together: readonly GraphSelection[];
  readonly theme: "light" | "dark";
}

/** Elements that the component made. */
export interface Stage {
  readonly host: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Holds the buttons; moved with the pan. */
  readonly layer: HTMLElement;
  readonly minimap: HTMLCanvasElement;
}

/** A selection made elsewhere is brought near when boxes are smaller than this. */
const ILLEGIBLE_SCALE = 0.3;
const NOTHING: Overlay = { scale: 1, chips: [], portals: [], frames: [] };

/** Lifetime of the canvas: the view, one frame per change, and the DOM layer's contents. Knows no React. */
export class GraphController {
  #shown: Shown | undefined;
  #stage: Stage | undefined;
  #painter: CanvasPainter | undefined;
  #palette: Palette | undefined;
  #measure = canvasMeasure();
  readonly #camera = new Camera({
    moved: () => this.#invalidate(),
    // Whoever looks for a place on the page can wait for the view to come to rest.
    gliding: (is) => this.#stage?.host.toggleAttribute("data-moving", is),
  });
  #hover: Hit | undefined;
  #frame = 0;
  /** Something besides the marks has changed since the last drawing. */
  #stale = false;
  #drawnMarks: GraphMarks | undefined;
  #endMarks: (() => void) | undefined;
  /** The view has not been fitted to the present model yet. */
  #unfitted = true;
  /** The next selection is what the user has just pressed: it must not run away from the pointer. */
  #holdsStill = false;
  /** Which ways from the selection are followed. */
  #follows: "upstream" | "downstream" | undefined;
  #reach: Reach | undefined;
  #overlay: Overlay = NOTHING;
  /** What the small picture shows. */
  #minimap: MinimapInput | undefined;
  #listeners = new Set<() => void>();

  /** Takes over the elements. @returns what lets go of them. */
  attach(stage: Stage): () => void {
    this.#stage = stage;
    const context = stage.canvas.getContext("2d", { alpha: false });
    this.#painter = context ? new CanvasPainter(context, () => window.devicePixelRatio) : undefined;
    const observer = new ResizeObserver(() => this.#fitCanvas());
    observer.observe(stage.host);
    this.#fitCanvas();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(this.#frame);
      this.#frame = 0;
      this.#endMarks?.();
      this.#endMarks = undefined;
      this.#stage = undefined;
      this.#minimap = undefined;
    };
  }

  show(shown: Shown): void {
    const before = this.#shown;
    if (
      before &&
      this.#endMarks &&
      before.picture === shown.picture &&
      before.marks === shown.marks &&
      before.selection === shown.selection &&
      before.together === shown.together &&
      before.theme === shown.theme
    )
      return;
    this.#shown = shown;
    if (before?.marks !== shown.marks || !this.#endMarks) this.#followMarks(shown.marks);
    if (before?.theme !== shown.theme) this.#palette = undefined;
    if (before?.picture !== shown.picture) this.#changePicture(before, shown);
    this.#reach = this.#reachNow();
    if (before && before.selection !== shown.selection && !this.#holdsStill) this.#reveal();
    this.#invalidate();
  }

  #followMarks(marks: MarksSource): void {
    this.#endMarks?.();
    this.#endMarks = marks.subscribe(() => this.#askFrame());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly overlay = (): Overlay => this.#overlay;

  hit(at: Point): Hit | undefined {
    const { picture, marks: source } = this.#shown ?? {};
    if (!picture || !source) return undefined;
    const { scene, layout, index } = picture;
    const marks = source.now();
    const isMarked = (e: number) => {
      const value = scene.edges[e]?.value ?? "";
      return marks.caches.has(value) || marks.splits.has(value);
    };
    return hitTest({ layout, sizes: scene.layoutInput.sizes, index, view: this.#camera.view, isMarked }, at);
  }

  /** Boxes that lie wholly in the rectangle between two points of the host, in data-flow order. */
  boxesBetween(a: Point, b: Point): readonly number[] {
    const picture = this.#shown?.picture;
    if (!picture) return [];
    const [p, q] = [toWorld(this.#camera.view, a), toWorld(this.#camera.view, b)];
    const rect = {
      left: Math.min(p.x, q.x),
      top: Math.min(p.y, q.y),
      right: Math.max(p.x, q.x),
      bottom: Math.max(p.y, q.y),
    };
    const holds = (v: number) => {
      const box = boxOf(picture, v);
      const across = box.left >= rect.left && box.right <= rect.right;
      return across && box.top >= rect.top && box.bottom <= rect.bottom;
    };
    return [...picture.index.nodesIn(rect)].filter(holds).sort((v, w) => v - w);
  }

  hoverAt(at: Point | undefined): void {
    const hover = at && this.hit(at);
    if (JSON.stringify(hover) === JSON.stringify(this.#hover)) return;
    this.#hover = hover;
    if (this.#stage) this.#stage.host.style.cursor = hover ? "pointer" : "";
    this.#invalidate();
  }

  /** Keeps the view through a change of the selection in this turn. */
  holdStill(): void {
    this.#holdsStill = true;
    requestAnimationFrame(() => {
      this.#holdsStill = false;
    });
  }

  /** Where a menu for the selection belongs, in client px. */
  selectedOnPage(): Point {
    const { left = 0, top = 0 } = this.#stage?.host.getBoundingClientRect() ?? {};
    const { picture, selection } = this.#shown ?? {};
    const point = picture && this.#pointOf(picture, selection);
    const at = point ? toScreen(this.#camera.view, point) : this.#middle();
    return { x: left + at.x, y: top + at.y };
  }

  /** Follows the ways to or from what is selected until it is asked again. @returns whether anything is selected. */
  follow(direction: "upstream" | "downstream"): boolean {
    if (this.#selected().length === 0) return false;
    this.#follows = this.#follows === direction ? undefined : direction;
    this.#reach = this.#reachNow();
    this.#invalidate();
    return true;
  }

  /** Ways that are followed now. */
  reach(): Reach | undefined {
    return this.#reach;
  }

  #reachNow(): Reach | undefined {
    const picture = this.#shown?.picture;
    const from = this.#follows ? this.#selected() : [];
    return picture && this.#follows && from.length > 0
      ? reachOf(picture.scene, from, this.#follows)
      : undefined;
  }

  /** Every selected box once. */
  #selected(): readonly number[] {
    const { picture, selection, together = [] } = this.#shown ?? {};
    if (!picture) return [];
    const all = together.length > 0 ? together : [selection];
    return [...new Set(all.flatMap((one) => currentNode(picture.scene, one) ?? []))];
  }

  /** Brings the point of the whole that the small picture shows at (x, y), in portions of it, to the middle. */
  goToPortion(x: number, y: number): void {
    const picture = this.#shown?.picture;
    if (!picture) return;
    const { right, bottom } = wholeOf(picture);
    this.#camera.jumpTo(
      centreOn({ x: x * right, y: y * bottom }, this.#camera.size, this.#camera.view.scale),
    );
  }

  panBy(dx: number, dy: number): void {
    this.#camera.jumpTo(panBy(this.#camera.view, dx, dy));
  }

  zoomAt(factor: number, at: Point): void {
    this.#camera.jumpTo(zoomAt(this.#camera.view, factor, at));
  }

  zoomBy(factor: number): void {
    this.#camera.glideTo(zoomAt(this.#camera.goal, factor, this.#middle()));
  }

  #middle(): Point {
    const { width, height } = this.#camera.size;
    return { x: width / 2, y: height / 2 };
  }

  fit(): void {
    const picture = this.#shown?.picture;
    if (picture) this.#camera.glideTo(fitRect(wholeOf(picture), this.#camera.size), { whole: true });
  }

  /** Brings all that is selected to the middle, at a legible size if it fits; once there, shows everything. */
  fitSelection(): void {
    const target = this.#focusView(this.#selected());
    if (target && !sameView(target, this.#camera.goal)) this.#camera.glideTo(target);
    else this.fit();
  }

  focus(selection: GraphSelection): void {
    const picture = this.#shown?.picture;
    const node = picture && currentNode(picture.scene, selection);
    const target = node === undefined ? undefined : this.#focusView([node]);
    if (target) this.#camera.glideTo(target);
  }

  #focusView(nodes: readonly number[]): View | undefined {
    const picture = this.#shown?.picture;
    return picture && focusView(picture, nodes, { view: this.#camera.goal, size: this.#camera.size });
  }

  #pointOf(picture: Picture, selection: GraphSelection | undefined): Point | undefined {
    const node = currentNode(picture.scene, selection);
    if (node === undefined) return undefined;
    return { x: picture.layout.centers[2 * node] ?? 0, y: picture.layout.centers[2 * node + 1] ?? 0 };
  }

  #reveal(): void {
    const { picture, selection } = this.#shown ?? {};
    const node = picture && currentNode(picture.scene, selection);
    if (!picture || node === undefined || this.#unfitted) return;
    const view = this.#camera.goal;
    const visible = isVisible(view, boxOf(picture, node), this.#camera.size, FOCUS_MARGIN_PX);
    if (visible && view.scale >= ILLEGIBLE_SCALE) return;
    const point = this.#pointOf(picture, selection);
    const scale = view.scale < ILLEGIBLE_SCALE ? FOCUS_SCALE : view.scale;
    if (point) this.#camera.glideTo(centreOn(point, this.#camera.size, scale));
  }

  /** Another model is fitted; another layout of the same model keeps the selected box, or else the whole, in place. */
  #changePicture(before: Shown | undefined, shown: Shown): void {
    const [old, next] = [before?.picture, shown.picture];
    this.#hover = undefined;
    if (!next) return;
    const sameModel = old?.scene.summary === next.scene.summary;
    // On its way to a box, the view arrives at once: where it happens to be now, nobody wants to stay.
    const looking = { view: this.#camera.goal, size: this.#camera.size, selection: shown.selection };
    const anchored = old && sameModel ? anchoredView(old, next, looking) : undefined;
    if (anchored) this.#camera.jumpTo(anchored);
    else this.#fitNow(next);
  }

  #fitNow(picture: Picture): void {
    this.#unfitted = this.#camera.size.width === 0 || this.#camera.size.height === 0;
    if (!this.#unfitted) this.#camera.jumpTo(fitRect(wholeOf(picture), this.#camera.size), { whole: true });
  }

  #fitCanvas(): void {
    const stage = this.#stage;
    if (!stage) return;
    const after = { width: stage.host.clientWidth, height: stage.host.clientHeight };
    // Out of sight, it keeps what it shows.
    if (after.width === 0) return;
    const ratio = window.devicePixelRatio;
    stage.canvas.width = Math.max(1, Math.round(after.width * ratio));
    stage.canvas.height = Math.max(1, Math.round(after.height * ratio));
    this.#camera.resize(after);
    const picture = this.#shown?.picture;
    if (picture && (this.#unfitted || this.#camera.showsWhole)) this.#fitNow(picture);
    // Resizing has emptied the canvas; waiting for the next frame would flash.
    this.#draw();
  }

  #invalidate(): void {
    this.#stale = true;
    this.#askFrame();
  }

  #askFrame(): void {
    if (this.#frame !== 0 || !this.#stage) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#stale || this.#shown?.marks.now() !== this.#drawnMarks) this.#draw();
    });
  }

  #draw(): void {
    const { picture, selection, together, theme } = this.#shown ?? {};
    const stage = this.#stage;
    const marks = this.#shown?.marks.now();
    this.#stale = false;
    this.#camera.advance(performance.now());
    if (!stage || !this.#painter || !marks || !theme) return;
    this.#drawnMarks = marks;
    // Read when drawing: by then the page has applied the theme to its root.
    this.#palette ??= readPalette(theme, (name) => getComputedStyle(stage.host).getPropertyValue(name));
    const [view, size, palette] = [this.#camera.view, this.#camera.size, this.#palette];
    if (!picture) {
      this.#painter.begin(view, palette.background);
      return;
    }
    const overlay = overlayOf(picture, marks, selection, view, size);
    drawScene(this.#painter, {
      picture,
      marks,
      selection,
      together,
      hover: this.#hover,
      reach: this.#reach,
      palette,
      view,
      size,
      measure: this.#measure,
      covered: coveredBy(overlay),
    });
    this.#drawMinimap({ picture, palette, view, size });
    stage.layer.style.transform = `translate(${view.panX}px, ${view.panY}px)`;
    if (sameOverlay(overlay, this.#overlay)) return;
    this.#overlay = keepButtons(this.#overlay, overlay);
    for (const listener of this.#listeners) listener();
  }

  /** Only what it shows: neither marks nor the selection. */
  #drawMinimap(now: MinimapInput): void {
    const before = this.#minimap;
    const same =
      before?.picture === now.picture &&
      before.palette === now.palette &&
      before.view === now.view &&
      before.size === now.size;
    if (same || !this.#stage) return;
    drawMinimap(this.#stage.minimap, now);
    this.#minimap = now;
  }
}
