/** The package. */
export const exportingEn = {
  "export.intro":
    "One zip with the modules, test vectors, plan, report and examples. Everything is re-opened and re-run before it is offered.",
  "export.again": "Build again",
  "export.verified": "Verified",
  "export.blocked": "Blocked",
  "export.checks": "{n} {n, plural, one {check} other {checks}} passed",
  "export.worst": "Worst: {name} of {file}. The package is not offered for download.",
  "export.download": "Download ({size})",
  "export.files": "{n} {n, plural, one {file} other {files}}",
} as const;

/** 占位符与英文相同。 */
export const exportingZh: Readonly<Record<keyof typeof exportingEn, string>> = {
  "export.intro": "一个 zip：各模块、测试向量、方案、报告和示例。提供下载前全部重新打开并运行。",
  "export.again": "重新生成",
  "export.verified": "已验证",
  "export.blocked": "已阻止",
  "export.checks": "{n} 项检查通过",
  "export.worst": "最差：{file} 的 {name}。该部署包不提供下载。",
  "export.download": "下载（{size}）",
  "export.files": "{n} 个文件",
};
