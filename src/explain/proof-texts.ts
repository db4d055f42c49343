import type {
  CheckId,
  CheckReason,
  CheckStatus,
  EvidenceName,
  NotRun,
  ProofReport,
  Repetition,
} from "../core/proof/proof.ts";
import type { ExplainLanguage } from "./catalogue.ts";

/** Every sentence about proofs in one language; a missing one does not compile. */
export interface ProofTexts {
  readonly checks: Readonly<Record<CheckId, { readonly title: string; readonly what: string }>>;
  readonly status: Readonly<Record<CheckStatus, string>>;
  readonly verdict: Readonly<Record<ProofReport["verdict"], string>>;
  readonly evidence: Readonly<Record<EvidenceName, string>>;
  readonly reasons: Readonly<Record<CheckReason["code"], string>>;
  readonly repetitions: Readonly<Record<Repetition, string>>;
  readonly notRun: Readonly<Record<NotRun, string>>;
  /** Placeholders: value, op, frame, offline, streaming. */
  readonly divergence: string;
  /** The same without the numbers. */
  readonly place: string;
}

const en: ProofTexts = {
  checks: {
    structural: {
      title: "Same structure",
      what: "Random whole weights in exact arithmetic: every value of every frame equals offline, bit for bit.",
    },
    chunks: {
      title: "Any chunk",
      what: "Modules for one, two and three times the chunk give the same frames.",
    },
    lengths: {
      title: "Any length",
      what: "Clips shorter than a history and of every residue of a chunk, with NaN behind their end, come out right.",
    },
    poison: {
      title: "Nothing from before the start",
      what: "With NaN in every frame from before the stream, and in caches that nothing should read yet, no true frame changes.",
    },
    caches: {
      title: "Contents of caches",
      what: "At every step a cache holds the frames of its offline value that come before the chunk.",
    },
    replay: {
      title: "State",
      what: "Reset and replay, two streams that take turns, and a stream saved in the middle give the same bits.",
    },
    claims: {
      title: "Delay and receptive field",
      what: "One input frame is changed: what changes with it lies within the declared field, exactly as late as declared.",
    },
    runtime: {
      title: "In the runtime",
      what: "float32 offline and streaming agree on the clips, within rounding.",
    },
    integers: { title: "As integers", what: "int8 streaming equals int8 offline on every frame." },
  },
  status: { passed: "passed", failed: "FAILED", notApplicable: "not applicable", skipped: "not checked" },
  verdict: {
    passed: "proved",
    failed: "not equal",
    incomplete: "proved in part",
    approximate: "equals its approximation of the model; the model itself is only approximated",
  },
  evidence: {
    inputFrames: "input frames",
    wantedFrames: "input frames wanted",
    values: "values",
    frames: "frames compared",
    elements: "numbers compared",
    chunkSizes: "chunk sizes",
    steps: "steps",
    outputs: "outputs",
    caches: "caches",
    lengths: "lengths",
    poisonedFrames: "frames poisoned",
    poisonedCaches: "caches poisoned",
    perturbations: "frames changed",
    confirmed: "receptive fields met exactly",
    probed: "values probed in the runtime",
    clips: "clips",
    maxRelative: "worst error of an output's range",
    tolerance: "allowed",
    different: "numbers that differ",
  },
  reasons: {
    notCovered: "not covered: {op} at {node}",
    startIgnored: "the start is approximate by choice",
    approximate: "an approximation was accepted: its error is measured, not proved",
    fixedLength: "the model takes one length only",
    severalPaces: "inputs run at rates or delays of their own",
    originalNotRun: "equal to the normalised graph; the opened file itself was not run, because {why}",
    tiesByValue:
      "the runtime rounded ties differently; what differs behind such a value is put down to it without looking at the frame",
    atLength: "with {frames} input frames",
    cacheHolds: "{cache} holds other frames",
    probeDisagrees: "{fact} of {value} at {node}: derived {derived}, measured {measured}",
    tooLarge: "too large: {frames} input frames are affordable, {needFrames} are needed",
    atChunk: "at chunk {chunk}",
    notRepeated: "{how}: step {step} gave other bits",
  },
  repetitions: {
    reset: "after a reset",
    interleaved: "beside another stream",
    restored: "from a saved state",
  },
  notRun: {
    refused: "the runtime refuses it",
    uneven: "its own length is no multiple of the chunk",
    clipShorter: "the clip is shorter than its own length",
  },
  divergence: "{value} ({op}), frame {frame}: offline {offline}, streaming {streaming}",
  place: "{value} ({op}), frame {frame}",
};

