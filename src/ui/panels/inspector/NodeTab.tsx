import { isScoped } from "../../../core/ir/scoped-name.ts";
import { chipOf } from "../../../state/select/chips.ts";
import { select } from "../../../state/view.ts";
import { useResult, useStudio, useTarget, useText, useView } from "../../app/studio-context.ts";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { typeText } from "../model/rows.ts";
import { GroupFacts } from "./GroupFacts.tsx";
import { KeepFloat } from "./KeepFloat.tsx";
import { NameList } from "./NameList.tsx";
import { NodeWidth } from "./NodeWidth.tsx";
import { RefusalNote } from "./RefusalNote.tsx";
import { isInitializer, nodeOf, summaryOf, valueLinks } from "./rows.ts";
import { StoredIntegers } from "./StoredIntegers.tsx";

/** The selected node: attributes, inputs, outputs, cost. */
export function NodeTab() {
  const studio = useStudio();
  const summary = useResult("open");
  const selection = useView((v) => v.selection);
  const chip = chipOf(useTarget());
  const { t, count, bytes, opDoc } = useText();
  if (!summary || !selection) return <Note>{t("inspector.nothing")}</Note>;
  if (selection.kind === "group") return <GroupFacts id={selection.id} />;
  const node =
    selection.kind === "node" ? nodeOf(summary, selection.id) : valueLinks(summary, selection.id).producer;
  if (!node) return <Note>{t("inspector.noNode")}</Note>;
  // The plan knows the main graph only.
  const inner = isScoped(node.key);
  const doc = node.domain === "" ? summary.docs[node.op] : undefined;
  const go = (id: string) => select(studio.view, { kind: "value", id });
  const typed = (name: string) => ({
    name,
    detail: typeText(summaryOf(summary, name)),
    constant: isInitializer(summary, name),
  });
  return (
    <>
      <h2>{node.op}</h2>
      <RefusalNote node={node.key} />
      <Facts
        facts={[
          [t("inspector.name"), <code key="n">{node.name || "–"}</code>],
          ...(node.domain === "" ? [] : [[t("inspector.domain"), node.domain] as const]),
          ["MAC", summary.quantized || inner ? "–" : count(node.macs)],
          [t("layers.weights"), node.weightBytes ? bytes(node.weightBytes) : "–"],
          ...Object.entries(node.attributes).map(
            ([name, value]) => [name, <code key={name}>{value}</code>] as const,
          ),
        ]}
      />
      <Section title={t("inspector.inputs")}>
        <NameList items={node.inputs.filter((n) => n !== "").map(typed)} onSelect={go} />
      </Section>
      <Section title={t("inspector.outputs")}>
        <NameList items={node.outputs.filter((n) => n !== "").map(typed)} onSelect={go} />
      </Section>
      <StoredIntegers summary={summary} node={node} />
      {summary.quantized || chip || inner ? null : <KeepFloat node={node} summary={summary} />}
      {!summary.quantized && chip && !inner ? <NodeWidth node={node} chip={chip} /> : null}
      {doc === undefined ? null : <Note>{opDoc(node.op, doc)}</Note>}
    </>
  );
}
