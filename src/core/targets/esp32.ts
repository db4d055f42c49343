import { espTarget, PORTABLE, PSRAM_AT_240 } from "./esp-families.ts";

/** ESP32. */
export const esp32 = espTarget({
  id: "esp32",
  label: "ESP32",
  family: PORTABLE,
  name: "esp32",
  // ESP-PPQ calls the portable kernels "c".
  aliases: ["c"],
  sramBytes: 520 * 1024,
  psram: true,
  sdkconfig: PSRAM_AT_240,
  sources: ["ESP32 series datasheet: 520 KB SRAM"],
});