const zhCN: ProofTexts = {
  checks: {
    structural: {
      title: "结构相同",
      what: "以随机整数权重做精确运算：每个值的每一帧都与离线逐位相等。",
    },
    chunks: { title: "任意块长", what: "块长为一倍、两倍和三倍时，各模块给出相同的帧。" },
    lengths: {
      title: "任意长度",
      what: "短于缓存历史的片段，以及除以块长后余数各不相同的片段（末尾之后为 NaN），结果都正确。",
    },
    poison: {
      title: "起始之前无影响",
      what: "把流开始之前的每一帧以及尚不应被读取的缓存都设为 NaN，真实帧不会改变。",
    },
    caches: { title: "缓存内容", what: "每一步中，缓存保存的都是对应离线值在该块之前的帧。" },
    replay: { title: "状态", what: "复位重放、两个流交替运行、中途保存再恢复，结果逐位相同。" },
    claims: {
      title: "延迟与感受野",
      what: "改变一个输入帧：随之改变的帧都在声明的感受野之内，且延迟与声明完全一致。",
    },
    runtime: { title: "运行时", what: "在这些片段上，float32 的离线与流式在舍入误差内一致。" },
    integers: { title: "整数", what: "int8 流式与 int8 离线在每一帧上都相等。" },
  },
  status: { passed: "通过", failed: "失败", notApplicable: "不适用", skipped: "未检查" },
  verdict: {
    passed: "已证明",
    failed: "不相等",
    incomplete: "部分证明",
    approximate: "与模型的近似形式相等；模型本身只是近似",
  },
  evidence: {
    inputFrames: "输入帧数",
    wantedFrames: "期望的输入帧数",
    values: "值的个数",
    frames: "比较的帧数",
    elements: "比较的数值个数",
    chunkSizes: "块长种数",
    steps: "步数",
    outputs: "输出数",
    caches: "缓存数",
    lengths: "长度种数",
    poisonedFrames: "设为 NaN 的帧数",
    poisonedCaches: "设为 NaN 的缓存数",
    perturbations: "改变的帧数",
    confirmed: "恰好达到感受野的值",
    probed: "在运行时探测的值",
    clips: "片段数",
    maxRelative: "相对输出范围的最大误差",
    tolerance: "允许误差",
    different: "不同的数值个数",
  },
  reasons: {
    notCovered: "未覆盖：{node} 处的 {op}",
    startIgnored: "按选择，起始帧为近似",
    approximate: "已接受近似：误差为实测，未作证明",
    fixedLength: "模型只接受一种长度",
    severalPaces: "各输入有自己的帧率或延迟",
    originalNotRun: "与规范化后的图相等；所打开的文件本身未运行，因为{why}",
    tiesByValue: "运行时对恰在舍入中点的值舍入不同；其后的差异按值归因于此，未逐帧核对",
    atLength: "输入为 {frames} 帧时",
    cacheHolds: "{cache} 中保存的不是应有的帧",
    probeDisagrees: "{node} 处 {value} 的{fact}：推导为 {derived}，实测为 {measured}",
    tooLarge: "过大：可承受 {frames} 个输入帧，需要 {needFrames} 个",
    atChunk: "块长为 {chunk} 时",
    notRepeated: "{how}：第 {step} 步的结果不同",
  },
  repetitions: { reset: "复位后", interleaved: "与另一个流交替时", restored: "从保存的状态继续时" },
  notRun: {
    refused: "运行时拒绝它",
    uneven: "其自身长度不是块长的整数倍",
    clipShorter: "片段短于其自身长度",
  },
  divergence: "{value}（{op}）第 {frame} 帧：离线 {offline}，流式 {streaming}",
  place: "{value}（{op}）第 {frame} 帧",
};

export const PROOF_TEXTS: Readonly<Record<ExplainLanguage, ProofTexts>> = { en, "zh-CN": zhCN };
