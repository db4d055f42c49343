import { setWidth, toggleKeepFloat } from "../../../state/document.ts";
import { isChip } from "../../../state/select/chips.ts";
import { select } from "../../../state/view.ts";
import { usePlanOf, useResult, useStudio, useText } from "../../app/studio-context.ts";
import { IconButton } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Section } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ChipOptions.module.css";

/** Nodes that differ from the rest on this target, each to go to and to take back. */
export function OwnSettings() {
  const { document, view } = useStudio();
  const { target, widths = {}, keepFloat } = usePlanOf("target", "widths", "keepFloat");
  const summary = useResult("open");
  const { t } = useText();
  const rows = isChip(target)
    ? Object.entries(widths).map(([node, bits]) => ({
        node,
        setting: t("own.width", { bits }),
        remove: () => setWidth(document, { key: node, name: node }, undefined),
      }))
    : keepFloat.map((node) => ({
        node,
        setting: t("own.float"),
        remove: () => toggleKeepFloat(document, node),
      }));
  if (rows.length === 0) return null;
  const short = shortNames(
    rows.map((r) => r.node),
    26,
  );
  const keyOf = (node: string) => summary?.nodes.find((n) => n.key === node || n.name === node)?.key ?? node;
  return (
    <Section title={t("own.title")}>
      <ul className={css.own} data-testid="own-settings">
        {rows.map(({ node, setting, remove }) => (
          <li key={node}>
            <button
              type="button"
              className={css.link}
              onClick={() => select(view, { kind: "node", id: keyOf(node) })}
            >
              <code title={node}>{short(node)}</code>
            </button>
            <span>{setting}</span>
            <IconButton label={t("own.remove", { node })} onClick={remove}>
              <Icon name="close" size={11} />
            </IconButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}
