import { setAxis, setChunk } from "../../../state/document.ts";
import { FailureCard, StageNotice } from "../../app/StageNotice.tsx";
import { usePlan, useResult, useSession, useStudio, useText } from "../../app/studio-context.ts";
import { NumberField } from "../../widgets/Field.tsx";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { AxisChoice } from "./AxisChoice.tsx";
import { inputRows } from "./rows.ts";
import { StatesSection } from "./StatesSection.tsx";
import { TwinSection } from "./TwinSection.tsx";

/** Which axis is time, per input; how many frames a step takes. */
export function TimeAxisPanel() {
  const studio = useStudio();
  const plan = usePlan();
  const summary = useResult("open");
  const report = useResult("analyse");
  const streaming = useResult("convert");
  const planAxes = useSession((s) => s.planAxes);
  const { t } = useText();
  const rolls = (plan.states?.length ?? 0) > 0;
  const fixed = rolls ? report?.states?.fixedChunk : undefined;
  const least = rolls ? 1 : (report?.minimalChunk ?? 1);
  const chunkHint =
    fixed === undefined
      ? t(least === 1 ? "axis.chunkAny" : "axis.chunkMultiple", { n: least })
      : t("axis.chunkFixed", { n: fixed });
  if (!summary) return <Note>{t("needs.model")}</Note>;
  const states = report?.states;
  const rows = report ? inputRows(summary.inputs, report, plan.axes, planAxes) : [];
  return (
    <>
      <Note>{t("axis.intro")}</Note>
      <StageNotice name="analyse" />
      {states && (states.pairs.length > 0 || plan.states) ? (
        <StatesSection proposals={states} summary={summary} />
      ) : null}
      {rows.map((row) => (
        <AxisChoice
          key={row.input}
          row={row}
          onChoose={(axis) => setAxis(studio.document, row.input, axis)}
        />
      ))}
      {report?.refusals.map((finding) => (
        <FailureCard
          key={JSON.stringify(finding.problem)}
          failure={{ kind: "problem", problem: finding.problem }}
        />
      ))}
      {report ? (
        <Section title={t("axis.chunk")}>
          <NumberField
            label={t("axis.chunkLabel")}
            hint={chunkHint}
            value={plan.chunk}
            min={1}
            step={rolls ? 1 : report.minimalChunk}
            onChange={(chunk) => setChunk(studio.document, chunk)}
          />
        </Section>
      ) : null}
      {rolls ? <TwinSection /> : null}
      {states && states.pairs.length === 0 && !plan.states && states.inputs.length > 1 ? (
        <StatesSection proposals={states} summary={summary} />
      ) : null}
      {streaming?.outputs.map((output) => (
        <Section key={output.name} title={t("axis.output", { name: output.name })}>
          <Facts
            facts={[
              [t("fact.rate"), `${output.rate.num}/${output.rate.den}`],
              [t("fact.delay"), t("unit.frames", { n: output.delay })],
              [t("fact.framesPerStep"), String(output.framesPerStep)],
              [t("fact.exact"), t(`exact.${output.exact.kind}`)],
            ]}
          />
        </Section>
      ))}
    </>
  );
}
