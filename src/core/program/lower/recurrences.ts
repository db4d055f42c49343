import { GATE_EXPONENT, LARGEST_EXPONENT } from "../../quant/esp/op-roles.ts";
import { exponentOf, inputOf, type Lowering, outputOf, refused } from "./node-view.ts";

/** GRU and LSTM with the activations of ONNX's defaults. */
export const lowerRecurrent =
  (cell: "gru" | "lstm"): Lowering =>
  (view) => {
    const { attributes, inputs, bits } = view;
    const [x, w, r] = [inputOf(view, 0), inputOf(view, 1), inputOf(view, 2)];
    const direction = attributes.string("direction", "forward");
    if (direction === "reverse") return refused("reversed");
    if (cell === "gru" && attributes.int("linear_before_reset", 0) !== 1) return refused("resetAfter");
    const special =
      attributes.int("layout", 0) !== 0 ||
      attributes.optionalFloat("clip") !== undefined ||
      attributes.int("input_forget", 0) !== 0 ||
      "activations" in view.node.attributes ||
      inputs[4] !== undefined ||
      inputs[7] !== undefined;
    if (special) return refused("attribute");
    if ((x.dims[1] ?? 1) > 1) return refused("batch");
    if (!w.data || !r.data || (inputs[3] && !inputs[3].data)) return refused("dynamicOperand");
    const hidden = attributes.int("hidden_size", r.dims.at(-1) ?? 1);
    const directions = direction === "bidirectional" ? 2 : 1;
    if (bits === undefined) return { kind: "recurrent", cell, hidden, directions };
    const state = exponentOf(outputOf(view));
    // The runtime keeps its state with the exponent of the last state (dl_module_gru.hpp: m_h_prev); read and written, it moves as it is.
    const states = [inputs[5], view.outputs[1]];
    if (states.some((s) => s && exponentOf(s) !== state)) return refused("exponentsDiffer");
    const inputShift = GATE_EXPONENT - exponentOf(x) - exponentOf(w);
    const stateShift = GATE_EXPONENT - state - exponentOf(r);
    if ([inputShift, stateShift].some((s) => Math.abs(s) > LARGEST_EXPONENT)) return refused("shiftRange");
    const quantized = { gateLog2: GATE_EXPONENT, inputShift, stateShift, outputLog2: state };
    return { kind: "recurrent", cell, hidden, directions, quantized };
  };
