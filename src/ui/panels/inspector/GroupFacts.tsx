import { groupOf } from "../../../state/select/groups.ts";
import { select } from "../../../state/view.ts";
import { useResult, useStudio, useText } from "../../app/studio-context.ts";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { NameList } from "./NameList.tsx";

/** Of very large groups the first ops are listed. */
const MOST_LISTED = 200;

/** The selected group: what its ops cost together, and which they are. */
export function GroupFacts({ id }: { readonly id: string }) {
  const studio = useStudio();
  const summary = useResult("open");
  const { t, count, bytes } = useText();
  const group = summary && groupOf(summary, id);
  if (!group) return <Note>{t("inspector.nothing")}</Note>;
  const nodes = summary.nodes.slice(group.first, group.end);
  const sum = (of: (node: (typeof nodes)[number]) => number) => nodes.reduce((n, node) => n + of(node), 0);
  return (
    <>
      <h2>{group.label}</h2>
      <Facts
        facts={[
          [t("model.ops"), count(nodes.length)],
          ["MAC", summary.quantized ? "–" : count(sum((n) => n.macs))],
          [t("layers.weights"), bytes(sum((n) => n.weightBytes))],
        ]}
      />
      <Section title={t("model.ops")}>
        <NameList
          items={nodes.slice(0, MOST_LISTED).map((n) => ({ name: n.key, detail: n.op }))}
          onSelect={(key) => select(studio.view, { kind: "node", id: key })}
        />
      </Section>
    </>
  );
}
