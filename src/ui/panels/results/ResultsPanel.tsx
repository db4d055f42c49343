import type { ChipChoices } from "../../../core/quant/esp/joint/choice-trace.ts";
import { commandOf } from "../../../state/commands/list.ts";
import { isChip } from "../../../state/select/chips.ts";
import { openDrawer, select } from "../../../state/view.ts";
import { NeedNote } from "../../app/NeedNote.tsx";
import { StageNotice } from "../../app/StageNotice.tsx";
import { usePlanOf, useRun, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { Note } from "../../widgets/Section.tsx";
import { ApproximationTable } from "./ApproximationTable.tsx";
import { BiasTraceTable } from "./BiasTraceTable.tsx";
import { ChipModes } from "./ChipModes.tsx";
import { DifferenceList } from "./DifferenceList.tsx";
import { ExponentTraceTable } from "./ExponentTraceTable.tsx";
import { ProofCard } from "./ProofCard.tsx";
import css from "./ResultsPanel.module.css";
import { VerdictCards } from "./VerdictCards.tsx";
import { WidthTraceTable } from "./WidthTraceTable.tsx";

/** The verdict: does streaming equal offline, and what does int8 cost. */
export function ResultsPanel() {
  const studio = useStudio();
  const run = useRun();
  const stage = useStage("compare");
  const { states, target } = usePlanOf("states", "target");
  const rolled = (states?.length ?? 0) > 0;
  const onChip = isChip(target);
  const { t } = useText();
  const go = (id: string) => select(studio.view, { kind: "value", id });
  return (
    <>
      {stage.result ? null : <Note>{t("results.intro")}</Note>}
      {stage.status === "running" ? null : <NeedNote stage="compare" />}
      {stage.status === "running" ? null : (
        <Button
          look={stage.result && !stage.stale ? "normal" : "primary"}
          disabled={!stage.ready}
          data-testid="start-compare"
          onClick={() => run(commandOf("compare"))}
        >
          {t(stage.result ? "results.again" : "command.compare")}
        </Button>
      )}
      <StageNotice name="compare" />
      {stage.result ? (
        <>
          <VerdictCards comparison={stage.result} stale={stage.stale} onSelect={go} />
          {stage.result.parity.approximation ? (
            <ApproximationTable record={stage.result.parity.approximation} onSelect={go} />
          ) : null}
          <DifferenceList parity={stage.result.quantization.integerParity} onSelect={go} />
          {onChip ? <ChipErrors budgeted={stage.result.quantization.choices?.widths !== undefined} /> : null}
          <Choices choices={stage.result.quantization.choices} />
          <div className={css.links}>
            <Button onClick={() => openDrawer(studio.view, "plots")}>{t("results.plots")}</Button>
            <Button onClick={() => openDrawer(studio.view, onChip ? "errors" : "layers")}>
              {t(onChip ? "drawer.errors" : "results.layers")}
            </Button>
          </div>
        </>
      ) : null}
      {rolled ? null : <ProofCard />}
    </>
  );
}

/** How a chip's widths and exponents were found. */
function Choices({ choices }: { readonly choices: ChipChoices | undefined }) {
  if (!choices) return null;
  return (
    <>
      {choices.widths ? <WidthTraceTable trace={choices.widths} /> : null}
      <ExponentTraceTable trace={choices.exponents} />
      {choices.biases ? <BiasTraceTable trace={choices.biases} /> : null}
    </>
  );
}

/** What follows a comparison on a chip by itself. */
function ChipErrors({ budgeted }: { readonly budgeted: boolean }) {
  const { status, result, failure, stale, stopped } = useStage("examine");
  return (
    <>
      {status === "running" || failure || stale || stopped ? <StageNotice name="examine" /> : null}
      {result ? (
        <div className={css.modes} data-stale={stale}>
          <ChipModes report={result} budgeted={budgeted} />
        </div>
      ) : null}
    </>
  );
}
