import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/** Headers that make the page cross-origin isolated, as `npm start` serves it. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The built page may talk to its own origin only; the browser enforces the privacy line on the screen. */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "connect-src 'self' blob:",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'none'",
].join("; ");

function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: policy },
        injectTo: "head-prepend",
      },
    ],
  };
}

/** Everything the page can ever ask for is kept at the first visit; a newer build waits until the person wants it. */
const offline = VitePWA({
  registerType: "prompt",
  injectRegister: false,
  includeAssets: ["icon.svg"],
  workbox: {
    globPatterns: ["**/*.{html,js,css,wasm,svg,png,json,onnx,wav}"],
    // The runtime is 14 MB of wasm.
    maximumFileSizeToCacheInBytes: 32 * 1024 * 1024,
    // The names of these files carry their own hashes.
    dontCacheBustURLsMatching: /assets\//,
    cleanupOutdatedCaches: true,
    inlineWorkboxRuntime: true,
    sourcemap: false,
  },
  manifest: {
    name: "Rill",
    short_name: "Rill",
    description: "Turn an offline ONNX model into a streaming, quantized, verified package.",
    display: "standalone",
    start_url: "./",
    scope: "./",
    background_color: "#f3f5f7",
    theme_color: "#1f5fd0",
    icons: [
      { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
      { src: "icon-192.png", sizes: "192x192", type: "image/png" },
      { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "any maskable" },
    ],
  },
});

export default defineConfig({
  // Relative addresses: the build works from any folder or sub-path.
  base: "./",
  plugins: [react(), contentSecurityPolicy(), offline],
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 900, modulePreload: { polyfill: false } },
  server: { headers: isolation },
  preview: { headers: isolation },
});
