import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readManifest, readVectorIndex } from "../src/core/export/read-manifest.ts";
import { VECTOR_INDEX } from "../src/core/export/test-vectors.ts";
import { decodeNpy } from "../src/core/format/npy/decode-npy.ts";

/*
 * A package's firmware built and run on this machine: its own app_main.cpp against headers with the signatures of ESP-DL 3.3.9
 * (dl_model_base.hpp, fbs_loader.hpp, dl_tensor_base.hpp) and ESP-IDF, over a "runtime" that checks what goes into every run of
 * every module against the recorded vectors and answers with the recorded outputs.
 */

const HEADERS: Readonly<Record<string, string>> = {
  "esp_log.h": `#pragma once
#include <cstdio>
#define ESP_LOGE(tag, fmt, ...) printf("E %s: " fmt "\\n", tag, ##__VA_ARGS__)
#define ESP_LOGI(tag, fmt, ...) printf("I %s: " fmt "\\n", tag, ##__VA_ARGS__)
`,
  "esp_timer.h": "#pragma once\n#include <cstdint>\nint64_t esp_timer_get_time();\n",
  "freertos/FreeRTOS.h": "#pragma once\n",
  "freertos/task.h": "#pragma once\nvoid vTaskDelay(int);\n",
  "fbs_loader.hpp": `#pragma once
#include <cstdint>
#include <string>
namespace fbs {
typedef enum { MODEL_LOCATION_IN_FLASH_RODATA, MODEL_LOCATION_IN_FLASH_PARTITION, MODEL_LOCATION_IN_SDCARD } model_location_type_t;
class FbsModel { public: std::string name; };
class FbsLoader {
public:
    FbsLoader(const char *rodata_address_or_partition_label_or_path = nullptr,
              model_location_type_t location = MODEL_LOCATION_IN_FLASH_RODATA);
    FbsModel *load(const uint8_t *key = nullptr, bool param_copy = true);
    FbsModel *load(const int model_index, const uint8_t *key = nullptr, bool param_copy = true);
    FbsModel *load(const char *model_name, const uint8_t *key = nullptr, bool param_copy = true);
};
}
`,
  "dl_model_base.hpp": `#pragma once
#include "fbs_loader.hpp"
#include <map>
#include <string>
#include <vector>
typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL -1
namespace dl {
typedef enum { MEMORY_MANAGER_GREEDY = 0, LINEAR_MEMORY_MANAGER = 1 } memory_manager_t;
typedef enum { RUNTIME_MODE_AUTO = 0, RUNTIME_MODE_SINGLE_CORE = 1, RUNTIME_MODE_MULTI_CORE = 2 } runtime_mode_t;
class TensorBase {
public:
    std::vector<uint8_t> bytes;
    virtual void *get_element_ptr() { return bytes.data(); }
    template <typename T> T *get_element_ptr() { return (T *)bytes.data(); }
};
class Model {
public:
    Model(const char *rodata_address_or_partition_label_or_path,
          fbs::model_location_type_t location = fbs::MODEL_LOCATION_IN_FLASH_RODATA, int max_internal_size = 0,
          memory_manager_t mm_type = MEMORY_MANAGER_GREEDY, const uint8_t *key = nullptr, bool param_copy = true,
          const std::map<std::string, std::vector<int>> &input_shapes = {});
    Model(fbs::FbsModel *fbs_model, int internal_size = 0, memory_manager_t mm_type = MEMORY_MANAGER_GREEDY,
          const std::map<std::string, std::vector<int>> &input_shapes = {});
    virtual ~Model() {}
    virtual void run(runtime_mode_t mode = RUNTIME_MODE_SINGLE_CORE);
    virtual void run(TensorBase *input, runtime_mode_t mode = RUNTIME_MODE_SINGLE_CORE);
    esp_err_t test();
    void profile_memory();
    virtual void reset();
    virtual TensorBase *get_input();
    virtual TensorBase *get_input(const std::string &name);
    virtual TensorBase *get_output();
    virtual TensorBase *get_output(const std::string &name);
private:
    std::string name;
    int at = 0;
    std::map<std::string, TensorBase> ins, outs;
};
}
`,
};

