import { commandOf } from "../../../state/commands/list.ts";
import { select } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { SessionSection } from "../../app/sessions/SessionSection.tsx";
import { useResult, useRun, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { Facts, Section } from "../../widgets/Section.tsx";
import { Histogram } from "./Histogram.tsx";
import { NumbersSection } from "./NumbersSection.tsx";
import { OutlineList } from "./OutlineList.tsx";
import { histogramRows } from "./rows.ts";
import { SupportList } from "./SupportList.tsx";
import { ValueList } from "./ValueList.tsx";

/** What the opened model is. */
export function ModelPanel() {
  const summary = useResult("open");
  const studio = useStudio();
  const run = useRun();
  const { t, count, bytes } = useText();
  if (!summary) {
    return (
      <Button look="primary" onClick={() => run(commandOf("open"))}>
        {t("command.open")}
      </Button>
    );
  }
  const go = (kind: "node" | "value") => (id: string) => select(studio.view, { kind, id });
  const weightBytes = summary.initializers.reduce((sum, i) => sum + i.bytes, 0);
  return (
    <>
      <StageNotice name="open" />
      <Facts
        facts={[
          [t("model.file"), summary.name],
          [t("model.opset"), `${summary.quantized ? "ESP-DL" : summary.opset} · IR ${summary.irVersion}`],
          [t("model.producer"), summary.producer || "–"],
          [t("model.ops"), count(summary.nodes.length)],
          [t("model.parameters"), `${count(summary.parameterCount)} · ${bytes(weightBytes)}`],
          ["SHA-256", <code key="sha" title={summary.sha256}>{`${summary.sha256.slice(0, 12)}…`}</code>],
        ]}
      />
      <SessionSection />
      <Section title={t("model.inputs")}>
        <ValueList values={summary.inputs} onSelect={go("value")} />
      </Section>
      <Section title={t("model.outputs")}>
        <ValueList values={summary.outputs} onSelect={go("value")} />
      </Section>
      {summary.quantized ? <NumbersSection /> : <SupportList summary={summary} onSelect={go("node")} />}
      <OutlineList />
      <Section title={t("model.histogram")}>
        <Histogram rows={histogramRows(summary.opHistogram)} />
      </Section>
    </>
  );
}
