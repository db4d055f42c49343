import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeEspdlModel } from "../core/format/espdl/encode-espdl.ts";
import { smallModel } from "../core/format/espdl/small-model.fixture.ts";
import { rill } from "./rill.ts";
import { EXIT } from "./terminal.ts";

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rill-compare-"));
  const model = smallModel();
  const { values } = model.graph;
  const h = values.get("h");
  if (!h) throw new Error("the fixture has a value h");
  const other = new Map(values).set("h", { ...h, exponents: [-6] });
  writeFileSync(at("a.espdl"), encodeEspdlModel(model));
  writeFileSync(at("b.espdl"), encodeEspdlModel({ ...model, docString: "other bytes, equal numbers" }));
  writeFileSync(at("c.espdl"), encodeEspdlModel({ ...model, graph: { ...model.graph, values: other } }));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function run(...words: string[]) {
  const said = { out: "", err: "" };
  const code = await rill(words, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { code, ...said };
}

describe("rill compare", () => {
  test("equal numbers in other bytes", async () => {
    const { code, out } = await run("compare", at("a.espdl"), at("b.espdl"));
    expect(code).toBe(EXIT.verified);
    expect(out).toMatch(/values +4 of 4 equal\n/);
    expect(out).toMatch(/equal\n$/);
  });

  test("a value with another exponent is named", async () => {
    const { code, out } = await run("compare", at("a.espdl"), at("c.espdl"));
    expect(code).toBe(EXIT.notVerified);
    expect(out).toMatch(/values +h +scale +2\^-4 +2\^-6/);
    expect(out).toMatch(/different\n$/);
  });

  test("as JSON", async () => {
    const { code, out } = await run("compare", at("a.espdl"), at("c.espdl"), "--json");
    expect(code).toBe(EXIT.notVerified);
    expect(JSON.parse(out)).toMatchObject({
      verdict: "different",
      equal: false,
      a: { name: "a.espdl", form: "espdl" },
      differences: [{ kind: "values", name: "h", what: "scale", a: [2 ** -4], b: [2 ** -6] }],
    });
  });

  test("one file is not enough, a missing one is a problem", async () => {
    expect(await run("compare", at("a.espdl"))).toMatchObject({ code: EXIT.problem });
    const missing = await run("compare", at("a.espdl"), at("none.espdl"));
    expect([missing.code, missing.err]).toEqual([EXIT.problem, expect.stringContaining("file.notFound")]);
  });
});

describe("rill inspect of an .espdl file", () => {
  test("shows every value with its exponent, and the window of a cache", async () => {
    const { code, out } = await run("inspect", at("a.espdl"));
    expect(code).toBe(EXIT.verified);
    expect(out).toMatch(/StreamingCache +S8 +x\.5 +int8 +\[1, 6, 3\] +2\^-5 +window 3/);
    expect(out).toMatch(/w +int8 +\[20, 3, 3\] +2\^-7/);
  });

  test("what needs a float model says so", async () => {
    const { code, err } = await run("stream", at("a.espdl"), "-o", at("out"));
    expect([code, err]).toEqual([EXIT.problem, expect.stringContaining("model.quantized")]);
  });
});
