/** `main/app_main.cpp`: the same in every package; what differs between packages is in `package.hpp` and `vectors.bin`. */
export const APP_MAIN = String.raw`// Runs the streaming modules of this package with ESP-DL: step by step, caches carried from run to run, every module when the
// schedule says so. At the start it checks each file against its own test vectors, then the whole stream against the outputs
// that Rill recorded, and prints how long each module takes.
//
// To use it, keep Stream and replace what self_test() pushes by your own frames: see "Your frames" in README.md.

#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dl_model_base.hpp"
#include "esp_log.h"
#include "esp_timer.h"
#include "fbs_loader.hpp"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "package.hpp"

extern const uint8_t vectors[] asm("_binary_vectors_bin_start");

namespace {

const char *TAG = "stream";

/// Frames of one value on their way into one module: as many as came, given out as many as a run takes.
class Feed {
public:
    explicit Feed(const package::Input &port) : port_(port), rows_(port.outer) {}

    void clear()
    {
        for (auto &row : rows_) row.clear();
    }

    /// Appends frames along the time axis; a value without one replaces the last.
    void push(const uint8_t *data, int frames)
    {
        if (port_.latest) clear();
        const size_t bytes = static_cast<size_t>(frames) * port_.frame_bytes;
        for (auto &row : rows_) {
            row.insert(row.end(), data, data + bytes);
            data += bytes;
        }
    }

    /// Takes the frames of one run; false if they are not all there.
    bool pull(uint8_t *out)
    {
        const size_t bytes = static_cast<size_t>(port_.frames) * port_.frame_bytes;
        for (auto &row : rows_) {
            if (row.size() < bytes) return false;
            std::memcpy(out, row.data(), bytes);
            out += bytes;
            if (!port_.latest) row.erase(row.begin(), row.begin() + bytes);
        }
        return true;
    }

private:
    const package::Input &port_;
    std::vector<std::vector<uint8_t>> rows_;
};

/// A cache that is an input and an output of its file: what a run leaves is what the next run reads.
class Cache {
public:
    explicit Cache(const package::Cache &record) : record_(record), bytes_(record.bytes) { reset(); }

    void reset()
    {
        if (record_.init_offset >= 0) {
            std::memcpy(bytes_.data(), vectors + record_.init_offset, bytes_.size());
            return;
        }
        for (size_t i = 0; i < bytes_.size(); i++) bytes_[i] = record_.fill[i % record_.element_bytes];
    }

    void write(dl::Model &model) const
    {
        std::memcpy(model.get_input(record_.input)->get_element_ptr(), bytes_.data(), bytes_.size());
    }

    void read(dl::Model &model, int run)
    {
        if (run < record_.hold_runs) return;
        std::memcpy(bytes_.data(), model.get_output(record_.output)->get_element_ptr(), bytes_.size());
    }

private:
    const package::Cache &record_;
    std::vector<uint8_t> bytes_;
};

/// One module with its file, its feeds and its caches.
struct Stage {
    const package::Module &record;
    std::unique_ptr<dl::Model> model;
    std::vector<Feed> feeds;
    std::vector<Cache> caches;
    int runs = 0;
    int64_t total_us = 0;
    int64_t longest_us = 0;

    Stage(const package::Module &module, fbs::FbsModel *file)
        : record(module), model(std::make_unique<dl::Model>(file, package::kInternalBytes))
    {
        for (int i = 0; i < module.input_count; i++) feeds.emplace_back(module.inputs[i]);
        for (int i = 0; i < module.cache_count; i++) caches.emplace_back(module.caches[i]);
    }
};

/// The whole model: frames go in with push(), step() runs what is due.
class Stream {
public:
    bool open(fbs::FbsLoader &loader)
    {
        for (const auto &module : package::kModules) {
            const uint8_t *no_key = nullptr;
            fbs::FbsModel *file = package::kPacked ? loader.load(module.file, no_key, package::kCopyParameters)
                                                   : loader.load(no_key, package::kCopyParameters);
            if (!file) return false;
            stages_.push_back(std::make_unique<Stage>(module, file));
        }
        return true;
    }

    /// Back to before the first frame.
    void reset()
    {
        step_ = 0;
        for (auto &stage : stages_) {
            stage->runs = 0;
            stage->model->reset();
            for (auto &feed : stage->feeds) feed.clear();
            for (auto &cache : stage->caches) cache.reset();
        }
    }

    /// Frames of a value for every module that reads it. Values are numbered: model inputs first, then outputs of modules.
    void push(int value, const uint8_t *data, int frames)
    {
        for (auto &stage : stages_) {
            for (int i = 0; i < stage->record.input_count; i++) {
                if (stage->record.inputs[i].value == value) stage->feeds[i].push(data, frames);
            }
        }
    }

    /// One step of the schedule. Calls on_run(module, run, output, data) for every output of every module that ran.
    template <typename OnRun>
    bool step(OnRun on_run)
    {
        for (auto &stage : stages_) {
            const package::Module &module = stage->record;
            const bool due = step_ >= module.first_step && (step_ - module.first_step) % module.period == 0;
            if (due && !run(*stage, on_run)) return false;
        }
        step_++;
        return true;
    }

    std::vector<std::unique_ptr<Stage>> &stages() { return stages_; }

private:
    template <typename OnRun>
    bool run(Stage &stage, OnRun &on_run)
    {
        const package::Module &module = stage.record;
        dl::Model &model = *stage.model;
        const bool gated = stage.runs < module.gate_runs;
        for (int i = 0; i < module.input_count; i++) {
            dl::TensorBase *input = model.get_input(module.inputs[i].name);
            if (!input || !stage.feeds[i].pull(input->get_element_ptr<uint8_t>())) {
                ESP_LOGE(TAG, "%s: no frames of %s", module.name, module.inputs[i].name);
                return false;
            }
        }
        if (!gated) {
            for (auto &cache : stage.caches) cache.write(model);
            const int64_t from = esp_timer_get_time();
            model.run();
            const int64_t took = esp_timer_get_time() - from;
            stage.total_us += took;
            if (took > stage.longest_us) stage.longest_us = took;
            for (auto &cache : stage.caches) cache.read(model, stage.runs);
        }
        for (int i = 0; i < module.output_count; i++) {
            const package::Output &port = module.outputs[i];
            const size_t bytes = static_cast<size_t>(port.outer) * port.frames * port.frame_bytes;
            // A gated module gives zeros: nothing but frames from before the stream would have entered.
            zeros_.assign(gated ? bytes : 0, 0);
            const uint8_t *data = gated ? zeros_.data() : model.get_output(port.name)->get_element_ptr<uint8_t>();
            on_run(module, stage.runs, port, data);
            push(port.value, data, port.frames);
        }
        stage.runs++;
        return true;
    }

    std::vector<std::unique_ptr<Stage>> stages_;
    std::vector<uint8_t> zeros_;
    int step_ = 0;
};

/// Whether an output is what Rill recorded: equal, or as near as ESP-DL's own test asks for.
bool same(const package::Output &port, const uint8_t *have, const uint8_t *want)
{
    const size_t bytes = static_cast<size_t>(port.outer) * port.frames * port.frame_bytes;
    if (std::memcmp(have, want, bytes) == 0) return true;
    if (port.type == package::Type::kInt16) {
        for (size_t i = 0; i < bytes; i += 2) {
            int16_t a, b;
            std::memcpy(&a, have + i, 2);
            std::memcpy(&b, want + i, 2);
            if (a - b > 1 || b - a > 1) return false;
        }
        return true;
    }
    if (port.type == package::Type::kFloat) {
        for (size_t i = 0; i < bytes; i += 4) {
            float a, b;
            std::memcpy(&a, have + i, 4);
            std::memcpy(&b, want + i, 4);
            if (!(std::fabs(a - b) <= 2e-5f)) return false;
        }
        return true;
    }
    return false;
}

/// Feeds the recorded frames and compares every output of every run.
bool self_test(Stream &stream)
{
    int compared = 0;
    int wrong = 0;
    const auto check = [&](const package::Module &module, int run, const package::Output &port, const uint8_t *data) {
        if (run >= module.recorded_runs) return;
        const size_t bytes = static_cast<size_t>(port.outer) * port.frames * port.frame_bytes;
        compared++;
        if (same(port, data, vectors + port.offset + run * bytes)) return;
        if (wrong++ < 8) ESP_LOGE(TAG, "%s, run %d: %s differs", module.name, run, port.name);
    };
    stream.reset();
    for (int step = 0; step < package::kRecordedSteps; step++) {
        for (const auto &source : package::kSources) {
            if ((step + 1) % source.every != 0) continue;
            const size_t bytes = static_cast<size_t>(source.outer) * source.frames * source.frame_bytes;
            stream.push(source.value, vectors + source.offset + (step / source.every) * bytes, source.frames);
        }
        if (!stream.step(check)) return false;
        vTaskDelay(1);
    }
    ESP_LOGI(TAG, "%d outputs of %d steps compared, %d differ", compared, package::kRecordedSteps, wrong);
    return wrong == 0 && compared > 0;
}

double percent(int64_t part, int64_t whole)
{
    return whole == 0 ? 0 : 100.0 * part / whole;
}

void print_latency(Stream &stream)
{
    int64_t per_round = 0;
    for (const auto &stage : stream.stages()) {
        const int runs = stage->runs - stage->record.gate_runs;
        if (runs <= 0) continue;
        const int64_t mean = stage->total_us / runs;
        per_round += mean * (package::kRound / stage->record.period);
        printf("%-24s %5d runs, %8" PRId64 " us mean, %8" PRId64 " us longest\n", stage->record.name, runs, mean,
               stage->longest_us);
    }
    printf("a round of the schedule (steps: %d, frames: %d) takes %" PRId64 " us", package::kRound,
           package::kRound * package::kFramesPerStep, per_round);
    if (package::kRoundUs > 0) {
        printf("; its frames last %" PRId64 " us: %.1f %% of one core", package::kRoundUs, percent(per_round, package::kRoundUs));
    }
    printf("\n");
}

} // namespace

extern "C" void app_main(void)
{
    static fbs::FbsLoader loader(package::kPartition, fbs::MODEL_LOCATION_IN_FLASH_PARTITION);
    static Stream stream;
    if (!stream.open(loader)) {
        ESP_LOGE(TAG, "the partition %s holds no models: flash the whole project", package::kPartition);
        return;
    }
    bool passed = true;
    for (const auto &stage : stream.stages()) {
        if (!stage->record.has_test) continue;
        const bool good = stage->model->test() == ESP_OK;
        passed = passed && good;
        printf("%s: layers %s\n", stage->record.name, good ? "equal" : "DIFFER");
    }
    const bool streams = self_test(stream);
    passed = passed && streams;
    print_latency(stream);
    for (const auto &stage : stream.stages()) stage->model->profile_memory();
    printf("%s\n", passed ? "SELF-TEST PASSED" : "SELF-TEST FAILED");
}
`;
