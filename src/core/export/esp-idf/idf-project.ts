import { encodeUtf8 } from "../../base/utf8.ts";
import { decodeEspdlModel } from "../../format/espdl/decode-espdl.ts";
import { packModels } from "../../format/espdl/pack-container.ts";
import { frameMilliseconds } from "../../plan/frame-milliseconds.ts";
import type { EspdlTarget } from "../../targets/target.ts";
import { type ChipDeployment, fileSafe, moduleFile } from "../package-input.ts";
import { APP_MAIN } from "./app-main.ts";
import { APP_BYTES, APP_OFFSET, moduleMebibytes, partitionBytes } from "./flash-plan.ts";
import { packageHeader } from "./package-header.ts";
import { type FirmwareInput, streamTables } from "./stream-tables.ts";

/** Versions of ESP-DL whose kernels the device twin repeats. */
export const ESP_DL_VERSIONS = "~3.3.9";

const PARTITION = "model";
/** The image of several models that the project writes to flash. */
export const PACKED_FILE = "main/models.bin";

/** An ESP-IDF project around the models: builds, flashes and tests itself. Its root is the root of the package. */
export function idfProject(input: FirmwareInput): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const { chip } = input;
  if (!chip) return files;
  const tables = streamTables(input, chip);
  const image = flashImage(chip);
  const milliseconds = frameMilliseconds(input.plan);
  const header = packageHeader(input, tables, {
    partition: PARTITION,
    packed: chip.modules.length > 1,
    copyParameters: chip.target.psram,
    tested: new Set(chip.modules.filter(hasTest).map((m) => m.name)),
    frameUs: milliseconds === undefined ? undefined : milliseconds * 1000,
  });
  if (image.path === PACKED_FILE) files.set(PACKED_FILE, image.bytes);
  files.set("main/vectors.bin", tables.vectors);
  const texts: Readonly<Record<string, string>> = {
    "CMakeLists.txt": projectCmake(input.model.name),
    "partitions.csv": partitions(image.bytes.length),
    "sdkconfig.defaults": sdkconfig(chip.target, image.bytes.length),
    "main/CMakeLists.txt": mainCmake(image.path),
    "main/idf_component.yml": componentYml(chip.target),
    "main/package.hpp": header,
    "main/app_main.cpp": APP_MAIN,
  };
  for (const [path, text] of Object.entries(texts)) files.set(path, encodeUtf8(text));
  return files;
}

function hasTest({ bytes }: ChipDeployment["modules"][number]): boolean {
  return decodeEspdlModel(bytes).graph.testOutputs.size > 0;
}

/** What goes into the partition: the one model, or all of them as one package. */
function flashImage({ modules }: ChipDeployment): { path: string; bytes: Uint8Array } {
  const [first, ...others] = modules;
  if (first && others.length === 0) return { path: moduleFile("chip", first), bytes: first.bytes };
  const named = modules.map((m) => ({ name: `${fileSafe(m.name)}.espdl`, bytes: m.bytes }));
  return { path: PACKED_FILE, bytes: packModels(named) };
}

function projectCmake(model: string): string {
  const name = fileSafe(model)
    .replace(/\.onnx$/, "")
    .replace(/[^A-Za-z0-9_]/g, "_");
  return `cmake_minimum_required(VERSION 3.16)
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
project(stream_${name})
`;
}

function mainCmake(image: string): string {
  return `idf_component_register(SRCS app_main.cpp EMBED_FILES vectors.bin)
esptool_py_flash_to_partition(flash ${PARTITION} "\${CMAKE_CURRENT_SOURCE_DIR}/../${image}")
`;
}

function componentYml({ minIdf }: EspdlTarget): string {
  return `dependencies:
  espressif/esp-dl: "${ESP_DL_VERSIONS}"
  idf: ">=${minIdf}"
`;
}

function partitions(imageBytes: number): string {
  const hex = (n: number): string => `0x${n.toString(16)}`;
  return `# Name, Type, SubType, Offset, Size
factory, app, factory, ${hex(APP_OFFSET)}, ${hex(APP_BYTES)}
${PARTITION}, data, undefined, , ${hex(partitionBytes(imageBytes))}
`;
}

function sdkconfig({ idfTarget, sdkconfig: own }: EspdlTarget, imageBytes: number): string {
  const lines = [
    `CONFIG_IDF_TARGET="${idfTarget}"`,
    `CONFIG_ESPTOOLPY_FLASHSIZE_${moduleMebibytes(imageBytes)}MB=y`,
    "CONFIG_PARTITION_TABLE_CUSTOM=y",
    'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="partitions.csv"',
    "CONFIG_COMPILER_OPTIMIZATION_PERF=y",
    "CONFIG_ESP_MAIN_TASK_STACK_SIZE=16384",
    ...own,
  ];
  return `${lines.join("\n")}\n`;
}
