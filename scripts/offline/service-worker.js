// Keeps the whole build. A newer one is loaded beside it and waits until the page says "start".

/** @type {readonly { path: string, hash: string }[]} */
const FILES = /* FILES */ [];
const PREFIX = "rill ";
const CACHE = PREFIX + FILES.map((file) => file.hash).join("");

const addressOf = (path) => new URL(path, self.registration.scope).href;
const kept = new Map(FILES.map((file) => [addressOf(file.path), file]));

/** What an older cache has by the same name and hash need not be loaded again: the runtime alone is 14 MB. */
async function keep(cache, { path, hash }) {
  const address = addressOf(path);
  const key = `${address}?${hash}`;
  const known = await caches.match(key);
  const response = known ?? (await fetch(address, { cache: "reload" }));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  await cache.put(key, response);
}

async function install() {
  const cache = await caches.open(CACHE);
  for (const file of FILES) await keep(cache, file);
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** From the cache what belongs to the build, also where the page itself is asked for as a folder. */
async function answer(request) {
  const url = new URL(request.url);
  url.search = "";
  url.hash = "";
  const address = url.href === self.registration.scope ? addressOf("index.html") : url.href;
  const file = kept.get(address);
  const found = file && (await (await caches.open(CACHE)).match(`${address}?${file.hash}`));
  return found ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === self.location.origin)
    event.respondWith(answer(request));
});
self.addEventListener("message", (event) => {
  if (event.data === "start") self.skipWaiting();
});
