import type { Detail } from "../core/base/detail.ts";
import type {
  BudgetUnused,
  ForeignKind,
  KernelRefusal,
  ProbedFact,
  ProblemCode,
  RaiseReason,
  RefusalReason,
  RestartedJob,
} from "../core/base/problem.ts";
import type { ApproximationKind } from "../core/plan/approximation.ts";

/** Languages in which problems are explained. */
export type ExplainLanguage = "en" | "zh-CN";

/** What happened, and what the user can do now. Placeholders in braces are filled from the problem. */
export interface Explanation {
  readonly what: string;
  readonly advice?: string;
}

/** The words of every detail; placeholders are its names and numbers. */
export type DetailTexts = Readonly<Record<Detail["code"], string>>;

/** Every sentence about problems in one language; a missing one does not compile. */
export interface ExplainCatalogue {
  readonly problems: Readonly<Record<ProblemCode, Explanation>>;
  readonly details: DetailTexts;
  /** How a detail stands behind the reason of a refusal. */
  readonly bracketed: string;
  /** For the outermost object of a text file. */
  readonly top: string;
  /** In a shape: the time axis, and samples one behind the other. */
  readonly frames: string;
  readonly samples: string;
  /** Why a worker is gone, where nothing else is known. */
  readonly losses: Readonly<Record<string, string>>;
  readonly refusals: Readonly<Record<RefusalReason, string>>;
  /** What to do about each. */
  readonly remedies: Readonly<Record<RefusalReason, string>>;
  /** What stands in for a node; {0} and {1} are its numbers. */
  readonly approximations: Readonly<Record<ApproximationKind, string>>;
  /** Before the advice on a refused node, if something can stand in. */
  readonly offered: string;
  readonly kernels: Readonly<Record<KernelRefusal, string>>;
  readonly budgets: Readonly<Record<BudgetUnused, string>>;
  readonly raises: Readonly<Record<RaiseReason, string>>;
  readonly cuts: Readonly<Record<"notStreamed" | "isInput" | "isOutput" | "crossesState", string>>;
  readonly marks: Readonly<Record<"cache" | "split" | "output", string>>;
  /** What a file of another kind is, and what can be done with it. */
  readonly foreign: Readonly<Record<ForeignKind, Required<Explanation>>>;
  readonly jobs: Readonly<Record<RestartedJob, string>>;
  readonly probed: Readonly<Record<ProbedFact, string>>;
  /** Joins the elements of a list. */
  readonly separator: string;
  /** Between two sentences. */
  readonly gap: string;
  /** For a model whose file nobody has named. */
  readonly model: string;
  /** For bytes that nobody knows. */
  readonly unknownSize: string;
  /** For a list without elements or an empty name. */
  readonly nothing: string;
}
