import type { Problem } from "../core/base/problem.ts";
import type { ExplainCatalogue, Explanation } from "./catalogue.ts";

type FileCode = Extract<
  Problem["code"],
  `file.${string}` | `runtime.${string}` | "audio.silent" | "audio.quiet" | "audio.resampled"
>;

type Sentences = Readonly<Record<FileCode, Explanation>>;

/** Files that are not what they should be, and what a browser lacks to run them. */
export const filesEn: Sentences = {
  "file.lfsPointer": {
    what: "“{file}” is a Git LFS pointer: a short text in place of the model.",
    advice: "Run “git lfs pull” in its repository and open the real file.",
  },
  "file.html": {
    what: "“{file}” is a web page, not a model.",
    advice: "Download the raw file; the link led to a page about it.",
  },
  "file.gzip": { what: "“{file}” is compressed with gzip.", advice: "Unpack it and open the result." },
  "file.empty": { what: "“{file}” is empty.", advice: "Download it again." },
  "file.unknown": {
    what: "“{file}” is neither a model nor a clip that Rill can read.",
    advice: "Open .onnx models, .wav or .npy clips, and .rill.json plans.",
  },
  "file.notFound": { what: "“{file}” was not found.", advice: "Check the name and the folder." },
  "file.notReadable": { what: "“{file}” cannot be read: {what}.", advice: "Name a file that you may read." },
  "file.notWritable": {
    what: "“{file}” cannot be written: {what}.",
    advice: "Give another place with -o; nothing was written.",
  },
  "file.oneModel": {
    what: "Several models came at once: “{opened}” was opened, these were left: {left}.",
    advice: "To work on another one, drop it alone.",
  },
  "file.unused": {
    what: "“{model}” does not use what came with it: {files}.",
    advice:
      "Weights are found by the names that the model gives them. Clips are .wav or .npy, plans .rill.json.",
  },
  "file.foreign": {
    what: "“{file}” is {kind}: it cannot be opened here.",
    advice: "{advice}.",
  },
  "file.unreadable": {
    what: "“{file}” cannot be read any more: it was changed, moved or deleted after it was given, or its folder was taken away.",
    advice: "Give the file again.",
  },
  "file.tooBig": {
    what: "“{file}” is too big for this page: {files} with all that belongs to it; one worker can hold {limit}.",
    advice: "Split the model, or store its weights in a smaller type.",
  },
  "runtime.unsupported": {
    what: "This browser cannot run models: it has no {lacks}, or it is switched off.",
    advice:
      "Graphs can be looked at and marked. For the rest use a current Chrome, Edge, Firefox or Safari, or the command line “rill”.",
  },
  "runtime.notLoaded": {
    what: "The runtime that runs models did not load: {what}.",
    advice: "Check the connection or whether a filter blocks .wasm files, and start the step again.",
  },
  "audio.silent": {
    what: "“{file}” is silent: every sample is zero.",
    advice: "Leave it out; nothing can be measured on it.",
  },
  "audio.quiet": {
    what: "“{file}” is very quiet: its highest peak is {peakDb} dB below full scale.",
    advice: "Check the recording level; ranges measured on it will be too narrow for louder speech.",
  },
  "audio.resampled": {
    what: "Clips with {rate} kHz are converted to the {needRate} kHz of the features: {files}.",
    advice: "Nothing to do if the model was trained on converted audio; else check the rate of the features.",
  },
};

