import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesIn, type ImportEdge, importsOf, ROOT } from "./source-imports.ts";

/** What a room may import: other rooms (`type:` prefix: types only) and packages. A room may always import itself. */
interface Room {
  readonly rooms: readonly string[];
  readonly packages?: readonly string[];
}

const types = (...rooms: string[]) => rooms.map((room) => `type:${room}`);
const CORE = [
  "core/base",
  "core/ir",
  "core/format",
  "core/quant",
  "core/layout",
  "core/plan",
  "core/ops",
  "core/targets",
  "core/passes",
  "core/stream",
  "core/interpret",
  "core/proof",
  "core/approximation",
  "core/program",
  "core/audio",
  "core/export",
];

/** The arrows of the house. The longest matching prefix names a file's room. */
const ROOMS: Readonly<Record<string, Room>> = {
  "core/base": { rooms: [], packages: ["@noble/hashes"] },
  "core/ir": { rooms: ["core/base"] },
  "core/plan": { rooms: ["core/base", "core/quant"] },
  "core/layout": { rooms: ["core/base", "core/ir"] },
  "core/format": { rooms: ["core/base", "core/ir"], packages: ["@bufbuild/protobuf", "flatbuffers"] },
  "core/quant": { rooms: ["core/base", "core/ir"] },
  "core/audio": { rooms: ["core/base", ...types("core/plan")] },
  "core/ops": { rooms: ["core/base", "core/ir", ...types("core/quant", "core/format")] },
  "core/targets": { rooms: ["core/base", ...types("core/quant", "core/ops")] },
  "core/passes": {
    rooms: ["core/base", "core/ir", "core/ops", "core/quant", ...types("core/targets", "core/stream")],
  },
  "core/stream": { rooms: ["core/base", "core/ir", "core/ops", ...types("core/plan", "core/quant")] },
  "core/interpret": { rooms: ["core/base", "core/ir", "core/ops"] },
  "core/proof": { rooms: types("core/base", "core/ir") },
  "core/program": {
    rooms: [
      "core/base",
      "core/ir",
      "core/format",
      "core/ops",
      "core/quant",
      "core/passes",
      ...types("core/targets"),
    ],
  },
  "core/approximation": {
    rooms: ["core/base", "core/ir", "core/plan", "core/ops", "core/passes", "core/stream"],
  },
  "core/export": { rooms: CORE, packages: ["fflate"] },
  engine: { rooms: CORE },
  runtime: { rooms: [...CORE, ...types("engine")], packages: ["onnxruntime-web"] },
  explain: { rooms: types(...CORE) },
  worker: { rooms: ["core/base", ...types(...CORE, "engine")] },
  "worker/entry": { rooms: [...CORE, "engine", "runtime", "worker"], packages: ["onnxruntime-web"] },
  state: { rooms: [...CORE, "worker", ...types("engine")], packages: ["zustand"] },
  store: { rooms: types("state"), packages: ["idb"] },
  ui: {
    rooms: [...CORE, "state", "explain", "ui/charts", ...types("engine", "worker")],
    packages: ["cmdk", "react", "react-dom", "zustand"],
  },
  "ui/charts": { rooms: [...types(...CORE, "engine"), "ui"], packages: ["react", "recharts"] },
  "keep-offline": { rooms: types("state") },
  cli: { rooms: [...CORE, "engine", "runtime", "explain"], packages: ["node:"] },
};

const NAMES = Object.keys(ROOMS).sort((a, b) => b.length - a.length);
const roomOf = (file: string) =>
  NAMES.find((room) => file === room || file.startsWith(`${room}/`) || file === `${room}.ts`);

const sources = filesIn("src", /\.tsx?$/).filter(
  (file) => !/\.test\.tsx?$/.test(file) && !file.endsWith(".d.ts"),
);
const edges = sources.flatMap(importsOf);

/** Why an import is not allowed, or undefined if it is. `main.tsx` composes the page and may import everything. */
function objection(edge: ImportEdge): string | undefined {
  if (edge.from === "main.tsx") return undefined;
  const name = roomOf(edge.from);
  const room = name === undefined ? undefined : ROOMS[name];
  if (!room) return `${edge.from} is in no room`;
  if (edge.external) {
    const allowed = (room.packages ?? []).some((p) =>
      p.endsWith(":") ? edge.to.startsWith(p) : edge.to === p,
    );
    return allowed ? undefined : `${edge.from} imports the package ${edge.to}`;
  }
  const target = roomOf(edge.to);
  if (target === undefined) return `${edge.from} imports ${edge.to}, which is in no room`;
  const sameHouse = target === name || room.rooms.includes(target);
  if (sameHouse || (edge.kind === "type" && room.rooms.includes(`type:${target}`))) return undefined;
  return `${edge.from} imports ${edge.to} (${edge.kind})`;
}

