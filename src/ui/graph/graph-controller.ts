import { anchoredView } from "./anchor.ts";
import { CanvasPainter } from "./canvas-painter.ts";
import { drawScene } from "./draw-scene.ts";
import { FOCUS_MARGIN_PX, FOCUS_SCALE, focusView } from "./focus-view.ts";
import type { GraphMarks, GraphSelection } from "./graph-marks.ts";
import { type Hit, hitTest } from "./hit-test.ts";
import { canvasMeasure } from "./measured-scene.ts";
import { drawMinimap, type MinimapInput } from "./minimap.ts";
import { currentNode } from "./navigation.ts";
import { coveredBy, keepButtons, type Overlay, overlayOf, sameOverlay } from "./overlay.ts";
import { type Palette, readPalette } from "./palette.ts";
import { boxOf, type Picture, wholeOf } from "./picture.ts";
import { type Reach, reachOf } from "./reach.ts";
import {
  between,
  centreOn,
  fitRect,
  isVisible,
  type Point,
  panBy,
  resize,
  type Size,
  sameView,
  toScreen,
  toWorld,
  type View,
  zoomAt,
} from "./viewport.ts";

/** What is to be seen, from the component's props. */
export interface Shown {
  readonly picture: Picture | undefined;
  readonly marks: GraphMarks;
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

const GLIDE_MS = 200;
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
  #view: View = { scale: 1, panX: 0, panY: 0 };
  #size: Size = { width: 0, height: 0 };
  #hover: Hit | undefined;
  #frame = 0;
  #glide: { readonly from: View; readonly to: View; readonly start: number } | undefined;
  /** The view shows the whole, and goes on doing so when the pane changes its size, until somebody moves it. */
  #showsWhole = false;
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
      this.#stage = undefined;
      this.#minimap = undefined;
    };
  }

  show(shown: Shown): void {
    const before = this.#shown;
    if (
      before &&
      before.picture === shown.picture &&
      before.marks === shown.marks &&
      before.selection === shown.selection &&
      before.together === shown.together &&
      before.theme === shown.theme
    )
      return;
    this.#shown = shown;
    if (before?.theme !== shown.theme) this.#palette = undefined;
    if (before?.picture !== shown.picture) this.#changePicture(before, shown);
    this.#reach = this.#reachNow();
    if (before && before.selection !== shown.selection && !this.#holdsStill) this.#reveal();
    this.#invalidate();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly overlay = (): Overlay => this.#overlay;

  hit(at: Point): Hit | undefined {
    const { picture, marks } = this.#shown ?? {};
    if (!picture || !marks) return undefined;
    const { scene, layout, index } = picture;
    const isMarked = (e: number) => {
      const value = scene.edges[e]?.value ?? "";
      return marks.caches.has(value) || marks.splits.has(value);
    };
    return hitTest({ layout, sizes: scene.layoutInput.sizes, index, view: this.#view, isMarked }, at);
  }

  /** Boxes that lie wholly in the rectangle between two points of the host, in data-flow order. */
  boxesBetween(a: Point, b: Point): readonly number[] {
    const picture = this.#shown?.picture;
    if (!picture) return [];
    const [p, q] = [toWorld(this.#view, a), toWorld(this.#view, b)];
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
    const at = point ? toScreen(this.#view, point) : { x: this.#size.width / 2, y: this.#size.height / 2 };
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
    this.#setView(centreOn({ x: x * right, y: y * bottom }, this.#size, this.#view.scale));
  }

  panBy(dx: number, dy: number): void {
    this.#setView(panBy(this.#view, dx, dy));
  }

  zoomAt(factor: number, at: Point): void {
    this.#setView(zoomAt(this.#view, factor, at));
  }

  zoomBy(factor: number): void {
    this.#glideTo(
      zoomAt(this.#glide?.to ?? this.#view, factor, { x: this.#size.width / 2, y: this.#size.height / 2 }),
    );
  }

  fit(): void {
    const picture = this.#shown?.picture;
    if (picture) this.#glideTo(fitRect(wholeOf(picture), this.#size));
    this.#showsWhole = picture !== undefined;
  }

  /** Brings all that is selected to the middle, at a legible size if it fits; once there, shows everything. */
  fitSelection(): void {
    const target = this.#focusView(this.#selected());
    if (target && !sameView(target, this.#glide?.to ?? this.#view)) this.#glideTo(target);
    else this.fit();
  }

  focus(selection: GraphSelection): void {
    const picture = this.#shown?.picture;
    const node = picture && currentNode(picture.scene, selection);
    const target = node === undefined ? undefined : this.#focusView([node]);
    if (target) this.#glideTo(target);
  }

  #focusView(nodes: readonly number[]): View | undefined {
    const picture = this.#shown?.picture;
    return picture && focusView(picture, nodes, { view: this.#glide?.to ?? this.#view, size: this.#size });
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
    const view = this.#glide?.to ?? this.#view;
    const visible = isVisible(view, boxOf(picture, node), this.#size, FOCUS_MARGIN_PX);
    if (visible && view.scale >= ILLEGIBLE_SCALE) return;
    const point = this.#pointOf(picture, selection);
    const scale = view.scale < ILLEGIBLE_SCALE ? FOCUS_SCALE : view.scale;
    if (point) this.#glideTo(centreOn(point, this.#size, scale));
  }

  /** Another model is fitted; another layout of the same model keeps the selected box, or else the whole, in place. */
  #changePicture(before: Shown | undefined, shown: Shown): void {
    const [old, next] = [before?.picture, shown.picture];
    this.#hover = undefined;
    if (!next) return;
    const sameModel = old?.scene.summary === next.scene.summary;
    const looking = { view: this.#view, size: this.#size, selection: shown.selection };
    const anchored = old && sameModel ? anchoredView(old, next, looking) : undefined;
    if (anchored) this.#setView(anchored);
    else this.#fitNow(next);
  }

  #fitNow(picture: Picture): void {
    this.#unfitted = this.#size.width === 0 || this.#size.height === 0;
    if (!this.#unfitted) this.#setView(fitRect(wholeOf(picture), this.#size));
    this.#showsWhole = !this.#unfitted;
  }

  #fitCanvas(): void {
    const stage = this.#stage;
    if (!stage) return;
    const after = { width: stage.host.clientWidth, height: stage.host.clientHeight };
    const ratio = window.devicePixelRatio;
    stage.canvas.width = Math.max(1, Math.round(after.width * ratio));
    stage.canvas.height = Math.max(1, Math.round(after.height * ratio));
    const before = this.#size;
    this.#size = after;
    const picture = this.#shown?.picture;
    if (picture && (this.#unfitted || this.#showsWhole)) this.#fitNow(picture);
    else this.#view = resize(this.#view, before, after);
    // Resizing has emptied the canvas; waiting for the next frame would flash.
    this.#draw();
  }

  #setView(view: View): void {
    this.#showsWhole = false;
    this.#glide = undefined;
    this.#tellMoving();
    this.#view = view;
    this.#invalidate();
  }

  #glideTo(to: View): void {
    this.#showsWhole = false;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still) this.#view = to;
    this.#glide = still ? undefined : { from: this.#view, to, start: performance.now() };
    this.#tellMoving();
    this.#invalidate();
  }

  #invalidate(): void {
    if (this.#frame !== 0 || !this.#stage) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { picture, marks, selection, together, theme } = this.#shown ?? {};
    const stage = this.#stage;
    if (!stage || !this.#painter || !marks || !theme) return;
    this.#advanceGlide();
    // Read when drawing: by then the page has applied the theme to its root.
    this.#palette ??= readPalette(theme, (name) => getComputedStyle(stage.host).getPropertyValue(name));
    const [view, size, palette] = [this.#view, this.#size, this.#palette];
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

  #advanceGlide(): void {
    const glide = this.#glide;
    if (!glide) return;
    const t = Math.min(1, (performance.now() - glide.start) / GLIDE_MS);
    this.#view = t < 1 ? between(glide.from, glide.to, this.#size, t * t * (3 - 2 * t)) : glide.to;
    if (t < 1) this.#invalidate();
    else {
      this.#glide = undefined;
      this.#tellMoving();
    }
  }

  /** Whoever looks for a place on the page can wait for the view to come to rest. */
  #tellMoving(): void {
    this.#stage?.host.toggleAttribute("data-moving", this.#glide !== undefined);
  }
}
