import { encodeUtf8 } from "../base/utf8.ts";

const RUN_STREAM = `"""Runs the streaming modules of this package step by step and compares them with its test vectors.

    pip install -r requirements.txt
    python run_stream.py            # the modules to deploy
    python run_stream.py --float    # their float twins
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort

ROOT = Path(__file__).resolve().parent.parent


class StreamingModel:
    """The modules in running order. Outputs of one feed the next; every cache output is fed back as its input.

    A module whose period is longer than a chunk collects chunks and runs when the last of them has come.
    """

    def __init__(self, manifest, use_float=False):
        modules = manifest.get("floatModules", manifest["modules"]) if use_float else manifest["modules"]
        self.modules = modules
        # A module's period counts schedule steps; these are chunks.
        frames = manifest["schedule"]["framesPerStep"]
        self.chunks = [m["period"] * frames // manifest["chunk"] for m in modules]
        options = ort.SessionOptions()
        options.log_severity_level = 3
        open_file = lambda path: ort.InferenceSession(str(ROOT / path), options, providers=["CPUExecutionProvider"])
        self.sessions = [open_file(m["file"]) for m in modules]
        # Some modules have another graph for their first runs.
        self.starts = [open_file(m["start"]["file"]) if "start" in m else None for m in modules]
        self.reset()

    def reset(self):
        """Back to the first step: every cache at its initial value, nothing collected."""
        self.steps = 0
        self.waiting = [{} for _ in self.modules]
        self.caches = [
            {c["input"]: initial_cache(c) for c in m["caches"] + m.get("start", {}).get("caches", [])}
            for m in self.modules
        ]

    def step(self, inputs):
        """One chunk in; all values that leave the modules that run in this step, by name."""
        values = dict(inputs)
        self.steps += 1
        for i, (module, session) in enumerate(zip(self.modules, self.sessions)):
            waiting = self.waiting[i]
            for p in module["inputs"]:
                if p["name"] in values:
                    joins = p["axis"] is not None
                    waiting[p["name"]] = (waiting.get(p["name"], []) if joins else []) + [values[p["name"]]]
            if self.steps % self.chunks[i]:
                continue
            runs = self.steps // self.chunks[i] - 1
            if runs < module["gateRuns"]:
                # Only frames from before the stream would enter: the module rests, its caches stay as they are.
                values.update({p["name"]: np.zeros(p["shape"], p["dtype"]) for p in module["outputs"]})
                waiting.clear()
                continue
            feeds = {p["name"]: joined(waiting[p["name"]], p["axis"]) for p in module["inputs"]}
            waiting.clear()
            caches = module["caches"]
            if "start" in module and runs < module["start"]["runs"]:
                session, caches = self.starts[i], caches + module["start"]["caches"]
            feeds.update({c["input"]: self.caches[i][c["input"]] for c in caches})
            results = dict(zip((o.name for o in session.get_outputs()), session.run(None, feeds)))
            values.update({p["name"]: results[p["name"]] for p in module["outputs"]})
            for c in caches:
                # A held cache keeps its initial value: what these runs see comes from before the stream.
                if runs >= c["holdSteps"]:
                    self.caches[i][c["input"]] = results[c["output"]]
        return values


def joined(parts, axis):
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis)


def initial_cache(cache):
    if isinstance(cache["init"], str):
        return np.load(ROOT / cache["init"])
    return np.full(cache["shape"], cache["init"], dtype=cache["dtype"])


def main():
    use_float = "--float" in sys.argv[1:]
    manifest = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    index = json.loads((ROOT / "vectors" / "index.json").read_text(encoding="utf-8"))
    model = StreamingModel(manifest, use_float)
    vectors = index["float" if use_float else manifest["precision"]]
    load = lambda paths: {name: np.load(ROOT / path) for name, path in paths.items()}
    cases = {
        name: {kind: load(v[kind]) for kind in ("inputs", "outputs", "nextCaches")} for name, v in vectors.items()
    }
    produced = {p["name"] for m in model.modules for p in m["outputs"]}
    worst, failures = 0.0, 0
    steps = min(vectors[m["name"]]["steps"] * n for m, n in zip(model.modules, model.chunks))
    for step in range(steps):
        feeds = {}
        for module, chunks in zip(model.modules, model.chunks):
            for p in module["inputs"]:
                if p["name"] not in produced and p["name"] not in feeds:
                    # A run of a slow module took several chunks.
                    row = cases[module["name"]]["inputs"][p["name"]][step // chunks]
                    streams = p["axis"] is not None
                    feeds[p["name"]] = np.split(row, chunks, p["axis"])[step % chunks] if streams else row
        values = model.step(feeds)
        for i, module in enumerate(model.modules):
            if (step + 1) % model.chunks[i]:
                continue
            run = step // model.chunks[i]
            expected = cases[module["name"]]
            tolerances = vectors[module["name"]]["tolerances"]
            actual = {name: values[name] for name in expected["outputs"]}
            actual.update({c["output"]: model.caches[i][c["input"]] for c in module["caches"]})
            for name, data in {**expected["outputs"], **expected["nextCaches"]}.items():
                difference = np.abs(actual[name].astype(np.float64) - data[run].astype(np.float64))
                error = float(difference.max()) if difference.size else 0.0
                if name in expected["outputs"]:
                    worst = max(worst, error)
                if not error <= tolerances[name]:
                    failures += 1
                    print(f"step {step}, {module['name']}, {name}: off by {error:.3g}, allowed {tolerances[name]:.3g}")
    print(f"{steps} steps, {len(model.modules)} module(s), max abs difference of outputs {worst:.3g}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
`;

/** A runnable example with numpy and onnxruntime: exit code 0 if it reproduces the test vectors. */
export function pythonExample(): Map<string, Uint8Array> {
  return new Map([
    ["python/run_stream.py", encodeUtf8(RUN_STREAM)],
    ["python/requirements.txt", encodeUtf8("numpy>=1.24\nonnxruntime>=1.17\n")],
  ]);
}
