import { espTarget, PIE_V1 } from "./esp-families.ts";

/** ESP32-S3. */
export const esp32S3 = espTarget({
  id: "esp32-s3",
  label: "ESP32-S3",
  family: PIE_V1,
  name: "esp32s3",
  sramBytes: 512 * 1024,
  psram: true,
  sources: ["ESP32-S3 series datasheet: 512 KB SRAM"],
});
