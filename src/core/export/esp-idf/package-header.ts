import { encodeUtf8 } from "../../base/utf8.ts";
import { fileSafe } from "../package-input.ts";
import type { CacheTable, FirmwareInput, ModuleTable, StreamTables } from "./stream-tables.ts";

/** What the firmware knows of the package beside its streams. */
export interface FirmwareFacts {
  readonly partition: string;
  /** Whether the partition holds several models as one package. */
  readonly packed: boolean;
  /** Whether parameters are copied from flash into RAM. */
  readonly copyParameters: boolean;
  /** Modules whose file has test vectors. */
  readonly tested: ReadonlySet<string>;
  /** Microseconds of signal per model-input frame; undefined if unknown. */
  readonly frameUs: number | undefined;
}

const TYPES: Readonly<Record<string, string>> = { int8: "kInt8", int16: "kInt16", float32: "kFloat" };

/** `main/package.hpp`: the tables of a package in C++. */
export function packageHeader(
  { schedule, model }: FirmwareInput,
  tables: StreamTables,
  facts: FirmwareFacts,
): string {
  const { sources, modules } = tables;
  const frameUs = facts.frameUs;
  return `// What this package holds, for app_main.cpp. Written by Rill from ${quoted(model.name)}; see manifest.json.
#pragma once

#include <cstddef>
#include <cstdint>

namespace package {

enum class Type { kInt8, kInt16, kFloat, kOther };

constexpr int kNoExponent = 127;

/// A model input: \`outer\` rows of \`frames\` frames arrive every \`every\` steps. real = integer * 2^exponent.
struct Source {
    const char *name;
    int value;
    int exponent;
    int every;
    int outer;
    int frames;
    int frame_bytes;
    size_t offset;
};

/// An input of a module; a value without time axis counts as it came last.
struct Input {
    const char *name;
    int value;
    int outer;
    int frames;
    int frame_bytes;
    bool latest;
};

struct Output {
    const char *name;
    int value;
    Type type;
    int exponent;
    int outer;
    int frames;
    int frame_bytes;
    size_t offset;
};

struct Cache {
    const char *input;
    const char *output;
    size_t bytes;
    uint8_t fill[8];
    int element_bytes;
    int hold_runs;
    long init_offset;
};

/// Runs at first_step and every \`period\` steps from there; the first \`gate_runs\` runs are left out.
struct Module {
    const char *name;
    const char *file;
    int period;
    int first_step;
    int gate_runs;
    int recorded_runs;
    bool has_test;
    const Input *inputs;
    int input_count;
    const Output *outputs;
    int output_count;
    const Cache *caches;
    int cache_count;
};

constexpr const char *kPartition = ${quoted(facts.partition)};
constexpr bool kPacked = ${facts.packed};
constexpr bool kCopyParameters = ${facts.copyParameters};
/// Bytes of internal RAM for activations where there is PSRAM; 0: all in PSRAM.
constexpr int kInternalBytes = 0;
constexpr int kFramesPerStep = ${schedule.framesPerStep};
/// Steps after which the schedule repeats, and how long they last; 0: not known.
constexpr int kRound = ${schedule.period};
constexpr int64_t kRoundUs = ${frameUs === undefined ? 0 : Math.round(frameUs * schedule.framesPerStep * schedule.period)};
constexpr int kRecordedSteps = ${tables.recordedSteps};

constexpr Source kSources[] = {
${sources.map((s) => `    {${quoted(s.name)}, ${s.value}, ${s.exponent ?? "kNoExponent"}, ${s.every}, ${s.outer}, ${s.frames}, ${s.frameBytes}, ${s.offset}},`).join("\n")}
};

${modules.map(moduleArrays).join("\n")}
constexpr Module kModules[] = {
${modules.map((m, i) => moduleRow(m, i, facts)).join("\n")}
};

} // namespace package
`;
}

function moduleArrays({ inputs, outputs, caches }: ModuleTable, i: number): string {
  const arrays = [
    inputs.length > 0 &&
      `constexpr Input kInputs${i}[] = {\n${inputs.map((p) => `    {${quoted(p.name)}, ${p.value}, ${p.outer}, ${p.frames}, ${p.frameBytes}, ${p.latest}},`).join("\n")}\n};\n`,
    outputs.length > 0 &&
      `constexpr Output kOutputs${i}[] = {\n${outputs.map((p) => `    {${quoted(p.name)}, ${p.value}, Type::${TYPES[p.dtype] ?? "kOther"}, ${p.exponent ?? "kNoExponent"}, ${p.outer}, ${p.frames}, ${p.frameBytes}, ${p.offset}},`).join("\n")}\n};\n`,
    caches.length > 0 && `constexpr Cache kCaches${i}[] = {\n${caches.map(cacheRow).join("\n")}\n};\n`,
  ];
  return arrays.filter((a) => a !== false).join("");
}

function cacheRow({ input, output, bytes, fill, holdRuns, initOffset }: CacheTable): string {
  return `    {${quoted(input)}, ${quoted(output)}, ${bytes}, {${fill.join(", ")}}, ${fill.length}, ${holdRuns}, ${initOffset}},`;
}

function moduleRow(m: ModuleTable, i: number, { tested }: FirmwareFacts): string {
  const array = (name: string, { length }: readonly unknown[]): string =>
    length > 0 ? `${name}${i}, ${length}` : "nullptr, 0";
  const numbers = [m.period, m.firstStep, m.gateRuns, m.recordedRuns, tested.has(m.name)].join(", ");
  const arrays = [array("kInputs", m.inputs), array("kOutputs", m.outputs), array("kCaches", m.caches)].join(
    ", ",
  );
  return `    {${quoted(m.name)}, ${quoted(`${fileSafe(m.name)}.espdl`)}, ${numbers}, ${arrays}},`;
}

/** A C++ string literal: what is not plain ASCII as octal escapes, which end by themselves. */
function quoted(text: string): string {
  const characters = [...encodeUtf8(text)].map((byte) => {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
    return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${characters.join("")}"`;
}
