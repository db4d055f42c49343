import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const MIME = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wav": "audio/wav",
};

/** What a page needs for SharedArrayBuffer, hence for threaded wasm. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/**
 * Serves a folder as plain static files under `base`, with no fallback pages. Without `isolated` there are no special
 * headers, as on any host. If the port is taken and `strictPort` is false, the next free one is used.
 */
export async function serveFolder({ folder, port = 4173, base = "/", isolated = false, strictPort = false }) {
  const root = resolve(folder);
  const prefix = `/${base.replace(/^\/+|\/+$/g, "")}/`.replace("//", "/");
  const server = createServer((request, response) => {
    answer(request, response, { root, prefix, isolated }).catch(() => response.destroy());
  });
  const used = await listen(server, port, strictPort);
  return {
    url: `http://localhost:${used}${prefix}`,
    close: () => new Promise((done) => server.close(done)),
  };
}

async function answer(request, response, { root, prefix, isolated }) {
  const reply = (status, headers = {}) =>
    response.writeHead(status, { ...(isolated ? ISOLATION : {}), ...headers });
  if (request.method !== "GET" && request.method !== "HEAD") return reply(405).end();
  const file = pathOf(request.url ?? "/", prefix);
  if (file === undefined) return reply(404).end("Not found");
  let path = join(root, file);
  if (path !== root && !path.startsWith(root + sep)) return reply(404).end("Not found");
  let info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) {
    path = join(path, "index.html");
    info = await stat(path).catch(() => undefined);
  }
  if (!info?.isFile()) return reply(404).end("Not found");
  reply(200, {
    "Content-Type": MIME[extname(path)] ?? "application/octet-stream",
    "Content-Length": info.size,
    "Cache-Control": "no-cache",
  });
  if (request.method === "HEAD") return response.end();
  createReadStream(path)
    .on("error", () => response.destroy())
    .pipe(response);
}

/** Path of the file below the folder, or undefined if the address is outside the prefix or malformed. */
function pathOf(address, prefix) {
  try {
    const path = decodeURIComponent(new URL(address, "http://localhost").pathname);
    if (!path.startsWith(prefix) || path.includes("\0")) return undefined;
    return normalize(path.slice(prefix.length) || ".");
  } catch {
    return undefined;
  }
}

async function listen(server, port, strictPort) {
  const ports = strictPort ? [port] : [port, port + 1, port + 2, port + 3, 0];
  for (const candidate of ports) {
    const used = await new Promise((done, failed) => {
      const onError = (error) => (error.code === "EADDRINUSE" ? done(undefined) : failed(error));
      server.once("error", onError);
      server.listen(candidate, "localhost", () => {
        server.off("error", onError);
        done(server.address().port);
      });
    });
    if (used !== undefined) return used;
  }
  throw new Error(`port ${port} is taken`);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: "string", default: "4173" },
      base: { type: "string", default: "/" },
      isolated: { type: "boolean", default: false },
      "strict-port": { type: "boolean", default: false },
    },
  });
  const { url } = await serveFolder({
    folder: positionals[0] ?? "dist",
    port: Number(values.port),
    base: values.base,
    isolated: values.isolated,
    strictPort: values["strict-port"],
  });
  console.log(url);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
