import type { Layout, LayoutInput, LayoutOptions } from "../core/layout/layout.ts";
import type { FeatureSettings, Plan } from "../core/plan/plan.ts";
import type { ProofReport } from "../core/proof/proof.ts";
import type { QuantizedComparison } from "../core/quant/compare-quantized.ts";
import type { TwinReport } from "../engine/compare-twin.ts";
import type { ChipReport } from "../engine/esp/examine-chip.ts";
import type { ChipFit, ChipSettings } from "../engine/esp/fit-chip.ts";
import type { TensorReport } from "../engine/inspect-tensor.ts";
import type { SoundForm } from "../engine/listen/audible-outputs.ts";
import type {
  AnalysisReport,
  CalibrationProgress,
  CalibrationReport,
  ClipPreview,
  ModelSummary,
} from "../engine/reports.ts";
import type { SplitAdvice } from "../engine/split-advice.ts";
import type { WeightQuestion } from "../engine/weight-grid.ts";
import type {
  ClipInspection,
  Comparison,
  Conversion,
  Evaluation,
  ListenAnswer,
  ModelSource,
  NamedBlob,
  PackageResult,
  RangeQuestion,
  RangeReport,
  StageProgress,
  Waveform,
} from "../worker/protocol.ts";
import type { CalibrationRuns } from "./calibration-runs.ts";
import type { JobHost } from "./restart-jobs.ts";
import { Stage } from "./stage.ts";

export type StageName = keyof Stages;

/** Parts of a plan that decide the streaming graph's values (calibration does not depend on chunk or splits). */
interface StreamingParts {
  readonly model: ModelSource;
  readonly axes: Plan["axes"];
  readonly rates: Plan["rates"];
  readonly approximations: Plan["approximations"];
  readonly caches: Plan["caches"];
  readonly states: Plan["states"];
  readonly fixed: Plan["fixed"];
}

/** How a model with states of its own is rolled; its chunk decides extents, so a change of it is another analysis. */
export interface AnalyseParts {
  readonly model: ModelSource;
  readonly axes: Plan["axes"] | undefined;
  readonly rates: Plan["rates"];
  readonly approximations: Plan["approximations"];
  readonly states: Plan["states"];
  readonly fixed: Plan["fixed"];
  readonly rollChunk: number | undefined;
}

export interface TwinParts {
  readonly model: ModelSource;
  readonly axes: Plan["axes"];
  readonly chunk: number;
  readonly states: Plan["states"];
  readonly fixed: Plan["fixed"];
  readonly features: Plan["features"];
  readonly twin: NamedBlob;
  readonly clips: readonly NamedBlob[];
}

export interface ConvertParts extends StreamingParts {
  readonly chunk: number;
  readonly splits: Plan["splits"];
  readonly warmUp: Plan["warmUp"];
  /** A chip starts and ends in its own way. */
  readonly chip: boolean;
  readonly end: Plan["end"];
}

/** Everything that decides where a model could be cut. */
export interface AdviceParts extends Pick<Plan, "axes" | "approximations" | "rates" | "chunk" | "splits"> {
  readonly model: ModelSource;
}

export interface CalibrateParts extends StreamingParts {
  readonly features: Plan["features"];
  readonly clips: readonly NamedBlob[];
}

export interface EvaluateParts extends ConvertParts {
  readonly features: Plan["features"];
  readonly target: string;
  readonly bits: Plan["bits"];
  readonly compatible: Plan["compatible"];
  readonly widths: Plan["widths"];
  readonly budget: Plan["budget"];
  readonly cacheForm: Plan["cacheForm"];
  readonly method: Plan["method"];
  readonly keepFloat: Plan["keepFloat"];
  readonly calibration: CalibrationReport;
  readonly clips: readonly NamedBlob[];
}

export interface ListenParts extends EvaluateParts {
  readonly clip: NamedBlob;
  readonly output: string | undefined;
  readonly form: SoundForm | undefined;
}

/** The streaming model, as the last conversion made it, on every chip. */
export interface FitParts {
  readonly model: ModelSource;
  readonly conversion: Conversion;
  readonly bits: Plan["bits"];
  readonly widths: Plan["widths"];
  readonly cacheForm: Plan["cacheForm"];
  readonly compatible: Plan["compatible"];
}

/** The same on the plan's chip, with the caches in either place; of a node with either width. */
export interface WeighParts extends FitParts {
  readonly target: string;
  readonly node?: string | undefined;
}

export interface NumbersParts {
  readonly model: ModelSource;
  readonly other: NamedBlob;
}

export interface PreviewParts {
  readonly model: ModelSource;
  readonly axes: Plan["axes"];
  readonly features: Readonly<Record<string, FeatureSettings>>;
  readonly clip: NamedBlob;
}

export interface WaveformParts {
  readonly model: ModelSource;
  readonly axes: Plan["axes"];
  readonly features: Plan["features"];
  readonly clips: readonly NamedBlob[];
}

/** A layout and what it was made of, by reference. */
export interface LaidOut {
  readonly input: LayoutInput;
  readonly layout: Layout;
}

