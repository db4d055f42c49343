import { setChunk, toggleSplit } from "../../../state/document.ts";
import { markableValue } from "../../../state/select/marks.ts";
import { select } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { usePlan, useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { NumberField } from "../../widgets/Field.tsx";
import { Note } from "../../widgets/Section.tsx";
import { shortName } from "../../widgets/short-name.ts";
import { CutList } from "./CutList.tsx";
import { ModuleTable } from "./ModuleTable.tsx";
import { ScheduleTable } from "./ScheduleTable.tsx";

/** Where the model is cut, what crosses, which module runs when. */
export function SplitsPanel() {
  const studio = useStudio();
  const plan = usePlan();
  const summary = useResult("open");
  const streaming = useResult("convert");
  useView((v) => v.selection); // the selected value decides what the button below does
  const { t } = useText();
  if (!summary) return <Note>{t("needs.model")}</Note>;
  const value = markableValue(studio);
  const marked = value !== undefined && plan.splits.includes(value);
  return (
    <>
      <Note>{t("splits.intro")}</Note>
      <StageNotice name="convert" />
      <Button
        disabled={value === undefined}
        data-testid="toggle-split"
        onClick={() => value !== undefined && toggleSplit(studio.document, value)}
      >
        {value === undefined
          ? t("splits.selectFirst")
          : t(marked ? "splits.unmark" : "splits.mark", { value: shortName(value) })}
      </Button>
      <CutList
        splits={plan.splits}
        cuts={streaming?.cuts ?? []}
        onSelect={(id) => select(studio.view, { kind: "value", id })}
        onRemove={(split) => toggleSplit(studio.document, split)}
      />
      {streaming ? (
        <>
          <ModuleTable report={streaming} />
          <NumberField
            label={t("axis.chunkLabel")}
            value={plan.chunk}
            min={1}
            onChange={(chunk) => setChunk(studio.document, chunk)}
          />
          <ScheduleTable report={streaming} />
        </>
      ) : null}
    </>
  );
}
