import { useSyncExternalStore } from "react";
import type { StageFailure } from "../../state/stage.ts";
import type { StageName } from "../../state/stages.ts";
import type { StageProgress } from "../../worker/protocol.ts";
import type { Text } from "../i18n/text.ts";
import { Badge } from "../widgets/Badge.tsx";
import { Button } from "../widgets/Button.tsx";
import { ProblemCard } from "../widgets/ProblemCard.tsx";
import { Progress } from "../widgets/Progress.tsx";
import { PlaceButton } from "./PlaceButton.tsx";
import css from "./StageNotice.module.css";
import { useStage, useStudio, useText } from "./studio-context.ts";

/** What a stage has to say besides its answer: under way (with Cancel), failed, stopped, stale. */
export function StageNotice({ name }: { readonly name: StageName }) {
  const studio = useStudio();
  const state = useStage(name);
  const { t } = useText();
  if (state.status === "running") return <Running name={name} />;
  if (state.failure) return <FailureCard failure={state.failure} name={name} />;
  if (state.stopped && studio.stages[name].automatic) {
    return (
      <p className={css.stale} data-testid={`stopped-${name}`}>
        <Badge tone="stale">{t("state.stopped")}</Badge>
        <Button onClick={() => void studio.stages[name].run()}>{t("action.retry")}</Button>
      </p>
    );
  }
  if (state.stale) {
    return (
      <p className={css.stale} data-testid={`stale-${name}`}>
        <Badge tone="stale">{t("state.stale")}</Badge>
        {t("state.staleHint")}
      </p>
    );
  }
  return null;
}

function Running({ name }: { readonly name: StageName }) {
  const { startedAt = 0, cancelling } = useStage(name);
  const studio = useStudio();
  const text = useText();
  const progress = progressOf(useStage(name).progress);
  const elapsed = useElapsed(startedAt);
  const stage = text.t(progress?.stage ? `progress.${progress.stage}` : `stage.${name}`);
  const part = progress && partOf(progress, text);
  const label = part ? text.t("progress.partOf", { stage, part }) : stage;
  return (
    <div className={css.running} data-testid={`running-${name}`}>
      <div className={css.line}>
        <span>{label}</span>
        <span className={css.elapsed}>
          {progress ? doneOf(progress, text) : ""}
          {text.duration(elapsed)}
        </span>
      </div>
      <Progress label={stage} fraction={progress && fractionOf(progress)} />
      <Button
        onClick={() => studio.stages[name].cancel()}
        disabled={cancelling}
        data-testid={`cancel-${name}`}
        className={css.cancel}
      >
        {text.t(cancelling ? "action.cancelling" : "action.cancel")}
      </Button>
    </div>
  );
}

type Counted = Omit<StageProgress, "stage"> & Partial<Pick<StageProgress, "stage">>;

const countOf = ({ done, total }: Counted, text: Text): string =>
  total > 1 ? `${text.count(done)} / ${text.count(total)}` : "";

/** Where in its stage the work is, where the bar is not of that stage alone. */
function partOf(progress: Counted, text: Text): string {
  if (progress.portion === undefined) return "";
  return progress.part ? text.t(`search.${progress.part}`) : countOf(progress, text);
}

/** How much is done, where that can be told: counted, or estimated of several stages. */
function doneOf(progress: Counted, text: Text): string {
  const { portion } = progress;
  const done =
    portion === undefined
      ? countOf(progress, text)
      : text.t("progress.about", { percent: `${Math.round(100 * portion)}\u00a0%` });
  return done && `${done} · `;
}

function fractionOf({ done, total, portion }: Counted): number | undefined {
  return portion ?? (total > 0 ? done / total : undefined);
}

function progressOf(progress: unknown): Counted | undefined {
  if (typeof progress !== "object" || progress === null || !("done" in progress)) return undefined;
  return progress as Counted;
}

/** Whole seconds since `startedAt` (performance.now()), counting on while shown. */
export function useElapsed(startedAt: number): number {
  return useSyncExternalStore(everySecond, () => Math.floor((performance.now() - startedAt) / 1000));
}

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 500);
  return () => clearInterval(timer);
}

/** Why there is no answer: a problem with its place, or a bug with its text to copy. */
export function FailureCard(props: { readonly failure: StageFailure; readonly name?: StageName }) {
  const { failure, name } = props;
  const studio = useStudio();
  const text = useText();
  const retry =
    name === undefined ? null : (
      <Button onClick={() => void studio.stages[name].run()} data-testid={`retry-${name}`}>
        {text.t("action.retry")}
      </Button>
    );
  const dismiss =
    name !== undefined && studio.stages[name].store.getState().result !== undefined ? (
      <Button onClick={() => studio.stages[name].dismiss()}>{text.t("action.dismiss")}</Button>
    ) : null;
  if (failure.kind === "bug") {
    const report = `Rill\n${failure.stack || failure.message}`;
    return (
      <ProblemCard severity="error" code="internal" what={text.t("bug.what")} advice={failure.message}>
        <Button onClick={() => void navigator.clipboard.writeText(report)}>
          {text.t("action.copyReport")}
        </Button>
        {retry}
        {dismiss}
      </ProblemCard>
    );
  }
  const { problem } = failure;
  return (
    <ProblemCard severity="error" code={problem.code} {...text.problem(problem)}>
      <PlaceButton problem={problem} />
      {retry}
      {dismiss}
    </ProblemCard>
  );
}
