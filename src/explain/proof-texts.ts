import type { CheckId, CheckReason, CheckStatus, EvidenceName, ProofReport } from "../core/proof/proof.ts";
import type { ExplainLanguage } from "./catalogue.ts";

/** Every sentence about proofs in one language; a missing one does not compile. */
export interface ProofTexts {
  readonly checks: Readonly<Record<CheckId, { readonly title: string; readonly what: string }>>;
  readonly status: Readonly<Record<CheckStatus, string>>;
  readonly verdict: Readonly<Record<ProofReport["verdict"], string>>;
  readonly evidence: Readonly<Record<EvidenceName, string>>;
  readonly reasons: Readonly<Record<CheckReason["code"], string>>;
  readonly repetitions: Readonly<Record<"reset" | "interleaved" | "restored", string>>;
  /** Placeholders: value, op, frame, offline, streaming. */
  readonly divergence: string;
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
    replay: {
      title: "State",
      what: "Reset and replay, two streams that take turns, and a stream saved in the middle give the same bits.",
    },
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
  },
  reasons: {
    notCovered: "not covered: {op} at {node}",
    tooLarge: "too large: {frames} input frames are affordable, {needFrames} are needed",
    atChunk: "at chunk {chunk}",
    notRepeated: "{how}: step {step} gave other bits",
  },
  repetitions: {
    reset: "after a reset",
    interleaved: "beside another stream",
    restored: "from a saved state",
  },
  divergence: "{value} ({op}), frame {frame}: offline {offline}, streaming {streaming}",
};

const zhCN: ProofTexts = {
  checks: {
    structural: {
      title: "结构相同",
      what: "以随机整数权重做精确运算：每个值的每一帧都与离线逐位相等。",
    },
    chunks: { title: "任意块大小", what: "块大小为一倍、两倍和三倍的模块给出相同的帧。" },
    replay: { title: "状态", what: "复位重放、两个流交替运行、中途保存再恢复，结果逐位相同。" },
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
    chunkSizes: "块大小种数",
    steps: "步数",
    outputs: "输出数",
    caches: "缓存数",
  },
  reasons: {
    notCovered: "未覆盖：{node} 处的 {op}",
    tooLarge: "过大：可承受 {frames} 个输入帧，需要 {needFrames} 个",
    atChunk: "块大小为 {chunk} 时",
    notRepeated: "{how}：第 {step} 步的结果不同",
  },
  repetitions: { reset: "复位后", interleaved: "与另一个流交替时", restored: "从保存的状态继续时" },
  divergence: "{value}（{op}）第 {frame} 帧：离线 {offline}，流式 {streaming}",
};

export const PROOF_TEXTS: Readonly<Record<ExplainLanguage, ProofTexts>> = { en, "zh-CN": zhCN };
