import type { Problem, RestartedJob } from "../core/base/problem.ts";
import type { Explanation } from "./catalogue.ts";

type SessionCode = Extract<
  Problem["code"],
  `session.${string}` | `storage.${string}` | "worker.restarted" | "worker.resumed" | "memory.exhausted"
>;

type Sentences = Readonly<Record<SessionCode, Explanation>>;

/** Saved sessions, storage and workers that stop. */
export const sessionEn: Sentences = {
  "worker.restarted": {
    what: "A background worker stopped unexpectedly and was started again.",
    advice: "It does its job again: {job}. Nothing else was lost.",
  },
  "worker.resumed": {
    what: "The calibration’s worker stopped unexpectedly and was started again.",
    advice: "{done} of {total} clips are kept; it goes on with the next one.",
  },
  "memory.exhausted": {
    what: "Memory ran out: {needed} asked for, {files} of files in this job; one worker can hold {limit}.",
    advice:
      "Its memory is free again and finished clips are kept. Use fewer or shorter clips, a smaller chunk, or close other tabs; the command line “rill” does the same job without the page.",
  },
  "session.otherModel": {
    what: "“{file}” is not the model of the session “{session}” (SHA-256 {actual}, the session’s is {expected}).",
    advice: "It was opened as a new session. The saved one is kept under Recent sessions.",
  },
  "session.otherClip": {
    what: "“{file}” differs from the clip of this name in the saved session.",
    advice: "It was added as a new clip; results that rest on the old one are out of date.",
  },
  "session.openElsewhere": {
    what: "The session “{session}” is open in another tab.",
    advice: "This tab goes on with a copy; neither overwrites the other.",
  },
  "session.unreadable": {
    what: "The saved session “{session}” cannot be read any more.",
    advice: "Open the model anew, with its plan file if you saved one.",
  },
  "session.interrupted": {
    what: "The calibration was interrupted; {done} of {total} clips are kept.",
    advice: "“Calibrate” goes on with the next clip.",
  },
  "storage.blocked": {
    what: "The browser does not let Rill save this session ({reason}).",
    advice: "Work goes on; save the plan as a file before you close the tab.",
  },
  "storage.full": {
    what: "There is no room left to save this session: {needed} needed, {free} free.",
    advice: "Work goes on. Delete sessions under Recent sessions, or do not keep the files.",
  },
};

/** 占位符与英文相同。 */
export const sessionZh: Sentences = {
  "worker.restarted": {
    what: "后台线程意外停止，已重新启动。",
    advice: "它会重新执行：{job}。其他内容没有丢失。",
  },
  "worker.resumed": {
    what: "校准的后台线程意外停止，已重新启动。",
    advice: "{total} 个片段中已保留 {done} 个，将从下一个继续。",
  },
  "memory.exhausted": {
    what: "内存不足：申请 {needed}，本任务的文件共 {files}；单个后台线程最多可用 {limit}。",
    advice:
      "其内存已释放，已完成的片段仍保留。请减少或缩短片段、减小块长，或关闭其他标签页；命令行 rill 可在页面之外完成同样的任务。",
  },
  "session.otherModel": {
    what: "“{file}”不是会话“{session}”的模型（SHA-256 {actual}，会话中为 {expected}）。",
    advice: "已作为新会话打开；原会话仍保留在“最近的会话”中。",
  },
  "session.otherClip": {
    what: "“{file}”与已保存会话中的同名片段不同。",
    advice: "已作为新片段加入；依赖旧片段的结果已过期。",
  },
  "session.openElsewhere": {
    what: "会话“{session}”已在另一个标签页中打开。",
    advice: "本标签页使用副本继续，互不覆盖。",
  },
  "session.unreadable": {
    what: "已保存的会话“{session}”无法再读取。",
    advice: "请重新打开模型；如保存过方案文件，请一并打开。",
  },
  "session.interrupted": {
    what: "校准被中断；{total} 个片段中已保留 {done} 个。",
    advice: "请点击“校准”，将从下一个片段继续。",
  },
  "storage.blocked": {
    what: "浏览器不允许 Rill 保存此会话（{reason}）。",
    advice: "可以继续工作；关闭标签页前请将方案保存为文件。",
  },
  "storage.full": {
    what: "空间不足，无法保存此会话：需要 {needed}，可用 {free}。",
    advice: "可以继续工作。请在“最近的会话”中删除会话，或不保留文件。",
  },
};

/** Jobs of a worker, after "It does its job again:". */
export const jobsEn: Readonly<Record<RestartedJob, string>> = {
  open: "opening the model",
  layout: "laying out the graph",
  analyse: "following time through the graph",
  convert: "making the streaming model",
  splitAdvice: "looking for places to cut",
  inspectClips: "reading clips",
  previewClip: "drawing the clip",
  waveform: "drawing the waveform",
  inspectTensor: "reading values",
  fitRange: "choosing a range",
  calibrate: "calibrating",
  compare: "comparing",
  fitChips: "looking what the chip can do",
  weighChip: "weighing choices for the chip",
  compareNumbers: "comparing two files",
  examineChip: "looking where errors come from",
  compareTwin: "comparing with the offline twin",
  listen: "rendering sound",
  prove: "proving",
  exportPackage: "building the package",
};

export const jobsZh: Readonly<Record<RestartedJob, string>> = {
  open: "打开模型",
  layout: "排布计算图",
  analyse: "沿计算图推导时间",
  convert: "生成流式模型",
  splitAdvice: "寻找切分位置",
  inspectClips: "读取片段",
  previewClip: "绘制片段",
  waveform: "绘制波形",
  inspectTensor: "读取数值",
  fitRange: "选择范围",
  calibrate: "校准",
  compare: "比较",
  fitChips: "检查芯片支持情况",
  weighChip: "估算芯片上各选择的开销",
  compareNumbers: "比较两个文件",
  examineChip: "查找误差来源",
  compareTwin: "与离线模型比较",
  listen: "生成声音",
  prove: "证明",
  exportPackage: "生成部署包",
};
