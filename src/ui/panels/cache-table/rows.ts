import { byteLength, sizeOf } from "../../../core/ir/tensor.ts";
import type { Cache } from "../../../core/stream/module.ts";
import type { ModelSummary, NodeSummary, StreamingReport } from "../../../engine/reports.ts";

/** One cache of the present streaming model. */
export interface CacheTableRow {
  readonly key: string;
  readonly value: string;
  readonly kind: Cache["kind"];
  readonly frames: number;
  readonly shape: readonly number[];
  readonly axis: number;
  readonly bytes: number;
  readonly module: number;
  /** True for a state that the model itself gives out. */
  readonly own: boolean;
  readonly why: readonly CacheReason[];
}

export interface CacheReason {
  readonly use: Cache["readers"][number]["use"];
  readonly node: string;
  readonly frames: number;
  /** Of a windowed reader, as its file says; empty otherwise. */
  readonly kernel: string;
  readonly dilation: string;
}

/** Every cache of every module, in running order. */
export function cacheTable(
  summary: Pick<ModelSummary, "nodes">,
  streaming: Pick<StreamingReport, "modules">,
  ownStates: ReadonlySet<string>,
): readonly CacheTableRow[] {
  const nodes = new Map(summary.nodes.map((n) => [n.key, n]));
  return streaming.modules.flatMap(({ caches }, module) =>
    caches.map((cache) => ({
      key: `${module}/${cache.input}`,
      value: cache.value,
      kind: cache.kind,
      frames: cache.frames,
      shape: cache.shape,
      axis: cache.axis,
      bytes: byteLength(cache.dtype, sizeOf(cache.shape)),
      module,
      own: ownStates.has(cache.input),
      why: cache.readers.map((r) => reasonOf(r, nodes.get(r.node))),
    })),
  );
}

function reasonOf(
  { use, node, frames }: Cache["readers"][number],
  summary: NodeSummary | undefined,
): CacheReason {
  const text = (name: string) => (use === "window" ? (summary?.attributes[name] ?? "") : "");
  const plain = (list: string) => list.replace(/[[\]]/g, "").replace(/, /g, "×");
  const dilation = plain(text("dilations"));
  return {
    use,
    node,
    frames,
    kernel: plain(text("kernel_shape")),
    dilation: /^1(×1)*$/.test(dilation) ? "" : dilation,
  };
}

/** Bytes of all rows. */
export function totalBytes(rows: readonly CacheTableRow[]): number {
  return rows.reduce((sum, r) => sum + r.bytes, 0);
}
