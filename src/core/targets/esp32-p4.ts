import { espTarget, PIE_V2, PSRAM } from "./esp-families.ts";

/** ESP32-P4. */
export const esp32P4 = espTarget({
  id: "esp32-p4",
  label: "ESP32-P4",
  family: PIE_V2,
  name: "esp32p4",
  sramBytes: 768 * 1024,
  psram: true,
  sdkconfig: [
    ...PSRAM,
    "CONFIG_IDF_EXPERIMENTAL_FEATURES=y",
    "CONFIG_SPIRAM_SPEED_200M=y",
    "CONFIG_CACHE_L2_CACHE_256KB=y",
    "CONFIG_CACHE_L2_CACHE_LINE_128B=y",
  ],
  sources: ["ESP32-P4 series datasheet: 768 KB L2MEM"],
});
