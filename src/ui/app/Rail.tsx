import { commandOf } from "../../state/commands/list.ts";
import { answersOf } from "../../state/select/answers.ts";
import { type StepState, stepStates } from "../../state/select/steps.ts";
import { openStep, STEPS, type StepId } from "../../state/view.ts";
import { Button } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import css from "./Rail.module.css";
import { useAnswers, usePlan, useRun, useSession, useStudio, useText, useView } from "./studio-context.ts";

/** The checklist: any step opens, later ones say what they need. */
export function Rail() {
  const studio = useStudio();
  useAnswers();
  const plan = usePlan("afterPaint");
  const open = useView((v) => (v.stepOpen ? v.step : undefined));
  const replaying = useSession((s) => s.replaying);
  const run = useRun();
  const { t } = useText();
  const states = stepStates(answersOf(studio), plan);
  return (
    <nav className={css.rail} aria-label={t("rail.label")}>
      <ol>
        {STEPS.map((step, i) => (
          <RailStep
            key={step}
            step={step}
            number={i + 1}
            state={states[step]}
            open={open === step}
            onOpen={() => openStep(studio.view, step)}
          />
        ))}
      </ol>
      <Button
        className={css.all}
        disabled={replaying || plan.model.sha256 === ""}
        onClick={() => run(commandOf("runAll"))}
        title={t("rail.runAllHint")}
        data-testid="run-all"
      >
        <Icon name="play" size={14} />
        {t(replaying ? "rail.running" : "command.runAll")}
      </Button>
    </nav>
  );
}

interface RailStepProps {
  readonly step: StepId;
  readonly number: number;
  readonly state: StepState;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function RailStep({ step, number, state, open, onOpen }: RailStepProps) {
  const { t, count } = useText();
  const { detail } = state;
  const text =
    detail.text === "none"
      ? ""
      : t(
          `detail.${detail.text}`,
          "n" in detail ? { n: count(detail.n) } : "name" in detail ? { name: detail.name } : {},
        );
  return (
    <li>
      <button
        type="button"
        className={css.step}
        data-state={state.state}
        data-testid={`step-${step}`}
        aria-current={open ? "step" : undefined}
        onClick={onOpen}
      >
        <span className={css.number} aria-hidden="true">
          {markOf(state.state, number)}
        </span>
        <span className={css.words}>
          <span className={css.name}>{t(`step.${step}`)}</span>
          {text === "" ? null : <span className={css.detail}>{text}</span>}
        </span>
        <span className="visually-hidden">{t(`stepState.${state.state}`)}</span>
      </button>
    </li>
  );
}

/** What stands in the step's circle; nothing in one that turns. */
function markOf(state: StepState["state"], number: number) {
  if (state === "done") return <Icon name="check" size={12} />;
  if (state === "running") return null;
  return state === "failed" ? "!" : number;
}
