import { fail } from "../core/base/problem.ts";
import { errorRecord } from "../core/export/manifest.ts";
import { short } from "../core/export/numbers.ts";
import { compareTwin, type TwinOptions, type TwinReport } from "../engine/compare-twin.ts";
import { SILENT_JOB } from "../engine/ports.ts";
import { createRuntime } from "../runtime/ort.ts";
import { type Arguments, countOf, readArguments } from "./arguments.ts";
import { axesFrom } from "./plan-options.ts";
import { readModel } from "./read-model.ts";
import { pairRows } from "./state-text.ts";
import { columns, EXIT, printJson, type Terminal } from "./terminal.ts";

/** `rill twin`: a streaming model that somebody else made, rolled step by step, against its offline model. */
export async function twin(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, {
    axis: "values",
    state: "values",
    chunk: "value",
    hop: "value",
    delay: "value",
    tolerance: "value",
    json: "flag",
  });
  const [first, second, third] = args.positionals;
  if (first === undefined || second === undefined) {
    return fail({ code: "cli.usage", what: `${first === undefined ? "OFFLINE" : "STREAMING"} is missing` });
  }
  if (third !== undefined) fail({ code: "cli.usage", what: `unexpected word ${third}` });
  const offline = readModel(first);
  const streaming = readModel(second);
  const axes = axesFrom(args.values("axis"), offline);
  const states = args.values("state").map(stateFrom);
  const options = {
    ...numbersFrom(args),
    ...(axes && { axes }),
    ...(states.length > 0 && { states }),
  };
  const report = await compareTwin({ offline, streaming }, options, createRuntime(), SILENT_JOB);
  if (args.flag("json")) printJson(terminal, asJson(report));
  else terminal.out(asText(report));
  return report.verdict === "equal" ? EXIT.verified : EXIT.notVerified;
}

/** `INPUT=OUTPUT`. */
function stateFrom(word: string): { input: string; output: string } {
  const at = word.indexOf("=");
  if (at < 1 || at === word.length - 1)
    fail({ code: "cli.usage", what: `--state needs INPUT=OUTPUT, not ${word}` });
  return { input: word.slice(0, at), output: word.slice(at + 1) };
}

function numbersFrom(args: Arguments): TwinOptions {
  const count = (name: string) => {
    const text = args.value(name);
    return text === undefined ? undefined : countOf(text, `--${name}`);
  };
  const [chunk, hop] = [count("chunk"), count("hop")];
  const [delay, tolerance] = [args.value("delay"), args.value("tolerance")];
  if (delay !== undefined && !/^-?\d+$/.test(delay))
    fail({ code: "cli.usage", what: `--delay needs a whole number, not ${delay}` });
  if (tolerance !== undefined && !(Number(tolerance) >= 0 && tolerance.trim() !== ""))
    fail({ code: "cli.usage", what: `--tolerance needs a number of at least 0, not ${tolerance}` });
  return {
    ...(chunk !== undefined && { chunk }),
    ...(hop !== undefined && { hop }),
    ...(delay !== undefined && { delayFrames: Number(delay) }),
    ...(tolerance !== undefined && { tolerance: Number(tolerance) }),
  };
}

function asJson(report: TwinReport): object {
  const outputs = report.outputs.map(({ twin: name, axis, delayFrames, ...errors }) => ({
    ...errorRecord(errors),
    twin: name,
    axis: axis ?? null,
    delayFrames,
  }));
  return { ...report, outputs };
}

function asText({ verdict, outputs, pairs, stateBytes, chunk, steps, tolerance }: TwinReport): string {
  const rows = outputs.map((o) => {
    if (o.frames === 0)
      return [o.value, o.twin, "different", "no frames to compare: their shapes do not go together"];
    return [
      o.value,
      o.twin,
      o.maxRelative <= tolerance ? "equal" : "different",
      `worst ${short(o.maxRelative)} of its range`,
      `${o.frames} frames`,
      o.delayFrames === 0 ? "no delay" : `delay ${o.delayFrames}`,
      o.maxRelative > tolerance ? `first bad frame ${o.firstBadFrame}` : "",
    ];
  });
  const states =
    pairs.length === 0 ? "No states\n" : `States, ${stateBytes} bytes\n${columns(pairRows(pairs))}`;
  return `${states}\nOutputs, ${steps} steps of ${chunk} frames\n${columns(rows)}
streaming against offline: ${verdict} (allowed ${short(tolerance)})
`;
}
