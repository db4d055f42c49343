import type { GraphController } from "./graph-controller.ts";
import { type GraphAction, PANS } from "./graph-keys.ts";
import type { GraphSelection, MarksSource } from "./graph-marks.ts";
import { selectionOf } from "./graph-scene.ts";
import { markable, neighbour, nextMarked, nextTrouble } from "./navigation.ts";
import type { Picture } from "./picture.ts";
import type { PointerActions } from "./pointer-input.ts";
import type { Point } from "./viewport.ts";

/** What the graph tells its owner. */
export interface GraphEvents {
  readonly onSelect: (selection: GraphSelection | undefined) => void;
  /** Selects besides what is selected; "walk" by arrows, "toggle" by a click. Absent where only one can be selected. */
  readonly onSelectBesides?: (selection: GraphSelection, how: "walk" | "toggle") => void;
  /** All of these, besides what is selected; the last of them leads. */
  readonly onSelectAll?: (selections: readonly GraphSelection[]) => void;
  /** Space: takes the selected out, or back. */
  readonly onToggleSelected?: () => void;
  readonly onToggleCache: (value: string) => void;
  readonly onToggleSplit: (value: string) => void;
  readonly onOpenGroup: (id: string) => void;
  readonly onCloseGroup: (id: string) => void;
  /** Right click or Shift+F10; position in client px. */
  readonly onOpenMenu?: (at: Point & { readonly selection: GraphSelection | undefined }) => void;
  /** Enter on the current op or value. */
  readonly onInspect?: (selection: GraphSelection) => void;
}

/** What a press on a button over the canvas asks for. */
export interface OverlayEvents extends Pick<GraphEvents, "onToggleCache" | "onToggleSplit" | "onCloseGroup"> {
  /** To the box at the other end of a portal. */
  readonly onJump: (node: number) => void;
}

interface Scene {
  readonly picture: Picture | undefined;
  readonly marks: MarksSource;
  readonly selection: GraphSelection | undefined;
  /** Several that are selected; none if one is. */
  readonly together: readonly GraphSelection[];
}

/** Binds keys, pointers and the handle to the controller and the owner's callbacks. */
export function graphCommands(
  controller: GraphController,
  { picture, marks, selection, together }: Scene,
  events: GraphEvents,
) {
  const at = (point: Point): GraphSelection | undefined => {
    const hit = controller.hit(point);
    if (!hit || !picture) return undefined;
    if (hit.kind === "edge") return { kind: "value", id: picture.scene.edges[hit.edge]?.value ?? "" };
    const node = picture.scene.nodes[hit.node];
    return node && selectionOf(node);
  };
  const go = (node: number | undefined, how?: "walk"): boolean => {
    const stop = node === undefined ? undefined : picture?.scene.nodes[node];
    if (!stop) return true;
    if (how && selection && events.onSelectBesides) events.onSelectBesides(selectionOf(stop), how);
    else events.onSelect(selectionOf(stop));
    return true;
  };
  const toggle = (mark: (value: string) => void): boolean => {
    // Several are marked as one step by the page's command of the same key.
    if (together.length > 0) return false;
    const value = picture && markable(picture.scene, selection);
    if (value === undefined) return false;
    mark(value);
    return true;
  };

  const pan = ({ dx, dy }: { readonly dx: number; readonly dy: number }): boolean => {
    controller.panBy(dx, dy);
    return true;
  };

  /** @returns whether the key is used up. */
  const run = (action: GraphAction): boolean => {
    switch (action.kind) {
      case "go":
        return picture ? go(neighbour(picture, selection, action.direction)) : false;
      case "extend":
        return picture ? go(neighbour(picture, selection, action.direction), "walk") : false;
      case "toggleSelected":
        events.onToggleSelected?.();
        return events.onToggleSelected !== undefined;
      case "trouble":
        return picture ? go(nextTrouble(picture.scene, marks.now(), selection, action.step)) : false;
      case "mark":
        return picture ? go(nextMarked(picture.scene, marks.now(), selection, action.step)) : false;
      case "pan":
        return pan(action);
      case "zoom":
        controller.zoomBy(action.factor);
        return true;
      case "toggleCache":
        return toggle(events.onToggleCache);
      case "toggleSplit":
        // Without anything to mark, S is the S of WASD.
        if (toggle(events.onToggleSplit)) return true;
        if (together.length > 0) return false;
        return pan(PANS.s);
      case "follow":
        if (controller.follow(action.direction)) return true;
        // Without anything to follow, D is the D of WASD.
        return action.direction === "downstream" && pan(PANS.d);
      case "fitSelection":
        controller.fitSelection();
        return true;
      case "fitAll":
        controller.fit();
        return true;
      case "inspect":
        if (selection) events.onInspect?.(selection);
        return selection !== undefined;
      case "menu":
        events.onOpenMenu?.({ ...controller.selectedOnPage(), selection });
        return events.onOpenMenu !== undefined;
      case "clear":
        if (selection) events.onSelect(together.length > 0 ? selection : undefined);
        return selection !== undefined;
    }
    return action satisfies never;
  };

  const pointer: PointerActions = {
    pan: (dx, dy) => controller.panBy(dx, dy),
    zoom: (factor, point) => controller.zoomAt(factor, point),
    press: (point, besides) => {
      controller.holdStill();
      const under = at(point);
      if (!besides || !events.onSelectBesides) events.onSelect(under);
      else if (under) events.onSelectBesides(under, "toggle");
    },
    enclose: (from, to) => {
      controller.holdStill();
      const boxes = controller.boxesBetween(from, to).flatMap((v) => picture?.scene.nodes[v] ?? []);
      if (boxes.length > 0) events.onSelectAll?.(boxes.map(selectionOf));
    },
    pressTwice: (point) => {
      const under = at(point);
      const hit = controller.hit(point);
      const opens = hit?.kind === "node" ? picture?.scene.nodes[hit.node]?.opens : undefined;
      if (opens !== undefined) events.onOpenGroup(opens);
      else if (under) controller.fitSelection();
      else controller.fit();
    },
    hover: (point) => controller.hoverAt(point),
    menu: (point, client) => {
      const under = at(point);
      controller.holdStill();
      const chosen = together.some((s) => s.kind === under?.kind && s.id === under.id);
      if (under && !chosen) events.onSelect(under);
      events.onOpenMenu?.({ ...client, selection: under });
    },
  };

  const buttons: OverlayEvents = {
    onToggleCache: events.onToggleCache,
    onToggleSplit: events.onToggleSplit,
    onCloseGroup: (id) => {
      // The head under the pointer must not run away.
      controller.holdStill();
      events.onCloseGroup(id);
    },
    onJump: (node) => {
      const stop = picture?.scene.nodes[node];
      if (!stop) return;
      events.onSelect(selectionOf(stop));
      controller.focus(selectionOf(stop));
    },
  };

  const handle = {
    fit: () => controller.fit(),
    focus: (id: string) => controller.focus({ kind: picture?.scene.nodeOfOp.has(id) ? "node" : "value", id }),
    zoomBy: (factor: number) => controller.zoomBy(factor),
    reach: () => controller.reach(),
  };
  return { run, pointer, buttons, handle };
}
