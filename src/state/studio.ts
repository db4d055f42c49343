import type { Problem } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { AnalysisReport, ModelSummary } from "../engine/reports.ts";
import type { ModelSource, NamedBlob } from "../worker/protocol.ts";
import { type CalibrationRuns, calibrationRuns } from "./calibration-runs.ts";
import {
  completePlan,
  continuePlan,
  createDocument,
  type DocumentStore,
  EMPTY_PLAN,
  startPlan,
} from "./document.ts";
import { createInstallation, type InstallationStore } from "./installation.ts";
import { appendLog, createLog, type LogStore } from "./log.ts";
import { restartJobs } from "./restart-jobs.ts";
import { isChip } from "./select/chips.ts";
import { stableList, usableClips } from "./select/clips.ts";
import { addNotice, createSession, type Restoring, type Session, type SessionStore } from "./session.ts";
import { Identities } from "./sessions/fingerprint.ts";
import { restoreAnswers } from "./sessions/restore-answers.ts";
import {
  type AnalyseParts,
  createStages,
  type EvaluateParts,
  type Hosts,
  type Screen,
  type StageName,
  type Stages,
} from "./stages.ts";
import { createView, forgetSelection, type PreferenceStorage, type ViewStore } from "./view.ts";

/** The page's state: three lifetimes (document, stages, view), and the files they came from. */
export interface Studio {
  readonly document: DocumentStore;
  readonly session: SessionStore;
  readonly view: ViewStore;
  readonly stages: Stages;
  /** What the finished clips of an unfinished calibration gave. */
  readonly found: CalibrationRuns["found"];
  readonly identities: Identities;
  readonly log: LogStore;
  readonly installation: InstallationStore;
  readonly fetchAsset: FetchAsset;
}

/** Reads a file of the page's own origin, by its path relative to the page. */
export type FetchAsset = (path: string) => Promise<Blob>;

export interface StudioOptions {
  readonly fetchAsset: FetchAsset;
  readonly hosts: Hosts;
  readonly storage?: PreferenceStorage | undefined;
  /** The browser's languages, most wanted first. */
  readonly languages?: readonly string[];
  readonly screen?: Screen;
}

/** Makes the stores and connects every stage to what it depends on. */
export function createStudio(options: StudioOptions): Studio {
  const { hosts, fetchAsset, storage, languages = [], screen } = options;
  const document = createDocument();
  const session = createSession();
  const plan = () => document.getState().present;
  const tell = (notice: Problem) => addNotice(session, notice);
  const { found, work } = calibrationRuns(hosts.heavy, plan, tell);
  const restarting: Hosts = {
    quick: restartJobs(hosts.quick, tell),
    heavy: restartJobs(hosts.heavy, tell),
    drawing: restartJobs(hosts.drawing, tell),
  };
  const studio: Studio = {
    document,
    session,
    view: createView(storage, languages),
    stages: createStages(restarting, plan, work, screen),
    found,
    identities: new Identities(),
    log: createLog(),
    installation: createInstallation(),
    fetchAsset,
  };
  // First, so that the log sees every move before another listener makes the next one.
  logStages(studio);
  const feeder = new Feeder(studio);
  connectModel(studio, feeder);
  connectStages(studio, feeder);
  return studio;
}