describe("imports point down", () => {
  test("the files were read", () => {
    expect(sources.length).toBeGreaterThan(10);
    expect(edges.length).toBeGreaterThan(sources.length / 2);
    expect(
      edges.some(
        (e) => e.from === "core/ir/patch.ts" && e.to === "core/base/problem.ts" && e.kind === "value",
      ),
    ).toBe(true);
    expect(
      edges.some((e) => e.from === "core/ir/graph.ts" && e.to === "core/ir/tensor.ts" && e.kind === "type"),
    ).toBe(true);
  });

  test("every import follows an arrow of the table", () => {
    expect(edges.map(objection).filter((why) => why !== undefined)).toEqual([]);
  });

  test("the table itself has no upward arrow", () => {
    const upward = objection({
      from: "core/ir/graph.ts",
      to: "state/document.ts",
      kind: "value",
      external: false,
    });
    const react = objection({ from: "core/ir/graph.ts", to: "react", kind: "value", external: true });
    const runtime = objection({
      from: "engine/convert.ts",
      to: "onnxruntime-web",
      kind: "value",
      external: true,
    });
    expect([upward, react, runtime]).not.toContain(undefined);
  });

  test("relative imports name their extension", () => {
    const bare = edges.filter((e) => !e.external && !/\.(tsx?|css|json|svg|wasm|mjs)(\?\w+)?$/.test(e.to));
    expect(bare).toEqual([]);
  });
});

describe("habits that the table cannot see", () => {
  const text = (file: string) => readFileSync(join(ROOT, "src", file), "utf8");

  test("no code but the list and the interface asks for a target by its id", () => {
    const asking = sources.filter(
      (f) =>
        !f.startsWith("ui/") &&
        f !== "core/targets/catalogue.ts" &&
        /\btarget\.id\s*[!=]==?|switch\s*\(\s*target\.id/.test(text(f)),
    );
    expect(asking).toEqual([]);
  });

  test("no file is longer than 400 lines and none has a name that says nothing", () => {
    const own = sources.filter((f) => !f.endsWith("_pb.ts"));
    expect(own.filter((f) => text(f).split("\n").length > 401)).toEqual([]);
    expect(own.filter((f) => /(^|\/)(utils?|helpers?|managers?|misc|common|types)\.tsx?$/.test(f))).toEqual(
      [],
    );
  });
});

/** Folders of peers, each with a list written by hand. Files that are not peers are named with their reason. */
const LISTS: readonly { folder: string; list: string; notPeers: readonly string[] }[] = [
  // op.ts and target.ts are contracts; read-manifest.ts reads what the writers of its folder write; chips have packages of their own.
  { folder: "core/ops", list: "catalogue.ts", notPeers: ["op.ts"] },
  { folder: "core/passes", list: "pipeline.ts", notPeers: [] },
  { folder: "core/approximation", list: "approximate.ts", notPeers: [] },
  { folder: "core/targets", list: "catalogue.ts", notPeers: ["target.ts"] },
  {
    folder: "core/export",
    list: "artefacts.ts",
    notPeers: ["read-manifest.ts", "espdl/espdl-model.ts", "espdl/sound-file.ts"],
  },
  // graph-runner.ts lists the kernels.
  { folder: "core/interpret", list: "graph-runner.ts", notPeers: [] },
  // parity-file.ts and prove.ts use the list.
  { folder: "engine/prove", list: "checks.ts", notPeers: ["parity-file.ts", "prove.ts"] },
  { folder: "cli", list: "main.ts", notPeers: [] },
];

describe("every file of a folder of peers is on its list", () => {
  for (const { folder, list, notPeers } of LISTS) {
    test.skipIf(!sources.includes(`${folder}/${list}`))(folder, () => {
      const reached = new Set<string>();
      const visit = (file: string) => {
        if (reached.has(file)) return;
        reached.add(file);
        for (const edge of edges) {
          if (edge.from === file && !edge.external && edge.to.startsWith(`${folder}/`)) visit(edge.to);
        }
      };
      visit(`${folder}/${list}`);
      for (const file of notPeers) reached.add(`${folder}/${file}`);
      expect(sources.filter((f) => f.startsWith(`${folder}/`) && !reached.has(f))).toEqual([]);
    });
  }
});
