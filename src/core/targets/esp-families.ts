import type { NumberFormat } from "../quant/esp/number-format.ts";
import type { CycleCosts, EspdlTarget } from "./target.ts";

/** What the chips of one family share: how they compute and how their filters lie. */
type Family = Pick<EspdlTarget, "formats" | "vectorBytes" | "accumulatorBits8" | "cycles"> & {
  readonly platforms: EspdlTarget["espPpq"]["platforms"];
};

function formats(
  rounding: NumberFormat["rounding"],
  perChannelFilters: boolean,
  biasBits: { readonly 8: NumberFormat["biasBits"]; readonly 16: NumberFormat["biasBits"] },
): EspdlTarget["formats"] {
  const of = (bits: 8 | 16): NumberFormat => ({
    bits,
    biasBits: biasBits[bits],
    rounding,
    perChannelFilters,
  });
  return { 8: of(8), 16: of(16) };
}

/**
 * Vectors of 128 bits: 16 products of 8 bits or 8 of 16 bits per instruction, elements by load, one operation, store. Sources: ESP32-S3
 * technical reference manual, chapter PIE (EE.VMULAS.S8 and .S16); developer.espressif.com, "PIE introduction" (ESP32-P4). In the
 * large: an 8-bit face recognition model is 2.5 times as fast as at 16 bits on ESP32-S3 (espressif.com, "Check out ESP-DL", 2021).
 */
const VECTOR_CYCLES = {
  multiplyAdd: { 8: 1 / 16, 16: 1 / 8 },
  element: { 8: 3 / 16, 16: 3 / 8 },
  lookup: 4,
  float: 12,
  transcendental: 60,
} as const satisfies CycleCosts;

/**
 * One product at a time. At 8 bits two loads, two steps, product, sum, loop; at 16 bits the sum has 64 bits, four instructions more
 * (esp-dl 12c0616, dl/base: int32 and int64 accumulators of the C kernels).
 */
const SCALAR_CYCLES = {
  multiplyAdd: { 8: 7, 16: 11 },
  element: { 8: 8, 16: 8 },
  lookup: 6,
  float: 16,
  transcendental: 70,
} as const satisfies CycleCosts;

/** Vector unit of the first generation. Source: EspdlQuantizer.py 54–64, 118–142; dl_tensor_base.cpp 466–561. */
export const PIE_V1: Family = {
  formats: formats("half-up", false, { 8: 20, 16: 40 }),
  vectorBytes: 16,
  accumulatorBits8: 20,
  cycles: VECTOR_CYCLES,
  platforms: { 8: "ESPDL_S3_INT8", 16: "ESPDL_S3_INT16" },
};

/** Vector unit of the second generation: rounds halves to even, one exponent per output channel. */
export const PIE_V2: Family = {
  formats: formats("half-even", true, { 8: 32, 16: 40 }),
  vectorBytes: 16,
  cycles: VECTOR_CYCLES,
  platforms: { 8: "ESPDL_INT8", 16: "ESPDL_INT16" },
};

/** Chips that run the portable C kernels. */
export const PORTABLE: Family = {
  formats: formats("half-up", false, { 8: 32, 16: 64 }),
  vectorBytes: 0,
  cycles: SCALAR_CYCLES,
  platforms: { 8: "ESPDL_C_INT8", 16: "ESPDL_C_INT16" },
};

/** The same on a core that computes float in software. */
export const PORTABLE_SOFT_FLOAT: Family = {
  ...PORTABLE,
  cycles: { ...SCALAR_CYCLES, float: 150, transcendental: 900 },
};

const ESP_DL_SOURCES = [
  "espressif/esp-ppq 1.3.5, api/espdl_interface.py 37–86 and quantization/quantizer/EspdlQuantizer.py 54–71, 118–142",
  "espressif/esp-dl 12c0616, dl/dl_define_private.hpp 30–48 and dl/tool/src/dl_tool.cpp 24–146, idf_component.yml",
];

export interface Chip {
  readonly id: string;
  readonly label: string;
  readonly family: Family;
  /** Name in ESP-PPQ and ESP-IDF. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly sramBytes: number;
  readonly psram: boolean;
  /** "5.3" if not given. */
  readonly minIdf?: string;
  readonly sdkconfig?: readonly string[];
  readonly sources: readonly string[];
}

/** External RAM where the board has it; it starts without, too. */
export const PSRAM: readonly string[] = ["CONFIG_SPIRAM=y", "CONFIG_SPIRAM_IGNORE_NOTFOUND=y"];

const CPU_240 = "CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ_240=y";
/** The same with the fastest clock of Xtensa chips. */
export const PSRAM_AT_240: readonly string[] = [...PSRAM, CPU_240];

/** A chip with what its family gives it. */
export function espTarget({
  family,
  name,
  aliases = [],
  sources,
  minIdf = "5.3",
  sdkconfig = [],
  ...chip
}: Chip): EspdlTarget {
  const { platforms, ...shared } = family;
  return {
    ...chip,
    ...shared,
    exporter: "espdl",
    aliases: [name, ...aliases].filter((alias) => alias !== chip.id),
    espPpq: { target: name, platforms },
    idfTarget: name,
    minIdf,
    sdkconfig,
    sources: [...sources, ...ESP_DL_SOURCES],
  };
}
