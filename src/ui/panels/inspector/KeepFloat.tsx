import type { ModelSummary, NodeSummary } from "../../../engine/reports.ts";
import { toggleKeepFloat } from "../../../state/document.ts";
import { usePlanOf, useStudio, useText } from "../../app/studio-context.ts";
import { CheckField } from "../../widgets/Field.tsx";
import { Note } from "../../widgets/Section.tsx";
import { isInitializer } from "./rows.ts";

/** Whether a node stays in float on targets that let it, and what that costs. */
export function KeepFloat({ node, summary }: { readonly node: NodeSummary; readonly summary: ModelSummary }) {
  const { document } = useStudio();
  const { keepFloat } = usePlanOf("keepFloat");
  const { t, bytes, percent, sentences } = useText();
  const { float, integer } = weightBytes(node, summary);
  const macs = summary.nodes.reduce((n, { macs }) => n + macs, 0);
  return (
    <div data-testid="keep-float">
      <CheckField
        label={t("inspector.keepFloat")}
        value={keepFloat.includes(node.key)}
        onChange={() => toggleKeepFloat(document, node.key)}
      />
      <Note>
        {sentences([
          float > 0 ? t("float.cost", { float: bytes(float), integer: bytes(integer) }) : t("float.none"),
          node.macs > 0 ? t("float.share", { share: percent(node.macs / macs) }) : "",
        ])}
      </Note>
    </div>
  );
}

/** Biases become int32, so only what has two axes shrinks. */
function weightBytes({ inputs }: NodeSummary, summary: ModelSummary) {
  const constants = summary.initializers.filter(
    ({ name, dtype }) => dtype === "float32" && inputs.includes(name) && isInitializer(summary, name),
  );
  const float = constants.reduce((n, c) => n + c.bytes, 0);
  const integer = constants.reduce((n, c) => n + ((c.shape?.length ?? 0) > 1 ? c.bytes / 4 : c.bytes), 0);
  return { float, integer };
}
