import { fail } from "../../core/base/problem.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import { programOfEspdl } from "../../core/program/espdl/program-of-espdl.ts";
import { DeviceTwin } from "../../core/program/interpreter.ts";
import type { Program } from "../../core/program/program.ts";
import type { Rounding } from "../../core/quant/scheme.ts";
import type { Runtime, Session } from "../ports.ts";

/** A program behind the interface of a runtime's session. Its own states, if it has any, are reset before every run. */
export function twinSession(program: Program): Session {
  const twin = new DeviceTwin(program);
  const states = new Set(program.states.map((s) => s.input));
  return {
    inputNames: program.inputs.filter((name) => !states.has(name)),
    outputNames: program.outputs,
    async run(feeds, fetches = program.outputs): Promise<Record<string, Tensor>> {
      twin.reset();
      const values = twin.step(feeds);
      return Object.fromEntries(
        fetches.map((name) => {
          const tensor = values.get(name);
          return [name, tensor ?? fail({ code: "model.runtimeRefused", what: `no value ${name}` })];
        }),
      );
    },
    async release() {},
  };
}

/** Opens `.espdl` bytes in the device twin. Everything that the twin computes may be fetched. */
export function twinRuntime(rounding: Rounding): Runtime {
  return {
    open: async (bytes) => twinSession(programOfEspdl(decodeEspdlModel(bytes), rounding)),
  };
}
