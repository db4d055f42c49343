import { fail } from "../../base/problem.ts";
import type { Graph, Model } from "../../ir/graph.ts";

/**
 * First opset of ai.onnx that came with each IR version, from onnx.helper.VERSION_TABLE (onnx 1.23).
 * Nothing older than 4 is written: up to IR 3 every initializer had to be repeated as a graph input.
 */
const IR_SINCE_OPSET: readonly (readonly [opset: number, irVersion: number])[] = [
  [1, 4],
  [10, 5],
  [11, 6],
  [12, 7],
  [15, 8],
  [19, 9],
  [21, 10],
  [23, 11],
  [24, 12],
  [25, 13],
  [28, 14],
];
const NEWEST_OPSET = 28;

export interface MakeModelOptions {
  /** Version of ai.onnx. */
  readonly opset: number;
  /** Further domains of the graph's nodes and their versions. */
  readonly domains?: ReadonlyMap<string, number>;
  readonly producer?: Model["producer"];
  readonly metadata?: ReadonlyMap<string, string>;
}

/** A model around a graph that Rill made, at the IR version that goes with the opset. Throws `model.opsetTooNew`. */
export function makeModel(graph: Graph, options: MakeModelOptions): Model {
  const { opset, domains, producer, metadata } = options;
  return {
    irVersion: irVersionOf(opset),
    opsets: new Map([["", opset], ...(domains ?? [])]),
    producer: producer ?? { name: "rill", version: "" },
    metadata: metadata ?? new Map(),
    functions: [],
    graph,
  };
}

/** IR version that the ONNX release with this opset of ai.onnx writes, 4 at least. Throws `model.opsetTooNew`. */
export function irVersionOf(opset: number): number {
  if (opset > NEWEST_OPSET) fail({ code: "model.opsetTooNew", opset, newest: NEWEST_OPSET });
  const row = IR_SINCE_OPSET.findLast(([since]) => since <= opset);
  if (!row) throw new Error(`opset ${opset}`);
  return row[1];
}
