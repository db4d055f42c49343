/** Saving the graph as a picture, and what its legend says. */
export const pictureEn = {
  "picture.title": "Save the graph as a picture",
  "picture.what":
    "The whole graph as it is shown: groups, marks, colours and theme, with a title and a legend.",
  "picture.format": "Format",
  "picture.scale": "Size",
  "picture.pixels": "{width} × {height} px",
  "picture.tooLarge":
    "{width} × {height} px are too many: a PNG may have {side} px a side and {pixels} million px in all. {advice}",
  "picture.smaller": "Choose {percent} or less, or SVG.",
  "picture.onlySvg": "Choose SVG, or close some groups.",
  "picture.save": "Save",
  "picture.saving": "Drawing the picture",
  "picture.saved": "Saved {file} ({bytes})",
  "picture.failed": "The picture could not be drawn: {reason}. Choose a smaller size, or SVG.",

  "legend.family.linear": "convolution, matrix product",
  "legend.family.norm": "normalisation",
  "legend.family.activation": "activation",
  "legend.family.arithmetic": "arithmetic",
  "legend.family.shape": "shape and copy",
  "legend.family.reduce": "pooling, reduction",
  "legend.family.recurrent": "recurrent, control flow",
  "legend.family.quant": "quantization",
  "legend.family.port": "input, output",
  "legend.family.other": "other",
  "legend.cache": "cache",
  "legend.cacheProposed": "cache, proposed",
  "legend.split": "split",
  "legend.module": "module {n}",
} as const;

/** 占位符与英文相同。 */
export const pictureZh: Readonly<Record<keyof typeof pictureEn, string>> = {
  "picture.title": "将计算图保存为图片",
  "picture.what": "按当前显示保存整张图：分组、标记、颜色与主题，附标题和图例。",
  "picture.format": "格式",
  "picture.scale": "大小",
  "picture.pixels": "{width} × {height} 像素",
  "picture.tooLarge":
    "{width} × {height} 像素过大：PNG 每边最多 {side} 像素，总计最多 {pixels} 百万像素。{advice}",
  "picture.smaller": "请选择 {percent} 或更小，或选择 SVG。",
  "picture.onlySvg": "请选择 SVG，或收起一些分组。",
  "picture.save": "保存",
  "picture.saving": "正在绘制图片",
  "picture.saved": "已保存 {file}（{bytes}）",
  "picture.failed": "无法绘制图片：{reason}。请选择较小的大小，或选择 SVG。",

  "legend.family.linear": "卷积、矩阵乘",
  "legend.family.norm": "归一化",
  "legend.family.activation": "激活",
  "legend.family.arithmetic": "算术",
  "legend.family.shape": "形状与复制",
  "legend.family.reduce": "池化、归约",
  "legend.family.recurrent": "循环、控制流",
  "legend.family.quant": "量化",
  "legend.family.port": "输入、输出",
  "legend.family.other": "其他",
  "legend.cache": "缓存",
  "legend.cacheProposed": "缓存（建议）",
  "legend.split": "切分",
  "legend.module": "模块 {n}",
};
