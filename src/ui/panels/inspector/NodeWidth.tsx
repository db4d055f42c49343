import { useMemo } from "react";
import type { EspdlTarget } from "../../../core/targets/target.ts";
import type { ChipFit } from "../../../engine/esp/fit-chip.ts";
import type { NodeSummary } from "../../../engine/reports.ts";
import { setWidth } from "../../../state/document.ts";
import { usePlanOf, useResult, useStage, useStale, useStudio, useText } from "../../app/studio-context.ts";
import { useFeed } from "../../app/use-feed.ts";
import { useFitParts } from "../../app/use-fit-parts.ts";
import { SelectField } from "../../widgets/Field.tsx";
import { decibels, kibibytes } from "../../widgets/numbers.ts";
import { Facts, Note, Section } from "../../widgets/Section.tsx";

const WIDTHS = [8, 16] as const;
type Choice = "model" | "8" | "16";

/** The width of one node on the plan's chip, and what it costs. */
export function NodeWidth({ node, chip }: { readonly node: NodeSummary; readonly chip: EspdlTarget }) {
  const { stages, document } = useStudio();
  const { bits = 8, widths = {} } = usePlanOf("bits", "widths");
  const parts = useFitParts();
  const { t } = useText();
  const { key, name } = node;
  const asked = widths[key] ?? widths[name];
  useFeed(
    stages.widths,
    useMemo(() => parts && { ...parts, target: chip.id, node: key }, [parts, chip, key]),
  );
  const { result, stale, failure } = useStage("widths");
  const fits = stale || failure ? undefined : result;
  const within = failure?.kind === "problem" && failure.problem.code === "plan.unknownNode";
  const chosenByBudget = useByBudget(key);
  const budgeted = asked === undefined ? chosenByBudget : undefined;
  if (!parts) return null;
  const choose = (id: Choice) => setWidth(document, node, id === "model" ? undefined : id === "16" ? 16 : 8);
  return (
    <Section title={t("width.title")}>
      {within && asked === undefined ? (
        <Note>{t("width.within")}</Note>
      ) : (
        <div data-testid="node-width">
          <SelectField<Choice>
            label={t("chip.bits")}
            value={asked === undefined ? "model" : asked === 16 ? "16" : "8"}
            options={[
              { id: "model", label: t("width.model", { bits }) },
              ...WIDTHS.map((w) => ({ id: `${w}` as const, label: t(`width.${w}`) })),
            ]}
            onChange={choose}
          />
          {budgeted ? <p data-testid="width-by-budget">{budgeted}</p> : null}
          {fits ? (
            <Consequences fits={fits} nodeKey={key} asked={asked ?? bits} runs={budgeted === undefined} />
          ) : null}
          {!fits && !within ? <Note>{t("width.weighing")}</Note> : null}
        </div>
      )}
    </Section>
  );
}

/** That the last comparison's budget made the node wide, and what that gained; undefined if it did not. */
function useByBudget(nodeKey: string): string | undefined {
  const trace = useResult("compare")?.quantization.choices?.widths;
  const stale = useStale("compare");
  const { t } = useText();
  const at = trace?.steps.findIndex(({ nodes }) => nodes.some(({ node }) => node === nodeKey)) ?? -1;
  const step = trace?.steps[at];
  if (!step || stale) return undefined;
  return t("width.byBudget", { i: at + 1, db: decibels(step.afterDb - step.beforeDb) });
}

/** What comes of a width: what the node then runs with, whom that refuses, and the bytes against the other width. */
function Consequences(props: {
  /** With the node at 8 bits, and at 16. */
  readonly fits: readonly ChipFit[];
  readonly nodeKey: string;
  readonly asked: 8 | 16;
  /** Whether that is the width it has; else a budget chose another. */
  readonly runs: boolean;
}) {
  const text = useText();
  const { t } = text;
  const { fits, nodeKey, asked, runs } = props;
  const [own, other] = asked === 16 ? [fits[1], fits[0]] : [fits[0], fits[1]];
  const width = own?.nodes.find((n) => n.node === nodeKey)?.width;
  if (!own || width === undefined) return null;
  const refusals = fits.flatMap((fit, i) =>
    fit.refusals.slice(0, 2).map(({ node, op, reason }) => ({
      bits: WIDTHS[i] ?? 8,
      why: text.problem({ code: "target.noKernel", node, op, reason }).what,
    })),
  );
  const [ours, theirs] = [own.memory, other?.memory];
  return (
    <>
      {runs ? (
        <Note>
          {text.sentences([
            width === "float" ? t("width.float") : t("width.runs", { bits: width }),
            width !== "float" && width !== asked ? t("width.follows", { bits: width }) : "",
          ])}
        </Note>
      ) : null}
      {refusals.map(({ bits, why }) => (
        <Note key={`${bits} ${why}`}>{t("width.refused", { bits, why })}</Note>
      ))}
      {ours ? (
        <Facts
          facts={[
            [
              t("width.whole"),
              t("width.wholeOf", {
                flash: kibibytes(ours.flashBytes),
                ram: kibibytes(ours.cacheBytes + ours.arenaBytes),
              }),
            ],
          ]}
        />
      ) : null}
      {ours && theirs ? (
        <p data-testid="width-cost">
          {t("width.cost", {
            bits: asked === 16 ? 8 : 16,
            flash: change(ours.flashBytes - theirs.flashBytes),
            ram: change(ours.cacheBytes + ours.arenaBytes - theirs.cacheBytes - theirs.arenaBytes),
          })}
        </p>
      ) : null}
    </>
  );
}

/** `+1.20 KiB`, `−0.30 KiB`, `±0 KiB`. */
function change(bytes: number): string {
  if (bytes === 0) return "±0\u00a0KiB";
  return `${bytes > 0 ? "+" : "−"}${kibibytes(Math.abs(bytes))}`;
}
