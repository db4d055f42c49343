/** The frame of the page: bars, steps, notices. */
export const shellEn = {
  privacy: "All processing stays on this computer",

  "empty.sentence":
    "Turn an offline ONNX model into a streaming, quantized package – proved equal on every frame.",
  "empty.open": "Open a model",
  "empty.sample": "Try the sample",
  "empty.others": "Also:",
  "empty.drop": "Or drop a model, clips or a whole folder anywhere in this window.",

  "shell.tooNarrow":
    "This window is too narrow to work in. The model can be looked at; everything else needs 640 px.",

  "install.offline": "Works offline",
  "install.update": "A new version of Rill is ready. Starting it reloads this page.",
  "install.reload": "Start it",
  "install.later": "Later",

  "drop.instead": "Open here",
  "drop.beside": "Show a model beside this one",
  "drop.here": "Drop models, clips, plans or folders",

  "step.model": "Model",
  "step.axis": "Time axis",
  "step.caches": "Caches",
  "step.splits": "Splits",
  "step.audio": "Audio",
  "step.calibrate": "Calibrate",
  "step.results": "Results",
  "step.export": "Export",

  "stepState.empty": "empty",
  "stepState.needs": "waits for an earlier step",
  "stepState.ready": "ready",
  "stepState.running": "running",
  "stepState.done": "done",
  "stepState.stale": "out of date",
  "stepState.failed": "failed",

  "rail.label": "Steps",
  "rail.running": "Running…",
  "rail.runAllHint": "Accept the proposals, then calibrate, compare and package",

  "needs.model": "Open a model first.",
  "needs.float":
    "This file holds integers: it can be looked at and compared. Streaming, calibration and export start from the float ONNX model it was made from.",
  "needs.axis": "Choose a time axis first.",
  "needs.clips": "Add at least one clip (WAV or .npy) first.",
  "needs.streaming": "The model does not stream yet: see Time axis and Caches.",
  "needs.calibration": "Calibrate first.",
  "needs.results": "Run the comparison to see plots.",

  "state.stale": "Out of date",
  "state.staleHint": "The inputs have changed since.",
  "state.stopped": "Stopped",

  "action.cancel": "Cancel",
  "action.cancelling": "Stopping…",
  "action.close": "Close",
  "action.dismiss": "Dismiss",
  "action.retry": "Try again",
  "action.copyReport": "Copy report",
  "action.showPlace": "Show {place}",

  "bug.what":
    "Something went wrong inside Rill. Your files and marks are untouched: try again, and copy the report if it happens again.",

  "top.facts": "{format} · {ops} ops · {parameters} parameters",
  "top.undo": "Undo: {edit}",
  "top.redo": "Redo: {edit}",
  "top.overlay": "Colour",
  "top.theme": "Theme: {theme}",

  "theme.system": "as the system",
  "theme.light": "light",
  "theme.dark": "dark",

  "status.idle": "Ready",
  "status.cancelAsk": "Press {key} again to cancel",

  "resize.step": "Width of the step",
  "resize.drawer": "Height of the drawer",

  "stage.open": "Opening the model",
  "stage.layout": "Laying out the graph",
  "stage.beside": "Opening the other model",
  "stage.layoutBeside": "Laying out the other graph",
  "stage.analyse": "Following time through the graph",
  "stage.convert": "Making the streaming model",
  "stage.inspect": "Reading clips",
  "stage.preview": "Drawing the clip",
  "stage.advice": "Looking for places to cut",
  "stage.waveform": "Drawing the waveform",
  "stage.tensor": "Reading values",
  "stage.range": "Choosing a range",
  "stage.activation": "Reading a distribution",
  "stage.calibrate": "Calibrating",
  "stage.compare": "Comparing",
  "stage.prove": "Proving",
  "stage.package": "Building the package",

  "progress.read": "Reading files",
  "progress.open": "Opening the model",
  "progress.parity": "Streaming against offline",
  "progress.search": "Searching exponents and widths",
  "progress.partOf": "{stage}: {part}",
  "progress.about": "about {percent}",
  "search.float": "what the float model answers",
  "search.exponents": "exponents",
  "search.widths": "16 bits where they pay",
  "search.refine": "exponents for these widths",
  "search.biases": "biases",
  "progress.quantization": "int8 against float",
  "progress.integerParity": "int8 streaming against int8 offline",
  "progress.prove": "Proving, check by check",
  "progress.pack": "Packing",
  "progress.verify": "Re-opening and re-running",

  "unit.frames": "{n} {n, plural, one {frame} other {frames}}",

  "problems.none": "No problems.",

  "drawer.label": "Tables and plots",
  "drawer.layers": "Layers",
  "drawer.audio": "Audio",
  "drawer.plots": "Plots",
  "drawer.listen": "Listen",
  "drawer.log": "Log",

  "log.empty": "Nothing has run yet.",
  "log.started": "started",
  "log.done": "done",
  "log.stopped": "stopped",
  "log.failed": "failed",

  "stage.listen": "Rendering sound",
  "stage.twin": "Comparing with the offline twin",

  "drawer.caches": "Caches",

  "stage.fit": "Checking what the chip can do",
  "stage.forms": "Weighing the caches",
  "stage.widths": "Weighing the width",
  "stage.examine": "Finding where errors come from",

  "progress.examine": "One operator at a time",

  "stage.numbers": "Comparing two files",

  "drawer.errors": "Errors",
} as const;