/** Every answer of the worker that the screen shows. */
export interface Stages {
  readonly open: Stage<{ readonly model: ModelSource }, ModelSummary, StageProgress>;
  /** Fed by the graph's pane: sizes of nodes depend on measured text. */
  readonly layout: Stage<{ readonly input: LayoutInput; readonly options: LayoutOptions }, LaidOut>;
  /** Another model beside the open one, and its picture. */
  readonly beside: Stage<{ readonly model: ModelSource }, ModelSummary, StageProgress>;
  readonly layoutBeside: Stage<{ readonly input: LayoutInput; readonly options: LayoutOptions }, LaidOut>;
  readonly analyse: Stage<AnalyseParts, AnalysisReport, StageProgress>;
  readonly convert: Stage<ConvertParts, Conversion, StageProgress>;
  readonly inspect: Stage<{ readonly clips: readonly NamedBlob[] }, readonly ClipInspection[], StageProgress>;
  readonly preview: Stage<PreviewParts, ClipPreview>;
  /** The clips of the last comparison, for its plots. */
  readonly waveform: Stage<WaveformParts, Waveform, StageProgress>;
  /** Fed by the calibration panel: range of the value that it shows. */
  readonly range: Stage<RangeQuestion, RangeReport>;
  /** Fed by the inspector: the same of the value that it shows. */
  readonly activation: Stage<RangeQuestion, RangeReport>;
  /** Fed by the inspector: values of the initializer that it shows. */
  readonly tensor: Stage<
    { readonly model: ModelSource; readonly name: string } & Partial<WeightQuestion>,
    { readonly report?: TensorReport }
  >;
  /** Fed by the splits panel: where the model could be cut. */
  readonly advice: Stage<AdviceParts, SplitAdvice>;
  readonly calibrate: Stage<CalibrateParts, CalibrationReport, CalibrationProgress>;
  readonly compare: Stage<EvaluateParts, Comparison, StageProgress>;
  /** Fed by the target picker: which nodes and how much memory, on every chip; no data needed. */
  readonly fit: Stage<FitParts, readonly ChipFit[]>;
  /** Fed by the options of a chip: with the caches inside the files, and with all of them outside. */
  readonly forms: Stage<WeighParts, readonly ChipFit[]>;
  /** Fed by the inspector: with the node that it shows at 8 bits, and at 16. */
  readonly widths: Stage<WeighParts, readonly ChipFit[]>;
  /** Fed by the model's panel: the open file of integers against another one. */
  readonly numbers: Stage<NumbersParts, QuantizedComparison, StageProgress>;
  /** Where a chip's errors come from; after a comparison. */
  readonly examine: Stage<EvaluateParts, ChipReport, StageProgress>;
  /** Fed while its panel is open, after a comparison: a clip through the model, to be heard. */
  readonly listen: Stage<ListenParts, ListenAnswer, StageProgress>;
  /** The opened model, which streams by itself, against the offline model that it was made from. */
  readonly twin: Stage<TwinParts, TwinReport, StageProgress>;
  /** Depends on the streaming model alone, not on clips. */
  readonly prove: Stage<ConvertParts, ProofReport, StageProgress>;
  readonly package: Stage<EvaluateParts, PackageResult, StageProgress>;
}

/**
 * Two workers behind the same protocol, so that a long calibration neither delays the answer to a mark
 * nor takes the open model with it when it has to be killed.
 */
export interface Hosts {
  readonly quick: JobHost;
  readonly heavy: JobHost;
  /** Lays out graphs and knows nothing else, so that a picture never waits for an analysis. */
  readonly drawing: JobHost;
}

/** What work waits for on a screen; without one, for nothing. */
export interface Screen {
  /** Resolves when the page has nothing more urgent to do. */
  idle(): Promise<void>;
  /** Resolves when the frame that shows the present change is painted. */
  painted(): Promise<void>;
  /** Finds what the screen will ask of a model, step by step, before it is shown. */
  prepare(summary: ModelSummary): Promise<void>;
}

