import { espTarget, PIE_V2 } from "./esp-families.ts";

/** ESP32-P4. */
export const esp32P4 = espTarget({
  id: "esp32-p4",
  label: "ESP32-P4",
  family: PIE_V2,
  name: "esp32p4",
  sramBytes: 768 * 1024,
  psram: true,
  sources: ["ESP32-P4 series datasheet: 768 KB L2MEM"],
});