const RUNTIME = `
#include "dl_model_base.hpp"
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
struct Port { std::string kind, name; int runs, bytes, gate; std::vector<uint8_t> data; };
static std::map<std::string, std::vector<Port>> ports;
static std::string first;
static int checked = 0, bad = 0;
static std::vector<uint8_t> contents(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    return std::vector<uint8_t>((std::istreambuf_iterator<char>(file)), {});
}
static void load_ports()
{
    std::ifstream list("ports.txt");
    for (std::string line; std::getline(list, line);) {
        std::stringstream fields(line);
        std::string field[7];
        for (auto &f : field) std::getline(fields, f, '\\t');
        if (first.empty()) first = field[0];
        ports[field[0]].push_back({field[1], field[2], std::stoi(field[3]), std::stoi(field[4]), std::stoi(field[5]), contents(field[6])});
    }
}
namespace fbs {
FbsLoader::FbsLoader(const char *label, model_location_type_t location)
{
    if (std::strcmp(label, "model") != 0 || location != MODEL_LOCATION_IN_FLASH_PARTITION) return;
    load_ports();
}
FbsModel *FbsLoader::load(const uint8_t *, bool) { return first.empty() ? nullptr : new FbsModel{first}; }
FbsModel *FbsLoader::load(const char *name, const uint8_t *, bool) { return ports.count(name) ? new FbsModel{name} : nullptr; }
}
namespace dl {
Model::Model(fbs::FbsModel *file, int, memory_manager_t, const std::map<std::string, std::vector<int>> &) : name(file->name)
{
    for (auto &port : ports[name]) (port.kind == "in" ? ins : outs)[port.name].bytes.resize(port.bytes);
    reset();
}
void Model::reset() { at = ports[name].empty() ? 0 : ports[name][0].gate; }
void Model::run(runtime_mode_t)
{
    for (auto &port : ports[name]) {
        if (at >= port.runs) continue;
        const uint8_t *recorded = port.data.data() + (size_t)at * port.bytes;
        if (port.kind == "out") {
            std::memcpy(outs[port.name].bytes.data(), recorded, port.bytes);
            continue;
        }
        checked++;
        if (std::memcmp(ins[port.name].bytes.data(), recorded, port.bytes) == 0) continue;
        bad++;
        printf("%s, run %d: %s is fed otherwise than recorded\\n", name.c_str(), at, port.name.c_str());
    }
    // The runtime may use the memory of inputs for other tensors.
    for (auto &input : ins) input.second.bytes.assign(input.second.bytes.size(), 0x55);
    at++;
}
esp_err_t Model::test() { return ESP_OK; }
void Model::profile_memory() {}
TensorBase *Model::get_input(const std::string &n) { return ins.count(n) ? &ins[n] : nullptr; }
TensorBase *Model::get_output(const std::string &n) { return outs.count(n) ? &outs[n] : nullptr; }
TensorBase *Model::get_input() { return nullptr; }
TensorBase *Model::get_output() { return nullptr; }
void Model::run(TensorBase *, runtime_mode_t) {}
}
int64_t esp_timer_get_time() { static int64_t now = 0; return now += 7; }
void vTaskDelay(int) {}
extern "C" void app_main(void);
int main()
{
    app_main();
    printf("inputs: %d checked, %d bad\\n", checked, bad);
    return bad != 0;
}
`;

/** vectors.bin under the name that ESP-IDF's EMBED_FILES gives it. */
const VECTORS = `.section .rodata
.global _binary_vectors_bin_start
_binary_vectors_bin_start:
.incbin "vectors.bin"
.section .note.GNU-stack,"",%progbits
`;

/** Whether a C++ compiler is here that knows this machine's assembler directives. */
export function hasHostCompiler(): boolean {
  return process.platform === "linux" && spawnSync("g++", ["--version"]).status === 0;
}

/** Builds and runs a package's firmware; what it printed, compiler's complaints before. */
export function runFirmware(files: ReadonlyMap<string, Uint8Array>): { status: number; printed: string } {
  const folder = mkdtempSync(join(tmpdir(), "rill-firmware-"));
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  try {
    for (const [path, text] of Object.entries(HEADERS)) write(`stubs/${path}`, text);
    for (const path of ["app_main.cpp", "package.hpp", "vectors.bin"])
      write(path, files.get(`main/${path}`) ?? new Uint8Array(0));
    write("runtime.cpp", RUNTIME);
    write("vectors.s", VECTORS);
    write("ports.txt", portsOf(files, write));
    const flags = ["-std=gnu++20", "-Wall", "-Wextra", "-Werror", "-O1", "-Istubs"];
    const sources = ["app_main.cpp", "runtime.cpp", "vectors.s"];
    const built = spawnSync("g++", [...flags, ...sources, "-o", "firmware"], {
      cwd: folder,
      encoding: "utf8",
    });
    if (built.status !== 0) return { status: built.status ?? 1, printed: built.stderr };
    const ran = spawnSync(join(folder, "firmware"), { cwd: folder, encoding: "utf8" });
    return { status: ran.status ?? 1, printed: ran.stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line per input and output of every module: module, kind, name, runs, bytes a run, gated runs, file with the recorded bytes. */
function portsOf(
  files: ReadonlyMap<string, Uint8Array>,
  write: (path: string, content: Uint8Array) => void,
): string {
  const bytesOf = (path: string): Uint8Array => files.get(path) ?? new Uint8Array(0);
  const vectors = readVectorIndex(bytesOf(VECTOR_INDEX)).get("chip");
  const manifest = readManifest(bytesOf("manifest.json"));
  const modules = manifest.sets.find((set) => set.precision === "chip")?.modules ?? [];
  const lines: string[] = [];
  for (const module of modules) {
    const paths = vectors?.get(module.name);
    if (!paths) throw new Error(`no vectors of ${module.name}`);
    const inside = new Set(module.caches.filter((c) => c.internal).flatMap((c) => [c.input, c.output]));
    const kinds = [
      ["in", { ...paths.inputs, ...paths.caches }],
      ["out", { ...paths.outputs, ...paths.nextCaches }],
    ] as const;
    for (const [kind, list] of kinds) {
      for (const [name, path] of Object.entries(list)) {
        if (inside.has(name)) continue;
        const { dims, bytes } = decodeNpy(bytesOf(path), path);
        const [runs = 0] = dims;
        const file = `port-${lines.length}.bin`;
        write(file, bytes);
        const modelFile = module.file.replace(/^.*\//, "");
        lines.push([modelFile, kind, name, runs, bytes.length / runs, module.gateRuns, file].join("\t"));
      }
    }
  }
  return `${lines.join("\n")}\n`;
}