/** 占位符与英文相同。 */
export const filesZh: Sentences = {
  "file.lfsPointer": {
    what: "“{file}”是 Git LFS 指针，只是代替模型的一小段文本。",
    advice: "请在其仓库中运行“git lfs pull”，再打开真正的文件。",
  },
  "file.html": {
    what: "“{file}”是网页，不是模型。",
    advice: "请下载原始文件；该链接指向的是介绍页面。",
  },
  "file.gzip": { what: "“{file}”是 gzip 压缩文件。", advice: "请先解压，再打开解压后的文件。" },
  "file.empty": { what: "“{file}”是空文件。", advice: "请重新下载。" },
  "file.unknown": {
    what: "“{file}”不是 Rill 能读取的模型或音频片段。",
    advice: "请打开 .onnx 模型、.wav 或 .npy 片段，或 .rill.json 方案。",
  },
  "file.notFound": { what: "找不到“{file}”。", advice: "请检查文件名和文件夹。" },
  "file.notReadable": { what: "“{file}”无法读取：{what}。", advice: "请给出有权读取的文件。" },
  "file.notWritable": {
    what: "“{file}”无法写入：{what}。",
    advice: "请用 -o 指定其他位置；没有写入任何内容。",
  },
  "file.oneModel": {
    what: "一次拖入了多个模型：已打开“{opened}”，未打开：{left}。",
    advice: "如需处理另一个模型，请单独拖入。",
  },
  "file.unused": {
    what: "“{model}”没有用到一起拖入的文件：{files}。",
    advice: "权重文件按模型中记录的名称查找；片段为 .wav 或 .npy，方案为 .rill.json。",
  },
  "file.foreign": {
    what: "“{file}”是{kind}，无法在此处打开。",
    advice: "{advice}。",
  },
  "file.unreadable": {
    what: "“{file}”已无法读取：提供之后它被修改、移动或删除，或其文件夹已不可用。",
    advice: "请重新提供该文件。",
  },
  "file.tooBig": {
    what: "“{file}”对本页面来说太大：连同所属文件共 {files}；单个后台线程最多可用 {limit}。",
    advice: "请拆分模型，或用更小的类型保存权重。",
  },
  "runtime.unsupported": {
    what: "此浏览器无法运行模型：缺少 {lacks}，或已被关闭。",
    advice: "仍可查看和标记计算图。其余工作请使用新版 Chrome、Edge、Firefox 或 Safari，或命令行 rill。",
  },
  "runtime.notLoaded": {
    what: "运行模型的运行时未能加载：{what}。",
    advice: "请检查网络，或是否有过滤器拦截 .wasm 文件，然后重新开始该步骤。",
  },
  "audio.silent": {
    what: "“{file}”是静音：所有采样都为零。",
    advice: "请不要使用它；无法据此测量任何内容。",
  },
  "audio.quiet": {
    what: "“{file}”音量很低：最高峰值比满刻度低 {peakDb} dB。",
    advice: "请检查录音电平；据此测得的范围对更响的语音来说会太窄。",
  },
  "audio.resampled": {
    what: "{rate} kHz 的片段将转换为特征所需的 {needRate} kHz：{files}。",
    advice: "如果模型用转换后的音频训练，则无需处理；否则请检查特征的采样率。",
  },
};

/** What a file is instead, and what can be done with it. */
type ForeignTexts = ExplainCatalogue["foreign"];

export const foreignEn: ForeignTexts = {
  zip: { what: "a zip archive", advice: "Unpack it and open the model inside" },
  text: {
    what: "a text file",
    advice: "Look into it: a failed download often leaves its error message; download the raw file",
  },
  tflite: { what: "a TensorFlow Lite model", advice: "Convert it to ONNX first, for example with tf2onnx" },
  ort: {
    what: "a model in ONNX Runtime's own ORT format",
    advice: "Open the .onnx file that it was made from",
  },
  pytorch: { what: "a PyTorch checkpoint", advice: "Export the model with torch.onnx.export" },
  keras: { what: "a Keras or HDF5 file", advice: "Convert it to ONNX first, for example with tf2onnx" },
  safetensors: {
    what: "a file of weights (safetensors) without a graph",
    advice: "Export the model with its graph as ONNX",
  },
  gguf: { what: "a GGUF model", advice: "Export the model as ONNX" },
  image: { what: "a picture", advice: "Choose the model file" },
  pdf: { what: "a PDF document", advice: "Choose the model file" },
  clip: { what: "a clip (audio or arrays)", advice: "Give the model here, and this file as data for it" },
  arrays: { what: "an archive of NumPy arrays", advice: "Save every array with numpy.save, as .npy" },
  model: { what: "a model", advice: "Give a WAV or .npy file here" },
  plan: { what: "a plan or another JSON file", advice: "Give the plan beside the model" },
};

export const foreignZh: ForeignTexts = {
  zip: { what: " zip 压缩包", advice: "请先解压，再打开其中的模型" },
  text: { what: "文本文件", advice: "请查看其内容：下载失败时常留下错误信息；请下载原始文件" },
  tflite: { what: " TensorFlow Lite 模型", advice: "请先转换为 ONNX，例如使用 tf2onnx" },
  ort: { what: " ONNX Runtime 专用的 ORT 格式模型", advice: "请打开生成它的 .onnx 文件" },
  pytorch: { what: " PyTorch 检查点", advice: "请用 torch.onnx.export 导出模型" },
  keras: { what: " Keras 或 HDF5 文件", advice: "请先转换为 ONNX，例如使用 tf2onnx" },
  safetensors: { what: "只有权重、没有计算图的 safetensors 文件", advice: "请连同计算图一起导出为 ONNX" },
  gguf: { what: " GGUF 模型", advice: "请把模型导出为 ONNX" },
  image: { what: "图片", advice: "请选择模型文件" },
  pdf: { what: " PDF 文档", advice: "请选择模型文件" },
  clip: { what: "片段（音频或数组）", advice: "请在此处给出模型，把该文件作为它的数据" },
  arrays: { what: " NumPy 数组的压缩包", advice: "请用 numpy.save 把每个数组另存为 .npy" },
  model: { what: "模型", advice: "请在此处给出 WAV 或 .npy 文件" },
  plan: { what: "方案或其他 JSON 文件", advice: "请把方案与模型一起给出" },
};
