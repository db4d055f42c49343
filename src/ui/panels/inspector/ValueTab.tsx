import { type Selection, select } from "../../../state/view.ts";
import { usePlan, useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { frameMs } from "../../app/time-marks.ts";
import { decibels } from "../../widgets/numbers.ts";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { ActivationDistribution } from "../distribution/ActivationDistribution.tsx";
import { typeText } from "../model/rows.ts";
import { factRows } from "./fact-rows.ts";
import css from "./InspectorPanel.module.css";
import { NameList } from "./NameList.tsx";
import { isInitializer, nodeOf, summaryOf, valueLinks } from "./rows.ts";
import { storedRows } from "./stored-rows.ts";
import { TensorSection } from "./TensorSection.tsx";

/** The selected value: shape, time, range, error, where it comes from and goes. */
export function ValueTab() {
  const studio = useStudio();
  const summary = useResult("open");
  const facts = useResult("analyse")?.facts;
  const comparison = useResult("compare");
  const examined = useResult("examine");
  const selection = useView((v) => v.selection);
  const plan = usePlan("afterPaint");
  const text = useText();
  const { t } = text;
  if (!summary || !selection) return <Note>{t("inspector.nothing")}</Note>;
  const name = selection.kind === "value" ? selection.id : nodeOf(summary, selection.id)?.outputs[0];
  if (name === undefined) return <Note>{t("inspector.nothing")}</Note>;
  const { producer, consumers, isInput, isOutput } = valueLinks(summary, name);
  const quantization = comparison?.quantization;
  const noise = [...(quantization?.outputs ?? []), ...(quantization?.values ?? [])].find(
    (v) => v.value === name,
  );
  const onChip = examined?.modes[0]?.values.find((v) => v.value === name);
  const go = (next: Selection) => select(studio.view, next);
  return (
    <>
      <h2 className={css.title}>{name}</h2>
      <Facts
        facts={[
          [t("inspector.type"), typeText(summaryOf(summary, name))],
          ...(isInput || isOutput
            ? [[t("inspector.role"), t(isInput ? "inspector.input" : "inspector.output")] as const]
            : []),
          ...factRows(facts?.get(name), frameMs(plan), text),
          ...(isInitializer(summary, name) ? [] : storedRows(summaryOf(summary, name), text)),
          ...(onChip ? [[t("inspector.ownError"), decibels(onChip.own.sqnrDb)] as const] : []),
          ...(noise ? [["SQNR", decibels(noise.sqnrDb)] as const] : []),
        ]}
      />
      {isInitializer(summary, name) ? (
        <TensorSection name={name} />
      ) : summary.quantized || !facts ? null : (
        <Section title={t("distribution.title")}>
          <ActivationDistribution value={name} stage="activation" />
        </Section>
      )}
      {producer ? (
        <Section title={t("inspector.producer")}>
          <NameList
            items={[{ name: producer.key, detail: producer.op }]}
            onSelect={(id) => go({ kind: "node", id })}
          />
        </Section>
      ) : null}
      {consumers.length > 0 ? (
        <Section title={t("inspector.consumers", { n: consumers.length })}>
          <NameList
            items={consumers.map((n) => ({ name: n.key, detail: n.op }))}
            onSelect={(id) => go({ kind: "node", id })}
          />
        </Section>
      ) : null}
    </>
  );
}
