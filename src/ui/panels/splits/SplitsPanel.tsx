import { useEffect, useMemo } from "react";
import { frameMilliseconds } from "../../../core/plan/frame-milliseconds.ts";
import { balanceSplits, replaceSplit, setChunk, toggleSplit } from "../../../state/document.ts";
import { markableValue } from "../../../state/select/marks.ts";
import { select, showCut } from "../../../state/view.ts";
import { FailureCard, StageNotice } from "../../app/StageNotice.tsx";
import {
  usePlan,
  useResult,
  useSession,
  useStage,
  useStale,
  useStudio,
  useText,
  useView,
} from "../../app/studio-context.ts";
import { useFeed } from "../../app/use-feed.ts";
import { Button } from "../../widgets/Button.tsx";
import { NumberField } from "../../widgets/Field.tsx";
import { Note } from "../../widgets/Section.tsx";
import { shortName } from "../../widgets/short-name.ts";
import { BalancePicker } from "./BalancePicker.tsx";
import { CutList } from "./CutList.tsx";
import { LoadTable } from "./LoadTable.tsx";
import { ModuleTable } from "./ModuleTable.tsx";
import { ScheduleTable } from "./ScheduleTable.tsx";
import { SuggestionList } from "./SuggestionList.tsx";

/** Where the model is cut, what crosses, which module runs when. */
export function SplitsPanel() {
  const studio = useStudio();
  const plan = usePlan();
  const summary = useResult("open");
  const streaming = useResult("convert");
  const { advice, stale } = useAdvice();
  const shown = useView((v) => v.shownCut?.value);
  useView((v) => v.selection); // the selected value decides what the button below does
  useEffect(() => () => showCut(studio.view, undefined), [studio]);
  const { t } = useText();
  if (!summary) return <Note>{t("needs.model")}</Note>;
  const { document, view } = studio;
  const value = markableValue(studio);
  const marked = value !== undefined && plan.splits.includes(value);
  const add = (split: string) => {
    showCut(view, undefined);
    if (!plan.splits.includes(split)) toggleSplit(document, split);
  };
  return (
    <>
      <Note>{t("splits.intro")}</Note>
      <StageNotice name="convert" />
      <AdviceFailure />
      {advice ? (
        <BalancePicker
          balances={advice.balances}
          now={plan.splits.length + 1}
          stale={stale}
          onBalance={({ splits }) => balanceSplits(document, splits)}
        />
      ) : null}
      <Button
        disabled={value === undefined}
        data-testid="toggle-split"
        onClick={() => value !== undefined && toggleSplit(document, value)}
      >
        {value === undefined
          ? t("splits.selectFirst")
          : t(marked ? "splits.unmark" : "splits.mark", { value: shortName(value) })}
      </Button>
      <CutList
        splits={plan.splits}
        cuts={streaming?.cuts ?? []}
        hints={advice?.hints ?? []}
        onSelect={(id) => select(view, { kind: "value", id })}
        onRemove={(split) => toggleSplit(document, split)}
        onReplace={(mark, instead) => replaceSplit(document, mark, instead)}
      />
      {streaming ? (
        <>
          {streaming.modules.length > 1 ? (
            <LoadTable report={streaming} frameMs={frameMilliseconds(plan)} />
          ) : null}
          <ModuleTable report={streaming} />
          <NumberField
            label={t("axis.chunkLabel")}
            value={plan.chunk}
            min={1}
            onChange={(chunk) => setChunk(document, chunk)}
          />
          <ScheduleTable report={streaming} />
        </>
      ) : null}
      <SuggestionList
        suggestions={(advice?.suggestions ?? []).filter((s) => !plan.splits.includes(s.value))}
        shown={shown}
        stale={stale}
        onShow={(s) => {
          showCut(view, s);
          select(view, { kind: "value", id: s.value });
        }}
        onAccept={add}
      />
    </>
  );
}

/** Why there is no advice, unless the conversion fails for a reason of its own, which then is shown. */
function AdviceFailure() {
  const { failure } = useStage("advice");
  const converted = useStage("convert");
  return failure && !converted.failure ? <FailureCard failure={failure} name="advice" /> : null;
}

/** Asks for advice while the panel is open: nobody else looks at it. */
function useAdvice() {
  const { stages } = useStudio();
  const { axes, approximations, rates, chunk, splits } = usePlan();
  const model = useSession((s) => s.model);
  const analysed = useResult("analyse") !== undefined;
  const known = Object.keys(axes).length > 0;
  const parts = useMemo(
    () =>
      model && known && analysed
        ? { model, axes, approximations, chunk, splits, ...(rates && { rates }) }
        : undefined,
    [model, known, analysed, axes, approximations, rates, chunk, splits],
  );
  useFeed(stages.advice, parts);
  return { advice: useResult("advice"), stale: useStale("advice") };
}
