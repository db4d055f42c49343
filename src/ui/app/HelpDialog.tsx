import { COMMAND_GROUPS } from "../../state/commands/list.ts";
import { GRAPH_KEYS } from "../graph/graph-key-list.ts";
import { CheckField } from "../widgets/Field.tsx";
import { chordText } from "./chord-text.ts";
import css from "./HelpDialog.module.css";
import { ModalDialog } from "./ModalDialog.tsx";
import { useStudio, useText, useView } from "./studio-context.ts";

/** The keys, from the list of commands and the graph's own. */
export function HelpDialog() {
  const { view } = useStudio();
  const letterKeys = useView((v) => v.letterKeys);
  const { t, sentences } = useText();
  const graphKeys = (
    <KeyGroup
      key="graph"
      heading={t("command.group.graph")}
      rows={GRAPH_KEYS.map(({ id, keys }) => ({ label: t(`graphKey.${id}`), keys }))}
    />
  );
  return (
    <ModalDialog title={t("help.title")} look="headed">
      <CheckField
        label={t("help.letterKeys")}
        value={letterKeys}
        onChange={(on) => view.setState({ letterKeys: on })}
      />
      <p className={css.note}>
        {sentences([
          t("help.browserKeys", { key: chordText("Mod+f") }),
          t("help.escape", { key: chordText("Escape") }),
        ])}
      </p>
      <div className={css.groups}>
        {COMMAND_GROUPS.map(({ id, commands }) => (
          <KeyGroup
            key={id}
            heading={t(`command.group.${id}`)}
            rows={commands.map((c) => ({ label: t(`command.${c.id}`), keys: c.keys }))}
          />
        )).toSpliced(-1, 0, graphKeys)}
      </div>
    </ModalDialog>
  );
}

interface KeyRow {
  readonly label: string;
  readonly keys: readonly string[];
}

function KeyGroup({ heading, rows }: { readonly heading: string; readonly rows: readonly KeyRow[] }) {
  const withKeys = rows.filter((row) => row.keys.length > 0);
  if (withKeys.length === 0) return null;
  return (
    <section className={css.group}>
      <h3>{heading}</h3>
      <dl>
        {withKeys.map(({ label, keys }) => (
          <div key={label} className={css.row}>
            <dt>{label}</dt>
            <dd>
              {keys.map((chord) => (
                <kbd key={chord}>{chordText(chord)}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
