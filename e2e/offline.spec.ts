import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { serveFolder } from "../scripts/serve.mjs";
import { addressOf } from "../test/servers.ts";
import { ROOT } from "../test/source-imports.ts";
import { expect, test } from "./studio-page.ts";

test.use({ serviceWorkers: "allow" });

test("after one visit the whole job works without a network", async ({ page, context, studio }) => {
  await studio.open("folder");
  await expect(page.getByTestId("offline")).toBeVisible();
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByTestId("offline")).toBeVisible();
  await page.getByRole("button", { name: "Try the sample" }).click();
  await expect(page.getByTestId("step-export")).toHaveAttribute("data-state", "done", { timeout: 90_000 });
  expect(studio.complaints).toEqual([]);
});

test("a newer version asks before it starts", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "rill-build-"));
  cpSync(join(ROOT, "dist"), folder, { recursive: true });
  const server = await serveFolder({ folder, port: 0 });
  try {
    await page.goto(server.url);
    await expect(page.getByTestId("offline")).toBeVisible();
    await expect(page.getByTestId("update")).toBeHidden();
    appendFileSync(join(folder, "sw.js"), "\n// a newer build\n");
    await page.reload();
    const notice = page.getByTestId("update");
    await expect(notice).toBeVisible();
    await page.screenshot({ path: "test-results/update.png" });
    const other = await page.context().newPage();
    await other.goto(server.url);
    await expect(other.getByTestId("update")).toBeVisible();
    await start(page);
    // The other tab is of the version before, whose files are gone: it is asked, not reloaded in the middle of work.
    await start(other);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Starts the newer version in a tab that offers it, and sees that nothing is left to start. */
async function start(page: Page): Promise<void> {
  const notice = page.getByTestId("update");
  const loaded = page.waitForEvent("load");
  await notice.getByRole("button", { name: "Start it" }).click();
  await loaded;
  await expect(page.getByTestId("offline")).toBeVisible();
  await expect(notice).toBeHidden();
}

test("the manifest is complete, and the policy lets nothing out", async ({ page }) => {
  await page.goto(addressOf("plain"));
  const client = await page.context().newCDPSession(page);
  const { errors, manifest } = await client.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(manifest.name).toBe("Rill");
  const { installabilityErrors } = await client.send("Page.getInstallabilityErrors");
  // A test's browser profile is a private one, from which nothing can be installed.
  expect(installabilityErrors.map((e) => e.errorId).filter((id) => id !== "in-incognito")).toEqual([]);
  const violated = await page.evaluate(async () => {
    const refused = new Promise<string>((done) => {
      document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), {
        once: true,
      });
    });
    await fetch("https://example.com/").catch(() => undefined);
    return refused;
  });
  expect(violated).toBe("connect-src");
});
