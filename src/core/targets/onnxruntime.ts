import type { QdqTarget } from "./target.ts";

/** ONNX Runtime: static QDQ in int8. Runs wherever ONNX Runtime does, and in every tool that reads QDQ. */
export const onnxruntime: QdqTarget = {
  id: "onnxruntime",
  label: "ONNX Runtime (QDQ int8)",
  exporter: "onnx-qdq",
  weights: {
    bits: 8,
    symmetric: true,
    granularity: "channel",
    scale: "float",
    rounding: "half-even",
    narrow: true,
  },
  activations: {
    bits: 8,
    symmetric: false,
    granularity: "tensor",
    scale: "float",
    rounding: "half-even",
    narrow: false,
  },
  bias: {
    bits: 32,
    symmetric: true,
    granularity: "channel",
    scale: "float",
    rounding: "half-even",
    narrow: false,
  },
  // Per-channel QuantizeLinear/DequantizeLinear (`axis`) came with opset 13.
  minOpset: 13,
  // Newest opset whose QDQ graphs were run with onnxruntime-web 1.30 here.
  newestOpset: 21,
  sources: [
    "https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html (rounding half to even, saturation, axis since 13)",
    "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html (S8S8 QDQ, int32 bias = input scale · weight scale)",
    "onnxruntime 1.30.0 python quantization/quant_utils.py compute_scale_zp, ONNX_INT_TYPE_SYMMETRIC_RANGE (weights in ±127)",
  ],
};
