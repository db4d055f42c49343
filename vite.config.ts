import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { offline } from "./scripts/offline/offline.ts";

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

export default defineConfig({
  // Relative addresses: the build works from any folder or sub-path.
  base: "./",
  plugins: [react(), contentSecurityPolicy(), offline("scripts/offline/service-worker.js")],
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 900, modulePreload: { polyfill: false } },
  server: { headers: isolation },
  preview: { headers: isolation },
});
