import { type ComponentType, lazy, Suspense } from "react";
import type { StepId } from "../../state/view.ts";
import { ModelPanel } from "../panels/model/ModelPanel.tsx";
import { IconButton } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { Note } from "../widgets/Section.tsx";
import { Splitter } from "../widgets/Splitter.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import css from "./StepPane.module.css";
import { useResult, useStudio, useText, useView } from "./studio-context.ts";

const PANELS: Readonly<Record<StepId, ComponentType>> = {
  model: ModelPanel,
  axis: lazy(() =>
    import("../panels/time-axis/TimeAxisPanel.tsx").then((m) => ({ default: m.TimeAxisPanel })),
  ),
  caches: lazy(() => import("../panels/caches/CachesPanel.tsx").then((m) => ({ default: m.CachesPanel }))),
  splits: lazy(() => import("../panels/splits/SplitsPanel.tsx").then((m) => ({ default: m.SplitsPanel }))),
  audio: lazy(() => import("../panels/audio/AudioPanel.tsx").then((m) => ({ default: m.AudioPanel }))),
  calibrate: lazy(() =>
    import("../panels/calibrate/CalibratePanel.tsx").then((m) => ({ default: m.CalibratePanel })),
  ),
  results: lazy(() =>
    import("../panels/results/ResultsPanel.tsx").then((m) => ({ default: m.ResultsPanel })),
  ),
  export: lazy(() => import("../panels/export/ExportPanel.tsx").then((m) => ({ default: m.ExportPanel }))),
};

/** The open step. */
export function StepPane() {
  const { view } = useStudio();
  const step = useView((v) => v.step);
  const open = useView((v) => v.stepOpen);
  const width = useView((v) => v.stepWidth);
  const quantized = useResult("open")?.quantized ?? false;
  const { t } = useText();
  if (!open) return null;
  const Panel = PANELS[step];
  return (
    <section className={css.step} aria-label={t(`step.${step}`)} data-testid={`panel-${step}`}>
      <div className={css.pane} style={{ width }}>
        <header className={css.head}>
          <h2>{t(`step.${step}`)}</h2>
          <IconButton label={t("action.close")} onClick={() => view.setState({ stepOpen: false })}>
            <Icon name="close" size={12} />
          </IconButton>
        </header>
        {/* Every step begins at its top, wherever the one before was scrolled to. */}
        <div key={step} className={css.body}>
          <ErrorBoundary>
            <Suspense fallback={null}>
              {quantized && step !== "model" ? <Note>{t("needs.float")}</Note> : <Panel />}
            </Suspense>
          </ErrorBoundary>
        </div>
      </div>
      <Splitter
        label={t("resize.step")}
        along="x"
        size={width}
        min={260}
        max={640}
        onResize={(stepWidth) => view.setState({ stepWidth })}
      />
    </section>
  );
}
