import { fail } from "../../core/base/problem.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import type { EspdlModel } from "../../core/format/espdl/espdl-model.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import { programOfEspdl, roundingOfTarget } from "../../core/program/espdl/program-of-espdl.ts";
import { DeviceTwin } from "../../core/program/interpreter.ts";
import { type Program, tensorIn } from "../../core/program/program.ts";
import type { Rounding } from "../../core/quant/scheme.ts";
import { initialTensor } from "../../core/stream/filled-tensor.ts";
import type { Runtime, Session } from "../ports.ts";

export interface TwinOptions {
  /** Runs answer every value that is computed, not outputs and states alone. */
  readonly everything?: boolean;
}

/**
 * A program behind the interface of a runtime's session. Its own states, if it has any, start every run with their initial
 * contents unless they are fed; what they become can be fetched, so that a stream goes on where it stood.
 */
export function twinSession(program: Program, { everything = false }: TwinOptions = {}): Session {
  const fresh = Object.fromEntries(
    program.states.map(({ input, init }) => {
      const { dtype, dims } = tensorIn(program, input);
      return [input, initialTensor({ dtype, shape: dims, init })] as const;
    }),
  );
  const twin = new DeviceTwin({ ...program, states: [] });
  return {
    inputNames: program.inputs.filter((name) => !Object.hasOwn(fresh, name)),
    outputNames: program.outputs,
    async run(feeds, fetches): Promise<Record<string, Tensor>> {
      const values = twin.step({ ...fresh, ...feeds });
      if (everything && !fetches) return Object.fromEntries(values);
      const wanted = fetches ?? [...program.outputs, ...program.states.map((s) => s.output)];
      return Object.fromEntries(
        wanted.map((name) => {
          const tensor = values.get(name);
          return [
            name,
            tensor ?? fail({ code: "model.runtimeRefused", what: { code: "valueAbsent", name } }),
          ];
        }),
      );
    },
    async release() {},
  };
}

/** Opens `.espdl` bytes in the device twin. Everything that the twin computes may be fetched. */
export function twinRuntime(rounding?: Rounding, options: TwinOptions = {}): Runtime {
  return {
    open: async (bytes) => {
      const model = decodeEspdlModel(bytes);
      return twinSession(programOfEspdl(model, rounding ?? roundingOf(model)), options);
    },
  };
}

/** A runtime that opens `.espdl` bytes in the device twin, as the chip that they name rounds, and all others itself. */
export function withTwin(runtime: Runtime): Runtime {
  const twin = twinRuntime();
  return { open: (bytes, options) => (isEspdl(bytes) ? twin.open(bytes) : runtime.open(bytes, options)) };
}

function roundingOf({ metadata }: EspdlModel): Rounding {
  return roundingOfTarget(metadata.get("target"));
}

export function isEspdl(bytes: Uint8Array): boolean {
  return bytes[0] === 0x45 && bytes[1] === 0x44 && bytes[2] === 0x4c;
}
