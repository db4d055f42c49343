import { type ComponentType, lazy, Suspense } from "react";
import { commandOf } from "../../state/commands/list.ts";
import { type DrawerTab, openDrawer } from "../../state/view.ts";
import { LogPanel } from "../panels/log/LogPanel.tsx";
import { IconButton } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { Splitter } from "../widgets/Splitter.tsx";
import { Tabs } from "../widgets/Tabs.tsx";
import css from "./Drawer.module.css";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { useRun, useStudio, useText, useView } from "./studio-context.ts";

const PANELS: Readonly<Record<DrawerTab, ComponentType>> = {
  layers: lazy(() => import("../panels/layers/LayersPanel.tsx").then((m) => ({ default: m.LayersPanel }))),
  caches: lazy(() =>
    import("../panels/cache-table/CacheTablePanel.tsx").then((m) => ({ default: m.CacheTablePanel })),
  ),
  errors: lazy(() => import("../panels/errors/ErrorsPanel.tsx").then((m) => ({ default: m.ErrorsPanel }))),
  audio: lazy(() => import("../panels/audio/AudioDetails.tsx").then((m) => ({ default: m.AudioDetails }))),
  listen: lazy(() => import("../panels/listen/ListenPanel.tsx").then((m) => ({ default: m.ListenPanel }))),
  plots: lazy(() => import("../panels/plots/PlotsPanel.tsx").then((m) => ({ default: m.PlotsPanel }))),
  log: LogPanel,
};
const TABS: readonly DrawerTab[] = ["layers", "errors", "caches", "audio", "plots", "listen", "log"];

/** Wide tables and plots under the graph. */
export function Drawer() {
  const { view } = useStudio();
  const open = useView((v) => v.drawerOpen);
  const tab = useView((v) => v.drawerTab);
  const height = useView((v) => v.drawerHeight);
  const run = useRun();
  const { t } = useText();
  const Panel = PANELS[tab];
  const toggle = (
    <IconButton
      label={t("command.toggleDrawer")}
      aria-expanded={open}
      onClick={() => run(commandOf("toggleDrawer"))}
      data-testid="toggle-drawer"
    >
      <Icon name="drawer" />
    </IconButton>
  );
  return (
    <section className={css.drawer} aria-label={t("drawer.label")} data-testid="drawer" data-open={open}>
      {open ? (
        <Splitter
          label={t("resize.drawer")}
          along="y"
          size={height}
          min={120}
          max={720}
          sign={-1}
          onResize={(drawerHeight) => view.setState({ drawerHeight })}
        />
      ) : null}
      <div className={css.content} style={open ? { height } : undefined}>
        <Tabs
          label={t("drawer.label")}
          tabs={TABS.map((id) => ({ id, label: t(`drawer.${id}`) }))}
          selected={tab}
          onSelect={(id) => openDrawer(view, id)}
          extra={toggle}
        >
          {open ? (
            <ErrorBoundary key={tab}>
              <Suspense fallback={null}>
                <Panel />
              </Suspense>
            </ErrorBoundary>
          ) : null}
        </Tabs>
      </div>
    </section>
  );
}
