import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"],
    // The first run of onnxruntime's wasm compiles 14 MB.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
