import { printPlan } from "../../core/plan/print-plan.ts";
import { redoEdit, toggleKeptFloat, toggleSplits, undoEdit } from "../document.ts";
import { runAll } from "../replay.ts";
import { trySample } from "../sample.ts";
import { closeGroup, groupToClose, groupToOpen, openGroup, toggleGroups } from "../select/groups.ts";
import { markableValues, selectedOps } from "../select/marks.ts";
import { openBeside } from "../session.ts";
import type { Stages } from "../stages.ts";
import type { Studio } from "../studio.ts";
import { toggleCaches } from "../toggle-cache.ts";
import { openStep, STEPS, selectBack, selectForward } from "../view.ts";
import type { Command } from "./command.ts";

const always = () => true;
const hasModel = (studio: Studio) => studio.document.getState().present.model.sha256 !== "";

const files = [
  { id: "open", keys: ["Mod+o"], when: always, run: (_, shell) => shell.pickFiles() },
  {
    id: "openBeside",
    keys: [],
    when: hasModel,
    run: (_, shell) => shell.pickFiles("beside"),
  },
  {
    id: "closeBeside",
    keys: [],
    when: ({ session }) => session.getState().beside !== undefined,
    run: ({ session }) => openBeside(session, undefined),
  },
  {
    id: "trySample",
    keys: [],
    when: (studio) => !studio.session.getState().replaying,
    run: (studio) => void trySample(studio),
  },
  {
    id: "savePlan",
    keys: ["Mod+s"],
    when: hasModel,
    run: ({ document }, shell) => {
      const plan = document.getState().present;
      const name = `${plan.model.name.replace(/\.onnx$/i, "")}.rill.json`;
      shell.download(name, printPlan(plan), "application/json");
    },
  },
  { id: "openPlan", keys: [], when: hasModel, run: (_, shell) => shell.pickFiles("plan") },
  { id: "closeSession", keys: [], when: hasModel, run: (_, shell) => shell.closeSession() },
] as const satisfies readonly Command[];

const editing = [
  {
    id: "undo",
    keys: ["Mod+z"],
    when: ({ document }) => document.getState().past.length > 0,
    run: ({ document }) => undoEdit(document),
  },
  {
    id: "redo",
    keys: ["Mod+Shift+z", "Mod+y"],
    when: ({ document }) => document.getState().future.length > 0,
    run: ({ document }) => redoEdit(document),
  },
  {
    id: "toggleCache",
    keys: ["c"],
    when: (studio) => markableValues(studio).length > 0,
    run: (studio) => toggleCaches(studio, markableValues(studio)),
  },
  {
    id: "toggleKeepFloat",
    keys: ["x"],
    when: (studio) => selectedOps(studio).length > 0,
    run: (studio) => toggleKeptFloat(studio.document, selectedOps(studio)),
  },
  {
    id: "toggleSplit",
    keys: ["s"],
    when: (studio) => markableValues(studio).length > 0,
    run: (studio) => toggleSplits(studio.document, markableValues(studio)),
  },
] as const satisfies readonly Command[];

const WORK = ["calibrate", "compare", "prove", "package"] as const satisfies readonly (keyof Stages)[];

const working = [
  ...WORK.map((name) => ({
    id: name,
    keys: [],
    when: ({ stages }: Studio) => {
      const { ready, status } = stages[name].store.getState();
      return ready && status !== "running";
    },
    run: ({ stages }: Studio) => void stages[name].run(),
  })),
  {
    id: "runAll",
    keys: ["Mod+Enter"],
    when: (studio) => hasModel(studio) && !studio.session.getState().replaying,
    run: (studio) => void runAll(studio),
  },
  {
    id: "cancel",
    keys: ["Escape"],
    when: ({ stages }) => WORK.some((name) => stages[name].store.getState().status === "running"),
    run: ({ stages }) => {
      for (const name of WORK) stages[name].cancel();
    },
  },
] as const satisfies readonly Command[];

