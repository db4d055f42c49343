import {
  type KeyboardEvent,
  type Ref,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { Layout } from "../../core/layout/layout.ts";
import { describeStop } from "./describe-stop.ts";
import { GraphOverlay } from "./GraphOverlay.tsx";
import css from "./graph.module.css";
import { type GraphEvents, graphCommands, type OverlayEvents } from "./graph-commands.ts";
import { GraphController } from "./graph-controller.ts";
import { graphAction } from "./graph-keys.ts";
import type { GraphLabels } from "./graph-labels.ts";
import type { GraphSelection, MarksSource } from "./graph-marks.ts";
import type { GraphScene } from "./graph-scene.ts";
import { currentNode } from "./navigation.ts";
import { belongs, pictureOf } from "./picture.ts";
import { listenToMinimap, listenToPointers } from "./pointer-input.ts";
import type { Reach } from "./reach.ts";

export interface GraphHandle {
  /** Shows the whole graph. */
  fit(): void;
  /** Brings a node (by key) or a value (by name) to the middle, legibly. */
  focus(id: string): void;
  /** Zooms about the middle of the viewport. */
  zoomBy(factor: number): void;
  /** Ways to or from the selection that are shown. */
  reach(): Reach | undefined;
}

export interface GraphViewProps extends GraphEvents {
  readonly scene: GraphScene;
  /** layoutGraph(scene.layoutInput, …), computed elsewhere; undefined while it is under way. */
  readonly layout: Layout | undefined;
  /** Drawn as they change, without a render; what is said of them is read with the next one. */
  readonly marks: MarksSource;
  readonly selection: GraphSelection | undefined;
  /** Several that are selected, `selection` among them; none if one is. */
  readonly together?: readonly GraphSelection[];
  readonly theme: "light" | "dark";
  readonly labels: GraphLabels;
  /** Shortcuts of one letter; on unless switched off. */
  readonly letterKeys?: boolean;
  readonly ref?: Ref<GraphHandle>;
}

const NONE: readonly GraphSelection[] = [];

/** The model as a picture: pan, zoom, select, mark. All state that matters is in the props; the view is its own. */
export function GraphView(props: GraphViewProps) {
  const { scene, layout, marks, selection, together = NONE, theme, labels, letterKeys = true, ref } = props;
  const picture = layout && belongs(layout, scene) ? pictureOf(scene, layout) : undefined;
  const [controller] = useState(() => new GraphController());
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const minimap = useRef<HTMLCanvasElement>(null);
  const stopId = useId();
  const commands = graphCommands(controller, { picture, marks, selection, together }, props);

  useLayoutEffect(() => {
    if (!host.current || !canvas.current || !layer.current || !minimap.current) return;
    const [box, surface, buttons, map] = [host.current, canvas.current, layer.current, minimap.current];
    const detach = controller.attach({ host: box, canvas: surface, layer: buttons, minimap: map });
    const stop = listenToMinimap(map, (x, y) => controller.goToPortion(x, y));
    return () => {
      stop();
      detach();
    };
  }, [controller]);
  useLayoutEffect(() => controller.show({ picture, marks, selection, together, theme }));
  // One set of listeners for life: a render in the middle of a drag must not end the drag, and buttons stay as they are.
  const latest = useRef(commands);
  useLayoutEffect(() => {
    latest.current = commands;
  });
  useLayoutEffect(
    () => (host.current ? listenToPointers(host.current, () => latest.current.pointer) : undefined),
    [],
  );
  const [buttons] = useState(() => lasting(() => latest.current.buttons));
  useImperativeHandle(ref, () => commands.handle);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    // Keys on a chip or a portal belong to that button.
    if (event.target !== event.currentTarget) return;
    const action = graphAction(
      { ...keyOf(event), isComposing: event.nativeEvent.isComposing },
      letterKeys ? "on" : "off",
    );
    if (!action || !commands.run(action)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  const current = currentNode(scene, selection);
  return (
    <div
      ref={host}
      className={css.graph}
      data-testid="graph"
      data-node-count={scene.summary.nodes.length}
      data-box-count={scene.nodes.length}
      data-ready={picture !== undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: role application is interactive; arrows walk the graph.
      tabIndex={0}
      role="application"
      aria-roledescription={labels.roleDescription}
      aria-label={scene.summary.name || labels.roleDescription}
      aria-description={labels.keyHelp}
      aria-activedescendant={current === undefined ? undefined : stopId}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} className={css.canvas} data-testid="graph-canvas" />
      <div ref={layer} className={css.layer}>
        {picture && <GraphOverlay source={controller} labels={labels} events={buttons} />}
      </div>
      <canvas
        ref={minimap}
        className={css.minimap}
        role="img"
        aria-label={labels.minimap}
        data-shown="false"
        data-testid="minimap"
      />
      {current !== undefined && (
        <div
          id={stopId}
          role="img"
          className={css.hidden}
          data-testid="graph-current"
          aria-label={describeStop(scene, marks.now(), labels, current, together.length)}
        />
      )}
      {!picture && <div className={css.notice}>{labels.layingOut}</div>}
    </div>
  );
}

/** The same functions for life, each of which calls the present one. */
function lasting(now: () => OverlayEvents): OverlayEvents {
  return {
    onToggleCache: (value) => now().onToggleCache(value),
    onToggleSplit: (value) => now().onToggleSplit(value),
    onCloseGroup: (id) => now().onCloseGroup(id),
    onJump: (node) => now().onJump(node),
  };
}

function keyOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent) {
  return { key, ctrlKey, metaKey, altKey, shiftKey };
}
