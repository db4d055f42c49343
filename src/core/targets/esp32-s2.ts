import { espTarget, PORTABLE_SOFT_FLOAT, PSRAM_AT_240 } from "./esp-families.ts";

/** ESP32-S2. */
export const esp32S2 = espTarget({
  id: "esp32-s2",
  label: "ESP32-S2",
  family: PORTABLE_SOFT_FLOAT,
  name: "esp32s2",
  sramBytes: 320 * 1024,
  psram: true,
  sdkconfig: PSRAM_AT_240,
  sources: ["ESP32-S2 series datasheet: 320 KB SRAM"],
});