/** Files that turn out to be a model replace the one before, and others become a notice; an opened model starts a plan; an analysis completes it. */
function connectModel(studio: Studio, feeder: Feeder): void {
  const { session, stages, document, view } = studio;
  let openings = 0;
  session.subscribe((now, before) => {
    if (now.opening && now.opening !== before.opening) {
      openings++;
      stages.open.feed({ model: { ...now.opening, opening: openings } });
    }
    if (now.beside === before.beside) return;
    if (now.beside) stages.beside.feed({ model: now.beside });
    else for (const stage of [stages.beside, stages.layoutBeside]) stage.reset();
  });
  onAnswer(stages.open.store, (summary) => {
    const { opening, waitingPlan, restoring } = session.getState();
    if (!opening) return;
    const { open: _, inspect: __, ...later } = stages;
    const identity = { name: summary.name, sha256: summary.sha256 };
    const replay = waitingPlan?.model.sha256 === summary.sha256 ? waitingPlan : undefined;
    const goesOn = restoring?.saved.model.sha256 === summary.sha256 ? restoring : undefined;
    const left: readonly Problem[] = [
      ...(waitingPlan && !replay ? [otherModel(waitingPlan, summary.sha256)] : []),
      ...(restoring && !goesOn ? [otherThanSaved(restoring, summary)] : []),
      ...(summary.unused ? [unusedFiles(summary.name, summary.unused)] : []),
    ];
    feeder.hold(() => {
      for (const stage of Object.values(later)) stage.reset();
      studio.found.setState({}, true);
      forgetSelection(view);
      if (goesOn) restoreAnswers(studio, goesOn);
      if (goesOn && !replay) continuePlan(document, goesOn.saved.history, identity.name);
      else startPlan(document, replay ? { ...replay, model: identity } : { ...EMPTY_PLAN, model: identity });
      session.setState((s) => {
        const { sample, ...source } = opening;
        const model = { ...source, sha256: summary.sha256, opening: openings };
        const planAxes = replay?.axes ?? goesOn?.saved.planAxes;
        return {
          ...{ clips: s.clips, samples: s.samples, replaying: s.replaying, model, awaitedClips: [] },
          ...(s.previewed && { previewed: s.previewed }),
          ...(s.listening && { listening: s.listening }),
          ...(sample !== undefined && { sample }),
          ...(planAxes && { planAxes }),
          ...(goesOn && continued(goesOn)),
          notices: [...s.notices, ...left],
        };
      }, true);
    });
  });
  stages.open.store.subscribe(({ failure, result }) => {
    const { model } = session.getState();
    if (failure?.kind !== "problem" || !result || !model) return;
    // The open model stays what the stage has answered; what was dropped is not waited for.
    stages.open.dismiss();
    stages.open.adopt({ model });
    session.setState((s) => ({ notices: [...s.notices, failure.problem] }));
  });
  onAnswer(stages.analyse.store, (report) => {
    feeder.hold(() => {
      completePlan(document, (plan) => completed(plan, report));
      const { model } = session.getState();
      if (model) stages.analyse.adopt(analyseParts(model, document.getState().present));
    });
  });
}

function analyseParts(model: ModelSource, plan: Plan): AnalyseParts {
  const { axes, rates, approximations, states, fixed, chunk } = plan;
  const carried = (states?.length ?? 0) > 0;
  return {
    model,
    axes: Object.keys(axes).length > 0 ? axes : undefined,
    rates,
    approximations,
    states,
    fixed,
    rollChunk: carried ? chunk : undefined,
  };
}

/** What of a saved session comes back with its model: the clips that are here, and those that are not. */
function continued({ saved, clips, twin }: Restoring): Partial<Session> {
  const here = new Set(clips.map((c) => c.file.name));
  const [first] = clips;
  return {
    restored: saved,
    awaitedClips: saved.clips.filter((c) => !here.has(c.file.name)),
    ...(twin && { twin }),
    ...(first && { clips, previewed: first.file }),
  };
}

function otherThanSaved({ saved }: Restoring, { name, sha256 }: ModelSummary): Problem {
  const expected = saved.model.sha256;
  return { code: "session.otherModel", session: saved.name, file: name, expected, actual: sha256 };
}

function unusedFiles(model: string, files: readonly string[]): Problem {
  return { code: "file.unused", model, files };
}

function otherModel(plan: Plan, actual: string): Problem {
  return { code: "plan.otherModel", expected: plan.model.sha256, actual };
}

/** The plan with what the analysis answered in place of what is still open. */
function completed(plan: Plan, report: AnalysisReport): Plan {
  const found = report.axes.flatMap(({ input, chosen }) =>
    chosen === undefined ? [] : [[input, chosen] as const],
  );
  const known = Object.keys(plan.axes).length > 0;
  return {
    ...plan,
    axes: known ? plan.axes : Object.fromEntries(found),
    // Behind splits, slow modules may wait for several chunks.
    chunk:
      plan.splits.length > 0 || plan.chunk % report.minimalChunk === 0 ? plan.chunk : report.minimalChunk,
    features: { ...report.defaultFeatures, ...plan.features },
  };
}

function connectStages({ session, document, stages }: Studio, feeder: Feeder): void {
  const feed = () => feeder.feed();
  session.subscribe(feed);
  document.subscribe(feed);
  const { convert, inspect, calibrate, analyse, compare } = stages;
  for (const stage of [analyse, convert, inspect, calibrate, compare]) stage.store.subscribe(feed);
}

/** Tells every stage what its inputs are now. Unchanged inputs do nothing. */
class Feeder {
  readonly #studio: Studio;
  readonly #allFiles = stableList<NamedBlob>();
  readonly #usedFiles = stableList<NamedBlob>();
  #held = false;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  /** Makes several changes as one. */
  hold(change: () => void): void {
    this.#held = true;
    try {
      change();
    } finally {
      this.#held = false;
    }
    this.feed();
  }

