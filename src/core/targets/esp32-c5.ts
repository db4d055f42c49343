import { espTarget, PORTABLE_SOFT_FLOAT, PSRAM } from "./esp-families.ts";

/** ESP32-C5. */
export const esp32C5 = espTarget({
  id: "esp32-c5",
  label: "ESP32-C5",
  family: PORTABLE_SOFT_FLOAT,
  name: "esp32c5",
  sramBytes: 384 * 1024,
  psram: true,
  minIdf: "5.5",
  sdkconfig: PSRAM,
  sources: ["ESP32-C5 series datasheet: 384 KB SRAM"],
});
