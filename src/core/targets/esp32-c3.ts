import { espTarget, PORTABLE_SOFT_FLOAT } from "./esp-families.ts";

/** ESP32-C3. */
export const esp32C3 = espTarget({
  id: "esp32-c3",
  label: "ESP32-C3",
  family: PORTABLE_SOFT_FLOAT,
  name: "esp32c3",
  sramBytes: 400 * 1024,
  psram: false,
  sources: ["ESP32-C3 series datasheet: 400 KB SRAM, 16 KB of it cache"],
});
