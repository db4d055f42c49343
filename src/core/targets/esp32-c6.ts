import { espTarget, PORTABLE_SOFT_FLOAT } from "./esp-families.ts";

/** ESP32-C6. */
export const esp32C6 = espTarget({
  id: "esp32-c6",
  label: "ESP32-C6",
  family: PORTABLE_SOFT_FLOAT,
  name: "esp32c6",
  sramBytes: 512 * 1024,
  psram: false,
  sources: ["ESP32-C6 series datasheet: 512 KB SRAM"],
});