const looking = [
  {
    id: "search",
    keys: ["Mod+k", "/", "Mod+f"],
    when: hasModel,
    run: ({ view }) => view.setState({ step: "model", stepOpen: true, searching: true }),
  },
  ...STEPS.map((step, i) => ({
    id: `step.${step}` as const,
    keys: [String(i + 1)],
    when: always,
    run: ({ view }: Studio) => openStep(view, step),
  })),
  {
    id: "toggleDrawer",
    keys: ["q"],
    when: always,
    run: ({ view }) => view.setState((v) => ({ drawerOpen: !v.drawerOpen })),
  },
  {
    id: "toggleInspector",
    keys: ["i"],
    when: always,
    run: ({ view }) => view.setState((v) => ({ inspectorOpen: !v.inspectorOpen })),
  },
  {
    id: "toggleHeat",
    keys: ["h"],
    when: ({ stages }) =>
      stages.compare.store.getState().result !== undefined ||
      stages.open.store.getState().result?.quantized === true,
    run: ({ view, stages }) => {
      if (stages.open.store.getState().result?.quantized) {
        view.setState(({ overlay }) => ({ overlay: overlay === "exponent" ? "none" : "exponent" }));
        return;
      }
      // On a chip the next press shows where the errors are made.
      const own = stages.examine.store.getState().result !== undefined;
      view.setState(({ overlay }) => ({
        overlay: overlay === "sqnr" ? (own ? "own" : "none") : overlay === "own" ? "none" : "sqnr",
      }));
    },
  },
  {
    id: "toggleTime",
    keys: ["t"],
    when: ({ stages }) => stages.analyse.store.getState().result !== undefined,
    run: ({ view }) => view.setState((v) => ({ overlay: v.overlay === "time" ? "none" : "time" })),
  },
  {
    id: "openGroup",
    keys: ["]"],
    when: (studio) => groupToOpen(studio) !== undefined,
    run: (studio) => {
      const group = groupToOpen(studio);
      if (group !== undefined) openGroup(studio, group);
    },
  },
  {
    id: "closeGroup",
    keys: ["["],
    when: (studio) => groupToClose(studio) !== undefined,
    run: (studio) => {
      const group = groupToClose(studio);
      if (group !== undefined) closeGroup(studio, group);
    },
  },
  {
    id: "toggleGroups",
    keys: ["g"],
    when: hasModel,
    run: toggleGroups,
  },
  {
    id: "toggleWrap",
    keys: [],
    when: hasModel,
    run: ({ view }) => view.setState((v) => ({ wrapped: !v.wrapped })),
  },
  {
    id: "savePicture",
    keys: [],
    when: hasModel,
    run: ({ view }) => view.setState({ dialog: "picture" }),
  },
  {
    id: "selectBack",
    keys: ["Alt+ArrowLeft"],
    when: ({ view }) => view.getState().back.length > 0,
    run: ({ view }) => selectBack(view),
  },
  {
    id: "selectForward",
    keys: ["Alt+ArrowRight"],
    when: ({ view }) => view.getState().forward.length > 0,
    run: ({ view }) => selectForward(view),
  },
  {
    id: "toggleLanguage",
    keys: [],
    when: always,
    run: ({ view }) => view.setState((v) => ({ language: v.language === "en" ? "zh-CN" : "en" })),
  },
  {
    id: "toggleTheme",
    keys: [],
    when: always,
    run: ({ view }) =>
      view.setState((v) => ({
        theme: ({ system: "light", light: "dark", dark: "system" } as const)[v.theme],
      })),
  },
  {
    id: "help",
    keys: ["?"],
    when: always,
    run: ({ view }) => view.setState({ dialog: "help" }),
  },
  {
    id: "palette",
    keys: ["Mod+Shift+p", "F1"],
    when: always,
    run: ({ view }) => view.setState({ dialog: "palette" }),
  },
] as const satisfies readonly Command[];

/** Every command, in the order of menus and of the key table. */
export const COMMANDS = [...files, ...editing, ...working, ...looking] as const;

/** The same in groups, as the palette and the key table show them; `command.group.<id>` is the heading. */
export const COMMAND_GROUPS = [
  { id: "files", commands: files },
  { id: "editing", commands: editing },
  { id: "working", commands: working },
  { id: "looking", commands: looking },
] as const;

export type CommandId = (typeof COMMANDS)[number]["id"];

/** The command of that id. */
export function commandOf(id: CommandId): Command {
  const found = COMMANDS.find((command) => command.id === id);
  if (!found) throw new Error(`no command ${id}`);
  return found;
}
