import { expect, it } from "vitest";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import { makeNode } from "../../core/ir/graph.ts";
import { openModel } from "../../engine/open-model.ts";
import { summarize } from "../../engine/summarize.ts";
import { createSession } from "../session.ts";
import { createView } from "../view.ts";
import { placeOf, showPlace } from "./places.ts";

const model = makeModel(
  {
    name: "m",
    inputs: [{ name: "x", dtype: "float32", shape: [1, "T"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, "T"] }],
    initializers: new Map(),
    nodes: [makeNode("Relu", ["x"], ["v"]), makeNode("Abs", ["v"], ["y"])],
    values: new Map(),
  },
  { opset: 17 },
);
const summary = summarize(openModel([{ name: "m.onnx", bytes: encodeModel(model) }]));
const [relu = ""] = summary.nodes.map((n) => n.key);
const clip = { file: { name: "a.wav", blob: new Blob() } };
const here = { summary, clips: [clip] };
const selectionOf = (...given: Parameters<typeof placeOf>) => {
  const place = placeOf(...given);
  return place?.kind === "graph" ? place.selection : undefined;
};

it("finds nodes, values and clips that are there", () => {
  const refused = { code: "quant.opUnsupported", node: relu, op: "X", target: "t" } as const;
  expect(selectionOf(refused, here)).toEqual({ kind: "node", id: relu });
  expect(selectionOf({ code: "quant.noStatistics", value: "y" }, here)).toEqual({ kind: "value", id: "y" });
  expect(selectionOf({ code: "stream.axisUnknown", input: "x" }, here)).toEqual({ kind: "value", id: "x" });
  expect(selectionOf({ code: "espdl.invalid", where: "y", what: { code: "byteOrder" } }, here)).toBeDefined();
  expect(placeOf({ code: "audio.silent", file: "a.wav" }, here)).toEqual({
    kind: "clip",
    name: "a.wav",
    file: clip.file,
  });
});

it("leads to nothing that is not there", () => {
  expect(placeOf({ code: "plan.unknownValue", value: "gone", mark: "cache" }, here)).toBeUndefined();
  expect(
    placeOf({ code: "quant.noStatistics", value: "y" }, { ...here, summary: undefined }),
  ).toBeUndefined();
  expect(placeOf({ code: "file.empty", file: "f" }, here)).toBeUndefined();
  expect(
    placeOf({ code: "features.invalid", key: "k", value: "-1", expected: { code: "aNumber" } }, here),
  ).toBeUndefined();
});

it("selects in the graph, and opens a clip", () => {
  const studio = { view: createView(undefined, []), session: createSession() };
  const node = placeOf({ code: "quant.noStatistics", value: "y" }, here);
  if (node) showPlace(studio, node);
  expect(studio.view.getState().selection).toEqual({ kind: "value", id: "y" });
  const broken = placeOf({ code: "file.empty", file: "a.wav" }, here);
  if (broken) showPlace(studio, broken);
  expect(studio.view.getState().step).toBe("audio");
  expect(studio.session.getState().previewed).toBe(clip.file);
});
