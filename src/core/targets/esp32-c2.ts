import { espTarget, PORTABLE_SOFT_FLOAT } from "./esp-families.ts";

/** ESP32-C2. */
export const esp32C2 = espTarget({
  id: "esp32-c2",
  label: "ESP32-C2",
  family: PORTABLE_SOFT_FLOAT,
  name: "esp32c2",
  sramBytes: 272 * 1024,
  psram: false,
  sources: ["ESP8684 (ESP32-C2) series datasheet: 272 KB SRAM, 16 KB of it cache"],
});
