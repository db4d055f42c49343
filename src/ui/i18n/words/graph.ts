/** The graph, its overlays and legends. */
export const graphEn = {
  "overlay.none": "by operator",
  "overlay.modules": "by module",
  "overlay.sqnr": "by error (SQNR)",

  "graph.role": "model graph",
  "graph.keys":
    "Arrow keys follow the data, Enter inspects, C marks a cache, S a split, U follows the data back and Shift+U onwards, [ and ] close and open groups, 0 shows everything.",
  "graph.layingOut": "Laying out the graph…",
  "graph.group": "Group",
  "graph.closeGroup": "Close group {label}",
  "graph.minimap": "The whole graph, small",
  "graph.menu": "Actions on the selection",
  "graph.search": "Search ops and values",
  "graph.outline": "Outline",
  "graph.position": "{i} of {n}",
  "graph.shape": "input {shape}",
  "graph.cached": "cached",
  "graph.split": "split point",
  "beside.label": "The other model",
  "beside.facts": "{same} ops alike, {only} only here",
  "graph.refused": "cannot stream",
  "graph.separator": ", ",
  "graph.cacheChip": "Cache on {value}: {state}, {frames}, {bytes}",
  "graph.splitChip": "Split at {value}: {n} {n, plural, one {tensor} other {tensors}}, {bytes}",
  "graph.portal": "Continues at {to}",

  "overlay.time": "by time (axis, rate, delay)",

  "legend.title": "Legend",
  "legend.delay": "frames late",
  "legend.approximate": "approximate",
  "legend.refused": "cannot stream",
  "legend.rate": "frames per input frame",
  "legend.axis": "time axis",

  "totals.label": "Streaming model: latency and memory",
  "totals.delay": "Delay",
  "totals.delayOf": "{frames} ({ms})",
  "totals.caches": "Caches",
  "totals.weights": "Weights",
  "totals.peak": "Peak",
  "totals.peakHint": "Largest module: weights, caches and activations of one run",
  "totals.stale": "being updated",

  "graph.approximate": "approximate",

  "overlay.own": "by own error (chip)",
  "overlay.exponent": "by exponent (chip)",

  "legend.heat.exponent": "Exponent e (steps of 2^e)",
  "legend.heat.sqnr": "SQNR, accumulated",
  "legend.heat.own": "SQNR, own error",
  "legend.heat.below": "Only below",
  "legend.heat.all": "all values",
  "legend.heat.hidden": "{n} of {of} nodes shown",
} as const;

/** 占位符与英文相同。 */
export const graphZh: Readonly<Record<keyof typeof graphEn, string>> = {
  "overlay.none": "按算子",
  "overlay.modules": "按模块",
  "overlay.sqnr": "按误差（SQNR）",

  "graph.role": "模型计算图",
  "graph.keys":
    "方向键沿数据流移动，Enter 检查，C 标记缓存，S 标记切分，U 沿上游、Shift+U 沿下游高亮，[ 与 ] 收起和展开分组，0 显示全图。",
  "graph.layingOut": "正在排布计算图…",
  "graph.group": "分组",
  "graph.closeGroup": "收起分组 {label}",
  "graph.minimap": "整图缩略图",
  "graph.menu": "对所选项的操作",
  "graph.search": "搜索算子和值",
  "graph.outline": "大纲",
  "graph.position": "第 {i} 个，共 {n} 个",
  "graph.shape": "输入 {shape}",
  "graph.cached": "有缓存",
  "graph.split": "切分点",
  "beside.label": "另一个模型",
  "beside.facts": "{same} 个相同算子，{only} 个仅此处有",
  "graph.refused": "无法流式",
  "graph.separator": "，",
  "graph.cacheChip": "{value} 的缓存：{state}，{frames}，{bytes}",
  "graph.splitChip": "{value} 处的切分：{n} 个张量，{bytes}",
  "graph.portal": "接续于 {to}",

  "overlay.time": "按时间（轴、速率、延迟）",

  "legend.title": "图例",
  "legend.delay": "延迟帧数",
  "legend.approximate": "近似",
  "legend.refused": "无法流式化",
  "legend.rate": "每输入帧的帧数",
  "legend.axis": "时间轴",

  "totals.label": "流式模型：延迟与内存",
  "totals.delay": "延迟",
  "totals.delayOf": "{frames}（{ms}）",
  "totals.caches": "缓存",
  "totals.weights": "权重",
  "totals.peak": "峰值",
  "totals.peakHint": "最大模块：一次运行的权重、缓存和激活",
  "totals.stale": "正在更新",

  "graph.approximate": "近似",

  "overlay.own": "按自身误差（芯片）",
  "overlay.exponent": "按指数（芯片）",

  "legend.heat.exponent": "指数 e（步长 2^e）",
  "legend.heat.sqnr": "SQNR（累积）",
  "legend.heat.own": "SQNR（自身误差）",
  "legend.heat.below": "仅显示低于",
  "legend.heat.all": "全部值",
  "legend.heat.hidden": "显示 {of} 个节点中的 {n} 个",
};
