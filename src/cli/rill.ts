import { fail } from "../core/base/problem.ts";
import { compare } from "./compare.ts";
import { inspect } from "./inspect.ts";
import { packageCommand } from "./package.ts";
import { stream } from "./stream.ts";
import { EXIT, report, type Terminal } from "./terminal.ts";
import { twin } from "./twin.ts";
import { verify } from "./verify.ts";

type Command = (words: readonly string[], terminal: Terminal) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  compare,
  inspect,
  package: packageCommand,
  stream,
  twin,
  verify,
};

const HELP = `rill: offline ONNX models into streaming, quantized, verified packages

  rill inspect MODEL [--probe] [--json]
  rill stream  MODEL [--axis IN=AXIS] [--rate IN=FRAMES/PER[+DELAY]] [--chunk N]
               [--split V,V | --modules N] [--warm-up auto|hold|mask|two-graph|ignore]
               [--end open|exact] [--approximate all|NODE=KIND[:N]]...
               [--plan P] [--data FILE|DIR...] [--no-prove] -o DIR [--json]
               [--states auto|none|IN=OUT,...] [--fix IN=NUMBER]
  rill package MODEL --data FILE|DIR... [--features NAME:KEY=VALUE,...] --target ID
               [--method kl|minmax|percentile|mse] [--warm-up …] [--plan P] -o OUT.zip [--json]
               [--states auto|none|IN=OUT,...] [--fix IN=NUMBER]
               and --axis, --rate, --chunk, --split, --modules, --end, --approximate as above
               chips: [--bits 8|16] [--int16 NODE,...] [--budget X|bytes=X,cycles=X|unlimited]
               [--caches internal|explicit] [--compatible esp-ppq] [--offline]
  rill twin    OFFLINE STREAMING [--axis IN=AXIS] [--state IN=OUT] [--chunk N] [--hop N] [--delay N]
               [--tolerance X] [--json]
  rill compare A B [--json]
               two quantized files, .espdl or QDQ .onnx, value by value; structure and axes may differ
  rill verify  OUT.zip [--json]

What cannot stream exactly is refused, with what could stand in: "rill inspect" lists it, --approximate takes it,
"all" takes what suits best. What it costs is measured and printed; the result is labelled approximate.

Targets are onnxruntime and chips that run ESP-DL: esp32-s3, esp32-p4, esp32-s31, esp32, esp32-s2, esp32-c2,
esp32-c3, esp32-c5, esp32-c6; names of ESP-PPQ (esp32s3, c, ...) mean the same. Several, joined by commas, give a
package each: OUT-<target>.zip. A chip's package is an ESP-IDF project. --compatible repeats another tool's numbers;
--offline packages the model unconverted, and an .npy with one more axis in front holds samples.

--int16 gives operators 16 bits; --budget finds those that gain most by it, while memory (parameters, caches,
activations) and estimated cycles stay within X times what they are without. What it chose is printed, with what
each step gained and cost.

Data are .wav and .npy files, or folders of them. Exit code: 0 verified, 1 not verified, 2 a problem
(printed as "code: sentence"; nothing is written), 3 a fault of Rill itself.
`;

/** Runs one command line; answers the exit code. */
export async function rill(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = words;
  if (
    name === "help" ||
    name === "--help" ||
    name === "-h" ||
    rest.includes("--help") ||
    rest.includes("-h")
  ) {
    terminal.out(HELP);
    return EXIT.verified;
  }
  try {
    if (name === undefined) return fail({ code: "cli.usage", what: "a command is missing" });
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) return fail({ code: "cli.usage", what: `unknown command ${name}` });
    return await command(rest, terminal);
  } catch (error) {
    return report(error, terminal);
  }
}