/** 占位符与英文相同。 */
export const shellZh: Readonly<Record<keyof typeof shellEn, string>> = {
  privacy: "所有处理都在本机完成",

  "empty.sentence": "把离线 ONNX 模型变成流式、量化的部署包，并逐帧证明结果一致。",
  "empty.open": "打开模型",
  "empty.sample": "试用示例",
  "empty.others": "还有：",
  "empty.drop": "也可以把模型、音频片段或整个文件夹拖到窗口任意位置。",

  "shell.tooNarrow": "窗口太窄，只能查看模型；其余操作需要至少 640 px 的宽度。",

  "install.offline": "可离线使用",
  "install.update": "Rill 有新版本。启用时会重新加载此页。",
  "install.reload": "启用",
  "install.later": "稍后",

  "drop.instead": "在此打开",
  "drop.beside": "与当前模型并排显示",
  "drop.here": "拖入模型、片段、方案或文件夹",

  "step.model": "模型",
  "step.axis": "时间轴",
  "step.caches": "缓存",
  "step.splits": "切分",
  "step.audio": "音频",
  "step.calibrate": "校准",
  "step.results": "结果",
  "step.export": "导出",

  "stepState.empty": "空",
  "stepState.needs": "等待前面的步骤",
  "stepState.ready": "就绪",
  "stepState.running": "运行中",
  "stepState.done": "完成",
  "stepState.stale": "已过期",
  "stepState.failed": "失败",

  "rail.label": "步骤",
  "rail.running": "运行中…",
  "rail.runAllHint": "接受所有建议，然后校准、比较并打包",

  "needs.model": "请先打开模型。",
  "needs.float": "此文件保存的是整数，可以查看和比较。流式转换、校准和导出需要生成它的浮点 ONNX 模型。",
  "needs.axis": "请先选择时间轴。",
  "needs.clips": "请先添加至少一个片段（WAV 或 .npy）。",
  "needs.streaming": "模型尚不能流式运行，请查看“时间轴”和“缓存”。",
  "needs.calibration": "请先校准。",
  "needs.results": "请先运行比较，再查看图表。",

  "state.stale": "已过期",
  "state.staleHint": "此后输入已改动。",
  "state.stopped": "已停止",

  "action.cancel": "取消",
  "action.cancelling": "正在停止…",
  "action.close": "关闭",
  "action.dismiss": "知道了",
  "action.retry": "重试",
  "action.copyReport": "复制报告",
  "action.showPlace": "定位 {place}",

  "bug.what": "Rill 内部出错。您的文件和标记未受影响：请重试；若再次出现，请复制报告。",

  "top.facts": "{format} · {ops} 个算子 · {parameters} 个参数",
  "top.undo": "撤销：{edit}",
  "top.redo": "重做：{edit}",
  "top.overlay": "着色",
  "top.theme": "主题：{theme}",

  "theme.system": "跟随系统",
  "theme.light": "浅色",
  "theme.dark": "深色",

  "status.idle": "就绪",
  "status.cancelAsk": "再按一次 {key} 即可取消",

  "resize.step": "步骤面板宽度",
  "resize.drawer": "底部面板高度",

  "stage.open": "打开模型",
  "stage.layout": "排布计算图",
  "stage.beside": "打开另一个模型",
  "stage.layoutBeside": "排布另一个计算图",
  "stage.analyse": "沿计算图推导时间",
  "stage.convert": "生成流式模型",
  "stage.inspect": "读取片段",
  "stage.preview": "绘制片段",
  "stage.advice": "正在寻找切分位置",
  "stage.waveform": "绘制波形",
  "stage.tensor": "读取数值",
  "stage.range": "选择范围",
  "stage.activation": "读取分布",
  "stage.calibrate": "校准",
  "stage.compare": "比较",
  "stage.prove": "证明",
  "stage.package": "生成部署包",

  "progress.read": "读取文件",
  "progress.open": "打开模型",
  "progress.parity": "流式与离线",
  "progress.search": "搜索指数和位宽",
  "progress.partOf": "{stage}：{part}",
  "progress.about": "约 {percent}",
  "search.float": "浮点模型的参考结果",
  "search.exponents": "指数",
  "search.widths": "16 位用在何处",
  "search.refine": "适合这些位宽的指数",
  "search.biases": "偏置",
  "progress.quantization": "int8 与浮点",
  "progress.integerParity": "int8 流式与 int8 离线",
  "progress.prove": "逐项证明",
  "progress.pack": "打包",
  "progress.verify": "重新打开并运行",

  "unit.frames": "{n} 帧",

  "problems.none": "没有问题。",

  "drawer.label": "表格与图表",
  "drawer.layers": "各层",
  "drawer.audio": "音频",
  "drawer.plots": "图表",
  "drawer.listen": "试听",
  "drawer.log": "日志",

  "log.empty": "尚未运行任何任务。",
  "log.started": "开始",
  "log.done": "完成",
  "log.stopped": "已停止",
  "log.failed": "失败",

  "stage.listen": "生成声音",
  "stage.twin": "与离线模型比较",

  "drawer.caches": "缓存",

  "stage.fit": "检查芯片支持情况",
  "stage.forms": "估算缓存形式的开销",
  "stage.widths": "估算位宽的开销",
  "stage.examine": "查找误差来源",

  "progress.examine": "逐个算子",

  "stage.numbers": "比较两个文件",

  "drawer.errors": "误差",
};
