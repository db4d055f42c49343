import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { serveFolder } from "./serve.mjs";

const root = mkdtempSync(join(tmpdir(), "rill-serve-"));
mkdirSync(join(root, "dist", "assets"), { recursive: true });
writeFileSync(join(root, "secret.txt"), "secret");
writeFileSync(join(root, "dist", "index.html"), "<p>page</p>");
writeFileSync(join(root, "dist", "assets", "a.wasm"), new Uint8Array([0, 97, 115, 109]));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = join(root, "dist");

test("serves files with their types, from the root and below a folder", async () => {
  for (const base of ["/", "/some/folder/"]) {
    const server = await serveFolder({ folder, base, port: 0 });
    expect(await (await fetch(server.url)).text()).toBe("<p>page</p>");
    const wasm = await fetch(`${server.url}assets/a.wasm`);
    expect(wasm.headers.get("content-type")).toBe("application/wasm");
    expect((await fetch(`${server.url}missing`)).status).toBe(404);
    expect((await fetch(new URL("/elsewhere", server.url))).status).toBe(404);
    await server.close();
  }
});

test("nothing outside the folder is served", async () => {
  const server = await serveFolder({ folder, port: 0 });
  for (const path of ["..%2fsecret.txt", "assets/..%2f..%2fsecret.txt", "%2e%2e/secret.txt", "%"]) {
    expect((await fetch(server.url + path)).status).toBe(404);
  }
  await server.close();
});

test("special headers only when asked for", async () => {
  const plain = await serveFolder({ folder, port: 0 });
  const isolated = await serveFolder({ folder, port: 0, isolated: true });
  expect((await fetch(plain.url)).headers.get("cross-origin-opener-policy")).toBeNull();
  const headers = (await fetch(isolated.url)).headers;
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  await plain.close();
  await isolated.close();
});

test("a taken port gives way to the next one unless the port is strict", async () => {
  const first = await serveFolder({ folder, port: 0 });
  const port = Number(new URL(first.url).port);
  const second = await serveFolder({ folder, port });
  expect(second.url).not.toBe(first.url);
  await expect(serveFolder({ folder, port, strictPort: true })).rejects.toThrow(String(port));
  await first.close();
  await second.close();
});
