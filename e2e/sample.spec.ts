import { SERVERS, type ServerName } from "../test/servers.ts";
import { openModules, readPackage, rerunVectors } from "./run-package.ts";
import { expect, test } from "./studio-page.ts";

for (const server of Object.keys(SERVERS) as ServerName[]) {
  test(`one click on the sample gives plots and a verified package (${server})`, async ({ studio, page }) => {
    await studio.open(server);
    await page.getByTestId("try-sample").click();
    await studio.expectState("export", "done");

    await expect(page.getByTestId("package-verdict")).toContainText("Verified");
    const { name, bytes } = await studio.download();
    expect(name).toBe("tone-tcn-onnxruntime.zip");
    const opened = readPackage(bytes);
    for (const precision of ["float", "int8"] as const) {
      const { compared, mismatches } = await rerunVectors(opened, await openModules(opened, precision));
      expect(compared).toBeGreaterThan(0);
      expect(mismatches).toEqual([]);
    }

    const plots = page.getByTestId("plots");
    await expect(plots.getByRole("img", { name: "Waveform of all clips" })).toBeVisible();
    await expect(plots.getByRole("figure", { name: /^Streaming − offline/ }).first()).toBeVisible();
    await expect(plots.getByRole("figure", { name: /^int8 − float/ }).first()).toBeVisible();
    await expect(plots.getByRole("figure", { name: /SQNR of \d+ values/ })).toBeVisible();

    await studio.step("results");
    await expect(page.getByTestId("verdict-parity")).toContainText("equals offline on every frame");
    await expect(page.getByTestId("verdict-int8")).toContainText(/\d\sdB/);
    await expect(page.getByTestId("verdict-integer")).toContainText("Every integer is equal");

    expect(studio.strayRequests(server)).toEqual([]);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(SERVERS[server].isolated);
  });
}