  feed(): void {
    if (this.#held) return;
    const { session, document, stages } = this.#studio;
    const { model, clips, previewed } = session.getState();
    const plan = document.getState().present;
    stages.inspect.feed(clips.length ? { clips: this.#allFiles(clips.map((c) => c.file)) } : undefined);
    if (model?.sha256 === undefined || plan.model.sha256 !== model.sha256) return;
    const { axes, caches, chunk, splits, warmUp, end, features, target, method, keepFloat } = plan;
    const { bits, compatible, widths, budget, cacheForm } = plan;
    const { states, fixed, approximations, rates } = plan;
    const known = Object.keys(axes).length > 0;
    const quantized = stages.open.store.getState().result?.quantized ?? false;
    stages.analyse.feed(quantized ? undefined : analyseParts(model, plan));
    const analysed = stages.analyse.store.getState();
    const streams = known && analysed.result !== undefined && !analysed.stale;
    const conversion = streams
      ? {
          ...{ model, axes, rates, approximations, states, fixed, caches },
          ...{ chunk, splits, warmUp, end, chip: isChip(target) },
        }
      : undefined;
    stages.convert.feed(conversion);
    stages.preview.feed(streams && previewed ? { model, axes, features, clip: previewed } : undefined);
    const used = this.#usedFiles(usableClips(clips, stages.inspect.store.getState().result));
    const converted = stages.convert.store.getState();
    const ready = streams && converted.result && converted.status !== "failed" && used.length > 0;
    stages.calibrate.feed(
      ready
        ? { model, axes, rates, approximations, states, fixed, caches, features, clips: used }
        : undefined,
    );
    const { result: calibration, stale } = stages.calibrate.store.getState();
    const evaluation: EvaluateParts | undefined =
      conversion && ready && calibration && !stale
        ? {
            ...conversion,
            ...{ features, target, bits, compatible, widths, budget, cacheForm, method, keepFloat },
            ...{ calibration, clips: used },
          }
        : undefined;
    stages.compare.feed(evaluation);
    this.#feedFollowers(evaluation);
    const { twin } = session.getState();
    const rolls = conversion && converted.result && (states?.length ?? 0) > 0;
    stages.twin.feed(
      rolls && twin ? { model, axes, chunk, states, fixed, features, twin, clips: used } : undefined,
    );
    // A model that carries its own states has no offline form to be held against.
    const provable = converted.result && converted.status !== "failed" && (states?.length ?? 0) === 0;
    stages.prove.feed(provable ? conversion : undefined);
    const compared = stages.compare.store.getState().result !== undefined;
    stages.waveform.feed(ready && compared ? { model, axes, features, clips: used } : undefined);
    stages.package.feed(evaluation);
  }

  /** What follows the comparison's answer: a chip's errors, and sound. */
  #feedFollowers(evaluation: EvaluateParts | undefined): void {
    const { stages, document, session } = this.#studio;
    const { target, states } = document.getState().present;
    const { status, stale } = stages.compare.store.getState();
    const compared = status === "done" && !stale ? evaluation : undefined;
    stages.examine.feed(isChip(target) && (states?.length ?? 0) === 0 ? compared : undefined);
    const { listening } = session.getState();
    const choice = listening && { clip: listening.clip, output: listening.output, form: listening.form };
    stages.listen.feed(compared && choice ? { ...compared, ...choice } : undefined);
  }
}

function onAnswer<Out>(
  store: { subscribe(listener: (now: { result?: Out }, before: { result?: Out }) => void): unknown },
  then: (result: Out) => void,
): void {
  store.subscribe((now, before) => {
    if (now.result !== undefined && now.result !== before.result) then(now.result);
  });
}

/** Follow what the user looks at, many times a minute: only their failures are worth a line. */
const QUIET: ReadonlySet<StageName> = new Set([
  "layout",
  "preview",
  "waveform",
  "range",
  "activation",
  "tensor",
  "advice",
  "fit",
  "forms",
  "widths",
]);

function logStages({ stages, log }: Studio): void {
  for (const name of Object.keys(stages) as StageName[]) {
    stages[name].store.subscribe((now, before) => {
      if (now.status === before.status || (QUIET.has(name) && !now.failure)) return;
      const atMs = performance.now();
      if (now.status === "running") appendLog(log, { atMs, stage: name, event: "started" });
      else if (before.status === "running") {
        const event = now.failure ? "failed" : now.result === before.result ? "stopped" : "done";
        const tookMs = atMs - (before.startedAt ?? atMs);
        appendLog(log, {
          atMs,
          stage: name,
          event,
          tookMs,
          ...(now.failure ? { failure: now.failure } : {}),
        });
      }
    });
  }
}
