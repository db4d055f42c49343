import { lazy, Suspense, useEffect, useMemo } from "react";
import { useStore } from "zustand";
import type { Studio } from "../../state/studio.ts";
import { createText } from "../i18n/text.ts";
import css from "./App.module.css";
import { Drawer } from "./Drawer.tsx";
import { DropTarget } from "./DropTarget.tsx";
import { EmptyState } from "./EmptyState.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { GraphPane } from "./GraphPane.tsx";
import { InspectorPane } from "./InspectorPane.tsx";
import { keepFocus } from "./keep-focus.ts";
import { listenToKeys } from "./keyboard.ts";
import { LiveRegion } from "./LiveRegion.tsx";
import { Notices } from "./Notices.tsx";
import { Rail } from "./Rail.tsx";
import { StatusBar } from "./StatusBar.tsx";
import { StepPane } from "./StepPane.tsx";
import { type AppContext, AppContextProvider, TextProvider, useText } from "./studio-context.ts";
import { TopBar } from "./TopBar.tsx";
import { useThemeName } from "./theme.ts";
import { UpdateNotice } from "./UpdateNotice.tsx";
import { useNarrow } from "./use-narrow.ts";

/** The whole page. */
export function App({ studio, sessions, shell }: AppContext) {
  const language = useStore(studio.view, (v) => v.language);
  const hasModel = useStore(studio.session, (s) => s.model !== undefined || s.opening !== undefined);
  const text = useMemo(() => createText(language), [language]);
  const context = useMemo(() => ({ studio, sessions, shell }), [studio, sessions, shell]);
  const theme = useThemeName(useStore(studio.view, (v) => v.theme));
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset.theme = theme;
  }, [language, theme]);
  const title = useStore(studio.document, (h) => h.present.model.name);
  useEffect(() => {
    document.title = title === "" ? "Rill" : `${title} – Rill`;
  }, [title]);
  useEffect(() => listenToKeys(studio, shell), [studio, shell]);
  useEffect(() => keepFocus(document.body), []);
  useNarrow(studio.view);
  return (
    <AppContextProvider value={context}>
      <TextProvider value={text}>
        <DropTarget>
          <div className={css.app}>
            <TopBar />
            {hasModel ? <Workspace /> : <EmptyState />}
            <StatusBar />
          </div>
          <Notices />
          <UpdateNotice />
          <Dialogs studio={studio} />
          <LiveRegion />
        </DropTarget>
      </TextProvider>
    </AppContextProvider>
  );
}

// Loaded when first asked for: the first picture does not wait for them.
const HelpDialog = lazy(() => import("./HelpDialog.tsx").then((m) => ({ default: m.HelpDialog })));
const CommandPalette = lazy(() =>
  import("./CommandPalette.tsx").then((m) => ({ default: m.CommandPalette })),
);

function Dialogs({ studio }: { readonly studio: Studio }) {
  const dialog = useStore(studio.view, (v) => v.dialog);
  return (
    <Suspense>
      {dialog === "help" ? <HelpDialog /> : null}
      {dialog === "palette" ? <CommandPalette /> : null}
    </Suspense>
  );
}

function Workspace() {
  const { t } = useText();
  return (
    <div className={css.workspace}>
      <p className={css.tooNarrow}>{t("shell.tooNarrow")}</p>
      <Rail />
      <StepPane />
      <div className={css.right}>
        <div className={css.upper}>
          <main className={css.graph}>
            <ErrorBoundary>
              <GraphPane />
            </ErrorBoundary>
          </main>
          <InspectorPane />
        </div>
        <Drawer />
      </div>
    </div>
  );
}
