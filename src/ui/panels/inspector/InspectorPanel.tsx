import { answersOf } from "../../../state/select/answers.ts";
import { groupOf } from "../../../state/select/groups.ts";
import { problemRows } from "../../../state/select/problems.ts";
import { type InspectorTab, selectBack, selectForward } from "../../../state/view.ts";
import { useAnswers, useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { IconButton } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { shortName } from "../../widgets/short-name.ts";
import { Tabs } from "../../widgets/Tabs.tsx";
import { ProblemsPanel } from "../problems/ProblemsPanel.tsx";
import css from "./InspectorPanel.module.css";
import { MarksTab } from "./MarksTab.tsx";
import { NodeTab } from "./NodeTab.tsx";
import { SeveralFacts } from "./SeveralFacts.tsx";
import { ValueTab } from "./ValueTab.tsx";

const TABS: readonly InspectorTab[] = ["node", "value", "marks", "problems"];

/** Everything about what is selected. */
export function InspectorPanel() {
  const studio = useStudio();
  useAnswers();
  const tab = useView((v) => v.inspectorTab);
  const selection = useView((v) => v.selection);
  const several = useView((v) => v.together.length);
  const canGoBack = useView((v) => v.back.length > 0);
  const canGoForward = useView((v) => v.forward.length > 0);
  const { t } = useText();
  const summary = useResult("open");
  const group = selection?.kind === "group" && summary ? groupOf(summary, selection.id) : undefined;
  const problems = problemRows(answersOf(studio)).length;
  const tabs = (
    <Tabs
      label={t("inspector.title")}
      tabs={TABS.map((id) => ({
        id,
        label: t(`inspector.${id}`),
        count: id === "problems" ? problems : undefined,
      }))}
      selected={tab}
      onSelect={(inspectorTab) => studio.view.setState({ inspectorTab })}
    >
      <div className={css.body} data-testid="inspector">
        {several > 0 && tab !== "problems" ? <SeveralFacts /> : null}
        {several === 0 && tab === "node" ? <NodeTab /> : null}
        {several === 0 && tab === "value" ? <ValueTab /> : null}
        {several === 0 && tab === "marks" ? <MarksTab /> : null}
        {tab === "problems" ? <ProblemsPanel /> : null}
      </div>
    </Tabs>
  );
  return (
    <div className={css.panel}>
      <header className={css.head}>
        <IconButton
          label={t("command.selectBack")}
          disabled={!canGoBack}
          onClick={() => selectBack(studio.view)}
        >
          <Icon name="left" size={12} />
        </IconButton>
        <IconButton
          label={t("command.selectForward")}
          disabled={!canGoForward}
          onClick={() => selectForward(studio.view)}
        >
          <Icon name="right" size={12} />
        </IconButton>
        <span className={css.crumb} title={selection?.id}>
          {selection
            ? (group?.label ?? shortName(selection.id, several > 0 ? 26 : 30))
            : t("inspector.title")}
          {several > 0 ? ` +${several - 1}` : ""}
        </span>
        <IconButton
          label={t("command.toggleInspector")}
          aria-expanded={true}
          onClick={() => studio.view.setState({ inspectorOpen: false })}
        >
          <Icon name="close" size={12} />
        </IconButton>
      </header>
      <div className={css.tabs}>{tabs}</div>
    </div>
  );
}
