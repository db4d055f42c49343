import type { EspdlTarget } from "../../../core/targets/target.ts";
import type { ModelSummary, NodeSummary } from "../../../engine/reports.ts";
import { commandOf } from "../../../state/commands/list.ts";
import { setWidths } from "../../../state/document.ts";
import { chipOf } from "../../../state/select/chips.ts";
import { allSelected, markableValues, selectedNodes } from "../../../state/select/marks.ts";
import { type Selection, select } from "../../../state/view.ts";
import { chordText } from "../../app/chord-text.ts";
import {
  usePlan,
  usePlanOf,
  useResult,
  useRun,
  useStudio,
  useText,
  useView,
} from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { SelectField } from "../../widgets/Field.tsx";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import css from "./InspectorPanel.module.css";
import { NameList } from "./NameList.tsx";

/** Of very many selected the first are listed. */
const MOST_LISTED = 200;

/** Several selected at once: what they cost together, and what can be done to all of them in one step. */
export function SeveralFacts() {
  const { view } = useStudio();
  const summary = useResult("open");
  const selection = useView((v) => v.selection);
  const together = useView((v) => v.together);
  const plan = usePlan("afterPaint");
  const { t, count, bytes, percent } = useText();
  if (!summary) return null;
  const chosen = allSelected({ ...(selection && { selection }), together });
  const nodes = selectedNodes(summary, { ...(selection && { selection }), together });
  const macs = sum(nodes, (n) => n.macs);
  const allMacs = sum(summary.nodes, (n) => n.macs);
  const chip = chipOf(plan.target);
  return (
    <div className={css.several} data-testid="several">
      <h2>{t("several.title", { n: count(chosen.length) })}</h2>
      <Facts
        facts={[
          [t("model.ops"), <OpCounts key="ops" nodes={nodes} />],
          ["MAC", summary.quantized || allMacs === 0 ? "–" : `${count(macs)} (${percent(macs / allMacs)})`],
          [t("layers.weights"), bytes(sum(nodes, (n) => n.weightBytes))],
        ]}
      />
      {summary.quantized ? null : <Marks nodes={nodes} chip={chip} />}
      {chip && !summary.quantized && nodes.length > 0 ? <Widths nodes={nodes} /> : null}
      <Section title={t("several.list")}>
        <NameList
          items={chosen.slice(0, MOST_LISTED).map((s) => ({ name: s.id, detail: detailOf(summary, s) }))}
          onSelect={(id) =>
            select(
              view,
              chosen.find((s) => s.id === id),
            )
          }
        />
        <Note>{t("several.hint")}</Note>
      </Section>
    </div>
  );
}

/** Conv × 3, Relu × 2: the most frequent first. */
function OpCounts({ nodes }: { readonly nodes: readonly NodeSummary[] }) {
  const { list } = useText();
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.length === 0 ? "–" : list(sorted.map(([op, n]) => `${op}\u00a0×\u00a0${n}`));
}

/** Caches, splits and float of all that is selected: what there is, and the commands that change it. */
function Marks(props: { readonly nodes: readonly NodeSummary[]; readonly chip: EspdlTarget | undefined }) {
  const studio = useStudio();
  const run = useRun();
  const { caches, splits, keepFloat } = usePlan("afterPaint");
  const { t } = useText();
  const values = markableValues(studio);
  const rows = [
    { id: "toggleCache", label: t("step.caches"), of: values.length, n: accepted(values, caches) },
    { id: "toggleSplit", label: t("step.splits"), of: values.length, n: within(values, splits) },
    ...(props.chip
      ? []
      : ([
          {
            id: "toggleKeepFloat",
            label: t("layers.keepFloat"),
            of: props.nodes.length,
            n: within(
              props.nodes.map((node) => node.key),
              keepFloat,
            ),
          },
        ] as const)),
  ] as const;
  return (
    <Section title={t("inspector.marks")}>
      <Facts facts={rows.map(({ label, n, of }) => [label, t("several.of", { n, of })] as const)} />
      <div className={css.actions}>
        {rows.map(({ id }) => (
          <Button key={id} disabled={!commandOf(id).when(studio)} onClick={() => run(commandOf(id))}>
            {t(`command.${id}`)} <kbd>{chordText(commandOf(id).keys[0] ?? "")}</kbd>
          </Button>
        ))}
      </div>
    </Section>
  );
}

type Width = "model" | "8" | "16" | "mixed";

/** One width for all of them on the plan's chip. */
function Widths({ nodes }: { readonly nodes: readonly NodeSummary[] }) {
  const { document } = useStudio();
  const { bits = 8, widths = {} } = usePlanOf("bits", "widths");
  const { t } = useText();
  const asked = new Set(nodes.map(({ key, name }): Width => `${widths[key] ?? widths[name] ?? "model"}`));
  const [first = "model", ...others] = asked;
  const value = others.length > 0 ? "mixed" : first;
  return (
    <Section title={t("width.title")}>
      <SelectField<Width>
        label={t("chip.bits")}
        value={value}
        options={[
          ...(value === "mixed" ? [{ id: "mixed", label: t("several.mixed") } as const] : []),
          { id: "model", label: t("width.model", { bits }) },
          { id: "8", label: t("width.8") },
          { id: "16", label: t("width.16") },
        ]}
        onChange={(id) => {
          if (id !== "mixed") setWidths(document, nodes, id === "model" ? undefined : id === "16" ? 16 : 8);
        }}
      />
    </Section>
  );
}

function detailOf({ nodes }: ModelSummary, { kind, id }: Selection): string {
  return kind === "node" ? (nodes.find((n) => n.key === id)?.op ?? "") : "";
}

function accepted(
  values: readonly string[],
  caches: Readonly<Record<string, { readonly state: string }>>,
): number {
  return values.filter((v) => caches[v] !== undefined && caches[v].state !== "removed").length;
}

function within(names: readonly string[], list: readonly string[]): number {
  const known = new Set(list);
  return names.filter((n) => known.has(n)).length;
}

function sum(nodes: readonly NodeSummary[], of: (node: NodeSummary) => number): number {
  return nodes.reduce((total, node) => total + of(node), 0);
}
