import type { ModelSummary, NodeSummary } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Facts, Section } from "../../widgets/Section.tsx";
import { storedIntegers } from "./rows.ts";

/** What a node of a quantized file has in store: weights, biases, its table. Nothing for a float model. */
export function StoredIntegers(props: { readonly summary: ModelSummary; readonly node: NodeSummary }) {
  const { t } = useText();
  return storedIntegers(props.summary, props.node).map(({ name, min, max, first }) => (
    <Section key={name} title={t("inspector.integersOf", { name })}>
      <Facts
        facts={[
          [t("inspector.integers"), `${min} … ${max}`],
          [t("inspector.first"), <code key="first">{first.join(" ")}</code>],
        ]}
      />
    </Section>
  ));
}