/** The stages, not yet connected to their inputs. `plan` gives the plan of the moment in which a job starts. */
export function createStages(
  hosts: Hosts,
  plan: () => Plan,
  calibrate: CalibrationRuns["work"],
  screen?: Screen,
): Stages {
  const { quick, heavy, drawing } = hosts;
  const automatic = { automatic: true };
  const manual = { automatic: false };
  const evaluation = ({ model, calibration, clips }: EvaluateParts): Evaluation => ({
    model,
    plan: plan(),
    statistics: calibration.statistics,
    clips,
  });
  const layoutStage = (): Stages["layout"] =>
    new Stage(async ({ input, options }, o) => {
      return { input, layout: await drawing.call("layout", { ...input, options }, o) };
    }, automatic);
  const layout = layoutStage();
  /** The page has had time to ask for a picture, and has drawn it. */
  const drawn = async () => {
    await screen?.idle();
    await layout.settled();
    await screen?.idle();
  };
  return {
    open: new Stage(async (input, o) => {
      const summary = await quick.call("open", input, o);
      await screen?.prepare(summary);
      return summary;
    }, automatic),
    layout,
    analyse: new Stage(async ({ model, axes, rates, approximations, states, fixed, rollChunk }, o) => {
      await drawn();
      return quick.call(
        "analyse",
        {
          model,
          ...(axes && { axes }),
          approximations,
          ...(rates && { rates }),
          roll: { chunk: rollChunk ?? 1, ...(states && { states }), ...(fixed && { fixed }) },
        },
        o,
      );
    }, automatic),
    beside: new Stage(({ model }, o) => quick.call("open", { model, beside: true }, o), automatic),
    layoutBeside: layoutStage(),
    convert: new Stage(async ({ model }, o) => {
      // A mark is seen before its consequences are reckoned.
      if (screen) await screen.painted();
      return quick.call("convert", { model, plan: plan() }, o);
    }, automatic),
    inspect: new Stage(inspectNew(quick), automatic),
    preview: new Stage(
      ({ model, clip }, o) => quick.call("previewClip", { model, plan: plan(), clip }, o),
      automatic,
    ),
    waveform: new Stage(
      ({ model, clips }, o) => quick.call("waveform", { model, plan: plan(), clips }, o),
      automatic,
    ),
    tensor: new Stage((input, o) => quick.call("inspectTensor", input, o), automatic),
    range: new Stage((input, o) => quick.call("fitRange", input, o), automatic),
    activation: new Stage((input, o) => quick.call("fitRange", input, o), automatic),
    advice: new Stage(({ model }, o) => quick.call("splitAdvice", { model, plan: plan() }, o), automatic),
    calibrate: new Stage(calibrate, manual),
    compare: new Stage((input, o) => heavy.call("compare", evaluation(input), o), manual),
    fit: new Stage(({ model }, o) => quick.call("fitChips", { model, plan: plan() }, o), automatic),
    forms: new Stage(({ model, ...settings }, o) => {
      const choices = [
        { ...settings, cacheForm: undefined },
        { ...settings, cacheForm: "explicit" as const },
      ];
      return quick.call("weighChip", { model, plan: plan(), choices: choices.map(settingsOf) }, o);
    }, automatic),
    widths: new Stage(({ model, node = "", ...settings }, o) => {
      const choices = ([8, 16] as const).map((w) => ({
        ...settings,
        widths: { ...settings.widths, [node]: w },
      }));
      return quick.call("weighChip", { model, plan: plan(), choices: choices.map(settingsOf) }, o);
    }, automatic),
    numbers: new Stage(
      ({ model, other }, o) => quick.call("compareNumbers", { model, other: { files: [other] } }, o),
      automatic,
    ),
    examine: new Stage((input, o) => heavy.call("examineChip", evaluation(input), o), automatic),
    listen: new Stage(({ clip, output, form, ...input }, o) => {
      const question = { ...evaluation(input), clip: clip.name, output, form };
      return heavy.call("listen", question, o);
    }, automatic),
    twin: new Stage(
      ({ model, twin, clips }, o) =>
        heavy.call("compareTwin", { model, plan: plan(), twin: { files: [twin] }, clips }, o),
      automatic,
    ),
    prove: new Stage(({ model }, o) => heavy.call("prove", { model, plan: plan() }, o), manual),
    package: new Stage((input, o) => heavy.call("exportPackage", evaluation(input), o), manual),
  };
}

/** What is worth sending of a plan for a chip. */
function settingsOf({ bits, widths, cacheForm, compatible }: ChipSettingsParts): ChipSettings {
  return {
    ...(bits && { bits }),
    ...(widths && { widths }),
    ...(cacheForm && { cacheForm }),
    ...(compatible && { compatible }),
  };
}

type ChipSettingsParts = Pick<WeighParts, "bits" | "widths" | "cacheForm" | "compatible">;

/** Inspects clips that were not inspected before; a list that grew by one costs one. */
function inspectNew(host: Hosts["quick"]) {
  const known = new WeakMap<NamedBlob, ClipInspection>();
  type Options = { signal: AbortSignal; onProgress: (p: StageProgress) => void };
  return async ({ clips }: { readonly clips: readonly NamedBlob[] }, options: Options) => {
    const fresh = clips.filter((clip) => !known.has(clip));
    const answers = fresh.length ? await host.call("inspectClips", { clips: fresh }, options) : [];
    for (const [i, clip] of fresh.entries()) {
      const answer = answers[i];
      if (answer) known.set(clip, answer);
    }
    return clips.flatMap((clip) => known.get(clip) ?? []);
  };
}

/** Every stage, in the order of the job. */
export const STAGE_NAMES = [
  "open",
  "layout",
  "beside",
  "layoutBeside",
  "analyse",
  "convert",
  "inspect",
  "preview",
  "waveform",
  "range",
  "activation",
  "tensor",
  "advice",
  "calibrate",
  "compare",
  "fit",
  "forms",
  "widths",
  "numbers",
  "examine",
  "listen",
  "twin",
  "prove",
  "package",
] as const satisfies readonly StageName[];
