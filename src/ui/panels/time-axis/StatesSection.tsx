import { useState } from "react";
import type { StateChoice } from "../../../core/plan/plan.ts";
import type { StateProposals } from "../../../engine/carried/analyse-plan.ts";
import type { ModelSummary } from "../../../engine/reports.ts";
import { setFixed, setStates } from "../../../state/document.ts";
import { select } from "../../../state/view.ts";
import { usePlan, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { NumberField, SelectField } from "../../widgets/Field.tsx";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { StateEntry } from "./StateEntry.tsx";
import css from "./StatesSection.module.css";
import { choicesOf, type StateView, stateView } from "./state-rows.ts";

/** The states that the model itself carries: proposed, confirmed, changed; and the inputs that never change. */
export function StatesSection(props: { readonly proposals: StateProposals; readonly summary: ModelSummary }) {
  const { proposals, summary } = props;
  const studio = useStudio();
  const plan = usePlan();
  const selection = useView((v) => v.selection);
  const { t, bytes } = useText();
  const view = stateView(proposals, plan, summary);
  const { rows, status, still } = view;
  const { document } = studio;
  const set = (states: readonly StateChoice[] | undefined) => {
    const rolls = (plan.states?.length ?? 0) > 0;
    const { axes, chunk } = proposals;
    const will = states !== undefined && states.length > 0;
    setStates(document, states, will === rolls ? undefined : will ? { axes, chunk } : { axes: {}, chunk: 1 });
  };
  const badge =
    status === "confirmed" ? (
      <Badge tone="ok">{t("states.confirmed", { n: rows.length })}</Badge>
    ) : status === "open" ? (
      <Badge tone="warn">{t("states.proposed", { n: rows.length })}</Badge>
    ) : null;
  return (
    <Section title={t("states.title")} extra={badge}>
      <div className={css.states} data-testid="states" data-status={status}>
        <Note>
          {t(status === "none" ? "states.none" : status === "denied" ? "states.denied" : "states.intro")}
        </Note>
        <ul className={css.list}>
          {rows.map((row) => (
            <StateEntry
              key={row.input}
              row={row}
              proposed={status === "open"}
              selected={selection?.kind === "value" && selection.id === row.input}
              onSelect={(id) => select(studio.view, { kind: "value", id })}
              onInit={(init) => set(choicesOf(rows.map((r) => (r.input === row.input ? { ...r, init } : r))))}
              onRemove={() => set(choicesOf(rows.filter((r) => r.input !== row.input)))}
            />
          ))}
        </ul>
        {rows.length > 0 ? (
          <Facts facts={[[t("states.total"), bytes(rows.reduce((sum, r) => sum + r.bytes, 0))]]} />
        ) : null}
        <div className={css.buttons}>
          {status === "open" ? (
            <Button look="primary" data-testid="confirm-states" onClick={() => set(choicesOf(rows))}>
              {t("states.confirm", { n: rows.length })}
            </Button>
          ) : null}
          {status === "open" || status === "confirmed" ? (
            <Button onClick={() => set([])}>{t("states.deny")}</Button>
          ) : null}
          {plan.states === undefined ? null : (
            <Button onClick={() => set(undefined)}>{t("states.reset")}</Button>
          )}
        </div>
        <AddPair view={view} onAdd={(pair) => set([...choicesOf(rows), pair])} />
        {still.map(({ input, value }) => (
          <div key={input} className={css.fixed}>
            <NumberField
              label={t("states.fixed", { input })}
              hint={t("states.fixedHint")}
              value={value ?? Number.NaN}
              min={Number.NEGATIVE_INFINITY}
              integer={false}
              onChange={(next) => setFixed(document, input, next)}
            />
          </div>
        ))}
      </div>
    </Section>
  );
}

function AddPair({ view, onAdd }: { readonly view: StateView; readonly onAdd: (pair: StateChoice) => void }) {
  const { t } = useText();
  const [chosen, setChosen] = useState({ input: "", output: "" });
  const { freeInputs, freeOutputs } = view;
  if (freeInputs.length === 0 || freeOutputs.length === 0) return null;
  const input = freeInputs.includes(chosen.input) ? chosen.input : "";
  const output = freeOutputs.includes(chosen.output) ? chosen.output : "";
  const options = (names: readonly string[]) => [
    { id: "", label: "–" },
    ...names.map((id) => ({ id, label: id })),
  ];
  return (
    <div className={css.add}>
      <SelectField
        label={t("states.newInput")}
        value={input}
        options={options(freeInputs)}
        onChange={(id) => setChosen({ input: id, output })}
      />
      <SelectField
        label={t("states.newOutput")}
        value={output}
        options={options(freeOutputs)}
        onChange={(id) => setChosen({ input, output: id })}
      />
      <Button disabled={input === "" || output === ""} onClick={() => onAdd({ input, output, init: 0 })}>
        {t("states.add")}
      </Button>
    </div>
  );
}
