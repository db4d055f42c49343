import { espTarget, PIE_V2, PSRAM } from "./esp-families.ts";

/** ESP32-S31. */
export const esp32S31 = espTarget({
  id: "esp32-s31",
  label: "ESP32-S31",
  family: PIE_V2,
  name: "esp32s31",
  sramBytes: 512 * 1024,
  psram: true,
  minIdf: "6.0",
  sdkconfig: PSRAM,
  sources: ["ESP32-S31 product page: 512 KB SRAM"],
});
