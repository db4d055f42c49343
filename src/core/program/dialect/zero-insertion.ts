import { attributesOf } from "../../ir/attributes.ts";
import {
  intAttribute,
  intsAttribute,
  makeNode,
  type Node,
  type ValueInfo,
  type ValueName,
} from "../../ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../../ir/tensor.ts";
import { countUses, freshNames, type Pass } from "../../passes/pass.ts";

/** Attributes of InsertZeros: zeros between neighbours so that they stand `stride` apart, and `output_padding` behind the last. */
export const INSERT_ZEROS = "InsertZeros";

/**
 * ConvTranspose as zeros between the input's samples and a convolution with the kernel turned round, which is how ESP-DL computes
 * it. Source: esp-ppq 1.3.5, IR/morph.py 1732–1892. Dilated kernels are left alone: the source gets their padding wrong.
 */
export const zeroInsertion: Pass = {
  name: "zero-insertion",
  run({ model, inference }) {
    const { graph } = model;
    const fresh = freshNames(model);
    const uses = countUses(model);
    const replaceNodes = new Map<Node, Node>();
    const addNodes: Node[] = [];
    const setInitializers = new Map<ValueName, Tensor>();
    const setValues = new Map<ValueName, ValueInfo>();
    for (const node of graph.nodes) {
      const [x = "", w = ""] = node.inputs;
      const weight = graph.initializers.get(w);
      if (node.op !== "ConvTranspose" || weight?.dtype !== "float32") continue;
      const a = attributesOf(node);
      const spatial = weight.dims.length - 2;
      const ones = Array.from({ length: spatial }, () => 1);
      const strides = a.ints("strides", ones);
      if (a.ints("dilations", ones).some((d) => d !== 1) || a.has("output_shape")) continue;
      const pads = a.ints("pads", [...ones, ...ones].fill(0));
      const kernel = weight.dims.slice(2);
      // The weight keeps its name where nothing else reads it.
      const flipped = uses.get(w) === 1 ? w : fresh(`${w}.flipped`);
      const group = a.int("group", 1);
      setInitializers.set(flipped, turnedRound(weight, group));
      let source = x;
      if (strides.some((s) => s !== 1)) {
        source = fresh(`${x}.zeros`);
        const outputPadding = a.ints(
          "output_padding",
          ones.map(() => 0),
        );
        addNodes.push(
          makeNode(INSERT_ZEROS, [x], [source], {
            stride: intsAttribute(strides),
            output_padding: intsAttribute(outputPadding),
          }),
        );
        const shape = inference.info(x).shape?.map((d, i) => {
          const at = i - 2;
          return at < 0 || typeof d !== "number"
            ? d
            : (d - 1) * (strides[at] ?? 1) + 1 + (outputPadding[at] ?? 0);
        });
        if (shape) setValues.set(source, { name: source, dtype: "float32", shape });
      }
      replaceNodes.set(node, {
        ...node,
        op: "Conv",
        inputs: [source, flipped, ...node.inputs.slice(2)],
        attributes: {
          kernel_shape: intsAttribute(kernel),
          strides: intsAttribute(ones),
          dilations: intsAttribute(ones),
          group: intAttribute(group),
          pads: intsAttribute(pads.map((p, i) => (kernel[i % spatial] ?? 1) - 1 - p)),
        },
      });
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, addNodes, setInitializers, setValues };
  },
};

/** [C, M/group, k…] → [M, C/group, k…] with every spatial axis reversed. */
function turnedRound(weight: Tensor, group: number): Tensor {
  const [inputs = 1, perGroup = 1, ...kernel] = weight.dims;
  const taps = kernel.reduce((n, k) => n * k, 1);
  const inputsPerGroup = inputs / group;
  const values = floats(weight);
  const turned = new Float32Array(values.length);
  for (let g = 0; g < group; g++) {
    for (let i = 0; i < inputsPerGroup; i++) {
      for (let o = 0; o < perGroup; o++) {
        const from = ((g * inputsPerGroup + i) * perGroup + o) * taps;
        const to = ((g * perGroup + o) * inputsPerGroup + i) * taps;
        // Reversing every axis of a row-major block reverses the block.
        for (let k = 0; k < taps; k++) turned[to + k] = values[from + taps - 1 - k] ?? 0;
      }
    }
  }
  return floatTensor(turned, [perGroup * group, inputsPerGroup, ...kernel]);
}
