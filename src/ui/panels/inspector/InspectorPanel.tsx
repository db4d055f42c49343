import { answersOf } from "../../../state/select/answers.ts";
import { problemRows } from "../../../state/select/problems.ts";
import { type InspectorTab, selectBack, selectForward } from "../../../state/view.ts";
import { useAnswers, useStudio, useText, useView } from "../../app/studio-context.ts";
import { IconButton } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Tabs } from "../../widgets/Tabs.tsx";
import { ProblemsPanel } from "../problems/ProblemsPanel.tsx";
import css from "./InspectorPanel.module.css";
import { MarksTab } from "./MarksTab.tsx";
import { NodeTab } from "./NodeTab.tsx";
import { ValueTab } from "./ValueTab.tsx";

const TABS: readonly InspectorTab[] = ["node", "value", "marks", "problems"];

/** Everything about what is selected. */
export function InspectorPanel() {
  const studio = useStudio();
  useAnswers();
  const tab = useView((v) => v.inspectorTab);
  const canGoBack = useView((v) => v.back.length > 0);
  const canGoForward = useView((v) => v.forward.length > 0);
  const { t } = useText();
  const problems = problemRows(answersOf(studio)).length;
  return (
    <Tabs
      label={t("inspector.title")}
      tabs={TABS.map((id) => ({
        id,
        label: t(`inspector.${id}`),
        count: id === "problems" ? problems : undefined,
      }))}
      selected={tab}
      onSelect={(inspectorTab) => studio.view.setState({ inspectorTab })}
      extra={
        <span className={css.travel}>
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
          <IconButton
            label={t("command.toggleInspector")}
            aria-expanded={true}
            onClick={() => studio.view.setState({ inspectorOpen: false })}
          >
            <Icon name="close" size={12} />
          </IconButton>
        </span>
      }
    >
      <div className={css.body} data-testid="inspector">
        {tab === "node" ? <NodeTab /> : null}
        {tab === "value" ? <ValueTab /> : null}
        {tab === "marks" ? <MarksTab /> : null}
        {tab === "problems" ? <ProblemsPanel /> : null}
      </div>
    </Tabs>
  );
}
