import { commandOf } from "../../state/commands/list.ts";
import { InspectorPanel } from "../panels/inspector/InspectorPanel.tsx";
import { IconButton } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import css from "./InspectorPane.module.css";
import { useRun, useText, useView } from "./studio-context.ts";

/** The inspector at the right, or the button that brings it back. */
export function InspectorPane() {
  const open = useView((v) => v.inspectorOpen);
  const run = useRun();
  const { t } = useText();
  if (!open) {
    return (
      <aside className={css.closed}>
        <IconButton
          label={t("command.toggleInspector")}
          aria-expanded={false}
          onClick={() => run(commandOf("toggleInspector"))}
          className={css.toggle}
        >
          <Icon name="panel" size={14} />
        </IconButton>
      </aside>
    );
  }
  return (
    <aside className={css.pane} aria-label={t("inspector.title")}>
      <ErrorBoundary>
        <InspectorPanel />
      </ErrorBoundary>
    </aside>
  );
}
