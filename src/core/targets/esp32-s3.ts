import { espTarget, PIE_V1, PSRAM_AT_240 } from "./esp-families.ts";

/** ESP32-S3. */
export const esp32S3 = espTarget({
  id: "esp32-s3",
  label: "ESP32-S3",
  family: PIE_V1,
  name: "esp32s3",
  sramBytes: 512 * 1024,
  psram: true,
  sdkconfig: [
    ...PSRAM_AT_240,
    "CONFIG_SPIRAM_MODE_OCT=y",
    "CONFIG_SPIRAM_SPEED_80M=y",
    "CONFIG_ESP32S3_INSTRUCTION_CACHE_32KB=y",
    "CONFIG_ESP32S3_DATA_CACHE_64KB=y",
    "CONFIG_ESP32S3_DATA_CACHE_LINE_64B=y",
  ],
  sources: ["ESP32-S3 series datasheet: 512 KB SRAM"],
});
