import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./InspectorPanel.module.css";

export interface NamedItem {
  readonly name: string;
  readonly detail: string;
  readonly constant?: boolean;
}

/** Names to go to. */
export function NameList(props: {
  readonly items: readonly NamedItem[];
  readonly onSelect: (name: string) => void;
}) {
  const { t } = useText();
  const short = shortNames(
    props.items.map((item) => item.name),
    34,
  );
  return (
    <ul>
      {props.items.map((item) => (
        <li key={item.name}>
          <button
            type="button"
            className={css.name}
            onClick={() => props.onSelect(item.name)}
            title={item.name}
          >
            <code>{short(item.name)}</code>
            <span className={css.detail}>
              {item.detail} {item.constant ? <Badge>{t("inspector.weight")}</Badge> : null}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
