import { writeFileSync } from "node:fs";
import { encodeEspdlModel } from "../src/core/format/espdl/encode-espdl.ts";
import { smallModel } from "../src/core/format/espdl/small-model.fixture.ts";
import { expect, test } from "./studio-page.ts";

test("an .espdl file is shown with its exponents; steps that need a float model say so", async ({
  studio,
  page,
}, info) => {
  const file = info.outputPath("small.espdl");
  writeFileSync(file, encodeEspdlModel(smallModel()));
  await studio.open();
  await studio.drop(file);
  await studio.graph();
  await studio.expectState("model", "done");
  const panel = await studio.step("model");
  await expect(panel).toContainText("ESP-DL");
  await expect(panel).toContainText("1×4×3 int8 · 2^-5");

  await studio.walkTo("Conv");
  await page.keyboard.press("Enter");
  const inspector = page.getByTestId("inspector");
  await expect(inspector).toContainText("20×3×3 int8 · 2^-7");
  await expect(inspector).toContainText("-90 … 89");
  await expect(inspector).toContainText("-90 -89 -88");
  await page.screenshot({ path: info.outputPath("espdl.png") });

  // The filter itself: unpacked integers, the reals that they stand for, its exponent.
  await inspector.getByRole("button", { name: /^w / }).click();
  await expect(inspector.getByTestId("weight-grid")).toContainText("Exponents−7 · int8");
  await inspector.getByText("Elements").click();
  const elements = inspector.getByTestId("element-table").locator("tbody tr");
  await expect(elements.first()).toContainText("0, 0, 0");
  // −90 · 2^-7
  await expect(elements.first()).toContainText("−0.7031");
  await page.screenshot({ path: info.outputPath("espdl-weight.png") });

  const graph = await studio.graph();
  await graph.press("h");
  await expect(page.getByTestId("heat-legend")).toContainText("Exponent");
  await page.screenshot({ path: info.outputPath("espdl-heat.png") });

  const changed = smallModel();
  const [first] = changed.graph.values;
  if (!first) throw new Error("a value");
  const [name, record] = first;
  const values = new Map([...changed.graph.values, [name, { ...record, exponents: [-1] }]]);
  const other = info.outputPath("other.espdl");
  writeFileSync(other, encodeEspdlModel({ ...changed, graph: { ...changed.graph, values } }));
  const model = await studio.step("model");
  await model.getByTestId("numbers-file").setInputFiles(file);
  await expect(model.getByTestId("numbers-report")).toHaveAttribute("data-equal", "true");
  await model.getByTestId("numbers-file").setInputFiles(other);
  await expect(model.getByTestId("numbers-report")).toHaveAttribute("data-equal", "false");
  await expect(model.getByTestId("numbers-report")).toContainText("2^-1");

  for (const step of ["axis", "caches", "audio", "export"] as const) {
    await studio.expectState(step, "needs");
    await expect(await studio.step(step)).toContainText("start from the float ONNX model");
  }
  await page.screenshot({ path: info.outputPath("espdl-axis.png") });
});

test("a damaged .espdl file is refused with the byte", async ({ studio, page }, info) => {
  const file = info.outputPath("cut.espdl");
  writeFileSync(file, encodeEspdlModel(smallModel()).subarray(0, 900));
  await studio.open();
  await studio.drop(file);
  await expect(page.getByText("“cut.espdl” is damaged at byte 8")).toBeVisible();
});
