"""Calibrates and simulates a model with ESP-PPQ and says how long that took.

Arguments: model.onnx frames.npy target threads. The frames are float32 [samples, *input shape]; every sample is one calibration step.
Prints one line of JSON: seconds of CPU and of wall time for the calibration pass (both phases and the KL search; nothing before or
after it) and for one forward run of the quantized graph over all samples, each the fastest of some rounds, the exponents, and the
first sample's outputs.
"""

import contextlib
import json
import logging
import math
import os
import sys
import tempfile
import time

import numpy
import onnx
import torch

MODEL, FRAMES, TARGET, THREADS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
ROUNDS = 2

torch.set_num_threads(THREADS)
logging.disable(logging.WARNING)


class Watch:
    """Seconds between entering and leaving, on the CPU and on the wall."""

    def __enter__(self):
        self.cpu, self.wall = -time.process_time(), -time.perf_counter()
        return self

    def __exit__(self, *_):
        self.cpu += time.process_time()
        self.wall += time.perf_counter()


def fastest(watches):
    best = min(watches, key=lambda watch: watch.cpu)
    return {"cpu": best.cpu, "wall": best.wall}


def with_concrete_dims(path, dims, folder):
    """ESP-PPQ takes graphs of one shape only: the file's symbolic dims become those of the samples."""
    model = onnx.load(path)
    for value in list(model.graph.input) + list(model.graph.output):
        shape = value.type.tensor_type.shape.dim
        for i, dim in enumerate(shape):
            if not dim.HasField("dim_value") and i == len(shape) - 1:
                dim.dim_value = dims[-1]
    onnx.save(model, os.path.join(folder, "model.onnx"))
    return os.path.join(folder, "model.onnx")


def exponents(graph):
    """Exponent of every activation that was quantized: log2 of its scale."""
    found = {}
    for operation in graph.operations.values():
        if not hasattr(operation, "config_with_variable"):
            continue
        for config, variable in operation.config_with_variable:
            if not variable.is_parameter and config.scale is not None and config.scale.numel() == 1:
                found[variable.name] = round(math.log2(config.scale.item()))
    return found


def main():
    with contextlib.redirect_stdout(sys.stderr):
        from esp_ppq.api import espdl_quantize_onnx
        from esp_ppq.executor import TorchExecutor
        from esp_ppq.quantization.optim import RuntimeCalibrationPass

        frames = numpy.load(FRAMES)
        samples = [torch.from_numpy(sample) for sample in frames]
        calibrations, simulations = [], []
        optimize = RuntimeCalibrationPass.optimize

        def timed(self, *given, **named):
            with Watch() as calibration:
                optimize(self, *given, **named)
            calibrations.append(calibration)

        RuntimeCalibrationPass.optimize = timed

        def quantize(folder):
            return espdl_quantize_onnx(
                onnx_import_file=with_concrete_dims(MODEL, frames.shape[1:], folder),
                espdl_export_file=os.path.join(folder, "model.espdl"),
                calib_dataloader=samples,
                calib_steps=len(samples),
                input_shape=list(frames.shape[1:]),
                target=TARGET,
                num_of_bits=8,
                error_report=False,
                skip_export=True,
                device="cpu",
                verbose=0,
            )

        with tempfile.TemporaryDirectory() as folder:
            for _ in range(ROUNDS):
                graph = quantize(folder)
        executor = TorchExecutor(graph=graph, device="cpu")
        first = executor.forward(samples[0])
        for _ in range(ROUNDS):
            with Watch() as simulation:
                for sample in samples:
                    executor.forward(sample)
            simulations.append(simulation)
    print(
        json.dumps(
            {
                "calibrate": fastest(calibrations),
                "simulate": fastest(simulations),
                "threads": torch.get_num_threads(),
                "exponents": exponents(graph),
                "outputs": [out.flatten().tolist() for out in first],
            }
        )
    )


main()
