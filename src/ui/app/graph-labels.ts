import type { GraphLabels, StopDescription } from "../graph/graph-labels.ts";
import type { Text } from "../i18n/text.ts";

/** Words of the graph in the present language. */
export function graphLabels({ t, bytes }: Text): GraphLabels {
  return {
    roleDescription: t("graph.role"),
    keyHelp: t("graph.keys"),
    layingOut: t("graph.layingOut"),
    outline: t("graph.outline"),
    stop: (stop) =>
      [
        nameOf(stop, t),
        stop.inputShape === "" || (stop.kind !== "op" && stop.kind !== "group")
          ? stop.inputShape
          : t("graph.shape", { shape: stop.inputShape }),
        stop.cached ? t("graph.cached") : "",
        stop.split ? t("graph.split") : "",
        stop.refused ? t("graph.refused") : "",
        stop.approximate ? t("graph.approximate") : "",
        stop.together > 0 ? t("graph.together", { n: stop.together }) : "",
        // Last, so that the sentence begins with what the screen shows.
        t("graph.position", { i: stop.position, n: stop.count }),
      ]
        .filter((part) => part !== "")
        .join(t("graph.separator")),
    cacheChip: (value, mark) =>
      t("graph.cacheChip", {
        value,
        state: t(`cache.${mark.state}`),
        frames: t("unit.frames", { n: mark.frames }),
        bytes: bytes(mark.bytes),
      }),
    splitChip: (value, mark) => t("graph.splitChip", { value, n: mark.crossing, bytes: bytes(mark.bytes) }),
    portal: (to) => t("graph.portal", { to }),
    closeGroup: (label) => t("graph.closeGroup", { label }),
    minimap: t("graph.minimap"),
  };
}

/** "Conv enc.2", "Add", "input features". */
function nameOf({ kind, op, label }: StopDescription, t: Text["t"]): string {
  if (kind === "group") return `${t("graph.group")} ${op}`;
  if (kind !== "op") return `${t(kind === "input" ? "inspector.input" : "inspector.output")} ${op}`;
  return label === "" ? op : `${op} ${label}`;
}
