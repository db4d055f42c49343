import type { ExplainCatalogue } from "./catalogue.ts";
import { detailsZh } from "./details-zh.ts";
import { filesZh, foreignZh } from "./file-texts.ts";
import { jobsZh, sessionZh } from "./session-texts.ts";

export const zhCN: ExplainCatalogue = {
  problems: {
    ...filesZh,
    "model.malformed": {
      what: "{model}在第 {offset} 字节处损坏：{what}。",
      advice: "文件可能被截断，请与原文件比较大小。",
    },
    "model.externalMissing": {
      what: "模型的部分权重保存在未提供的文件中：{files}。",
      advice: "请把这些文件一起或随后拖入。",
    },
    "model.externalRange": {
      what: "“{file}”对张量 {tensor} 来说太短：需要 {needBytes} 字节，只有 {haveBytes} 字节。",
      advice: "请使用与该模型一同保存的权重文件。",
    },
    "model.invalidGraph": {
      what: "计算图在 {node} 处违反 ONNX 规则：{what}。",
      advice: "请重新导出模型，或用 onnx.checker 检查。",
    },
    "model.quantized": {
      what: "“{file}”已经量化；流式转换、校准和导出需要浮点模型。",
      advice: "请打开生成它的 ONNX 模型。此文件可以查看、检查和比较。",
    },
    "model.notQuantized": {
      what: "“{file}”是浮点模型，没有可比较的整数。",
      advice: "请提供 .espdl 文件或 QDQ 形式的 ONNX 模型。",
    },
    "quantization.malformed": {
      what: "“{file}”不是 ESP-PPQ 的量化记录：{what}。",
      advice: "请提供与 .espdl 文件一同生成的 .json。",
    },
    "espdl.encrypted": {
      what: "“{file}”已加密，只有持有密钥的芯片才能读取。",
      advice: "请打开未加密导出的文件。",
    },
    "espdl.invalid": {
      what: "ESP-DL 无法使用该模型（{where}）：{what}。",
      advice: "请用导出工具的最新版本重新导出模型。",
    },
    "model.opsetTooNew": {
      what: "模型使用 opset {opset}，Rill 支持的最新版本是 {newest}。",
      advice: "请用 opset {newest} 或更低版本导出。",
    },
    "model.opUnknown": {
      what: "Rill 没有 {op} 的规则（共 {count} 处，第一处在 {node}）：其后的形状未知，它既不能流式运行，也不能量化。",
      advice:
        "模型仍可查看。如需其他功能，请改用其他算子重新导出。在搜索框中输入“op:”加算子名称，可逐处查看。",
    },
    "model.runtimeRefused": {
      what: "ONNX Runtime 无法运行该模型：{what}。",
      advice: "使用该运行时的任何环境都会失败，请检查其中提到的算子。",
    },
    "model.notANumber": {
      what: "对于“{file}”，模型本身在输出 {value} 处给出 NaN，因此无法在该处证明任何结论。",
      advice: "请使用适合该模型的片段，或修正产生非数值的算子。",
    },
    "stream.axisAmbiguous": {
      what: "输入 {input} 可沿多个轴流式处理：{axes}。",
      advice: "请选择时间轴。",
    },
    "stream.axisUnknown": { what: "输入 {input} 没有可流式处理的轴。", advice: "请选择时间轴以查看原因。" },
    "stream.axisInvalid": {
      what: "输入 {input} 有 {rank} 个轴，不存在轴 {axis}。",
      advice: "请选择 0 到 {lastAxis} 之间的轴。",
    },
    "stream.refused": {
      what: "{node} 处的 {op} 无法沿轴 {axis} 精确地流式处理：{reason}{detail}。",
      advice: "{advice}。",
    },
    "plan.approximationUnused": {
      what: "{node} 处的近似 {approximation} 未被使用：该处没有被拒绝的算子，或其数值不适用。",
      advice: "请将其移除。",
    },
    "stream.chunkMultiple": {
      what: "块长不能是 {chunk} 帧：该模型要求 {minimalChunk} 的倍数。",
      advice: "请选择 {minimalChunk} 的倍数，或在步幅之前切分模型：慢速模块可以等待多个块。",
    },
    "stream.notStreaming": {
      what: "输出 {output} 与时间无关。",
      advice: "请检查各输入的时间轴。",
    },
    "stream.sizeAssumed": {
      what: "模型未固定输入 {input} 第 {axis} 轴的大小 {symbol}；Rill 取 1。",
      advice: "如果应为其他大小，请以该数字导出模型。",
    },
    "stream.probeDisagrees": {
      what: "{node} 处 {value} 的{fact}：Rill 推导为 {derived}，实际运行模型测得 {measured}。",
      advice: "请不要依赖该模型的转换结果，并报告此问题。",
    },
    "stream.statesOpen": {
      what: "该模型已经是流式模型：其中 {count} 对端口是状态（{states}）。",
      advice:
        "请确认这些状态（“时间轴”步骤，或 --states auto，或 --states IN=OUT,…），或声明没有状态（--states none）。",
    },
    "stream.chunkFixed": {
      what: "该模型的文件固定每步 {fixed} 帧，不能使用 {chunk} 帧。",
      advice: "请将块长设为 {fixed}。",
    },
    "stream.stateInvalid": {
      what: "{input} 和 {output} 不能是同一个状态：状态由类型和形状相同的一个输入和一个输出组成。",
      advice: "请选择类型和形状都相同的一个输入和一个输出。",
    },
    "twin.unmatched": {
      what: "“{port}”在“{file}”中没有对应项。",
      advice: "请比较同一网络的两个模型；端口按名称匹配，其次按顺序和形状。",
    },
    "plan.malformed": { what: "无法读取方案：{what}。", advice: "请使用 Rill 保存的 .rill.json 文件。" },
    "plan.otherModel": {
      what: "该方案属于另一个模型（SHA-256 {expected}，当前模型为 {actual}）。",
      advice: "请打开方案对应的模型。",
    },
    "plan.unknownValue": {
      what: "方案把 {value} 标记为{mark}，但模型中没有这个值。",
      advice: "请移除该标记。",
    },
    "plan.unknownNode": {
      what: "方案为 {node} 指定了单独的位宽，但该模型的芯片形式中没有这个节点。",
      advice: "请给出节点或其输出的名称；被融合的节点使用融合后节点的位宽。",
    },
    "plan.budgetUnused": {
      what: "这里用不到 16 位预算：{why}。",
      advice: "请去掉预算，或选择运行 ESP-DL 的芯片、8 位和 Rill 自己的数值。",
    },
    "plan.cutImpossible": { what: "无法在 {value} 处切分模型：{why}。", advice: "请标记其他值。" },
    "plan.modulesImpossible": {
      what: "在此块长下模型无法切成 {modules} 个模块：最多 {most} 个。",
      advice: "请减少模块数，或自行标记切分点。",
    },
    "stream.lengthLimited": {
      what: "{node} 读取一个有限长的表：复位后 {frames} 个输入帧之内流式与离线相等，之后一直使用表的最后一项。",
      advice: "请在 {frames} 帧之内复位状态，或用更长的表重新导出模型。",
    },
    "plan.cacheKept": {
      what: "{value} 的缓存虽被移除，仍予保留：它延迟该值，使各帧在汇合处对齐。",
      advice: "无需处理。",
    },
    "plan.unmeasured": {
      what: "{node} 处需要冻结的统计量尚未测量。",
      advice: "请提供音频片段：冻结的是未转换模型在这些片段上的统计量（--data 文件|目录）。",
    },
    "plan.unknownTarget": {
      what: "未知的目标平台 {target}。",
      advice: "请从以下选择：{known}。",
    },
    "target.carried": {
      what: "{target} 只接受由 Rill 转换的模型；该模型已自带状态。",
      advice: "请打开该模型的离线形式，或选择其他目标平台。",
    },
    "target.warmUp": {
      what: "{target} 不能以“{policy}”策略启动流：其运行时没有掩码，也没有第二张图。",
      advice: "请选择同样精确的预热策略“hold”。",
    },
    "target.noKernel": {
      what: "芯片运行时无法计算 {node} 处的 {op}：{reason}。",
      advice: "请在模型中替换该算子、将该节点留在主机上，或选择其他目标平台。",
    },
    "audio.malformed": {
      what: "“{file}”在第 {offset} 字节处损坏：{what} 缺失或有误。",
      advice: "请重新保存为 WAV。",
    },
    "audio.unsupported": {
      what: "“{file}”含有 Rill 不支持的音频：{what}。",
      advice: "请转换为 8、16、24、32 位或浮点 WAV。",
    },
    "audio.tooShort": {
      what: "“{file}”只有 {frames} 帧，模型至少需要 {needFrames} 帧。",
      advice: "请使用更长的片段。",
    },
    "features.mismatch": {
      what: "输入 {input} 每帧需要 {needBins} 个值，特征只给出 {haveBins} 个。",
      advice: "请修改该输入的特征设置。",
    },
    "features.invalid": {
      what: "特征设置 {key} 不能为 {value}。",
      advice: "应为：{expected}。",
    },
    "npy.malformed": {
      what: "“{file}”在第 {offset} 字节处损坏：{what}。",
      advice: "请用 numpy.save 重新保存。",
    },
    "npy.shape": {
      what: "“{file}”的形状是 {shape}。",
      advice: "应为：{expected}。",
    },
    "data.staticInput": {
      what: "输入 {input} 不是流式输入，片段中没有它的值。",
      advice: "请为其指定固定值（“时间轴”步骤，或 --fix），将其设为模型中的常量，或为其选择时间轴。",
    },
    "data.notArray": {
      what: "“{file}”不是 .npy 文件，而不经转换的模型需要完整的输入。",
      advice: "请用 numpy.save 保存其输入；最前面多一个轴可存放多个样本。",
    },
    "data.none": { what: "没有可用的片段。", advice: "请添加 WAV 或 .npy 文件。" },
    "quant.opUnsupported": {
      what: "{node} 处的 {op} 在目标平台 {target} 上没有量化形式。",
      advice: "请让该节点保持浮点。",
    },
    "quant.noStatistics": {
      what: "校准时没有观测到值 {value}。",
      advice: "请重新校准。",
    },
    "quant.notFinite": {
      what: "值 {value} 为 NaN 或无穷大：没有能容纳它的整数指数。",
      advice: "请修正产生它的算子（例如除以零），或使用该算子能处理的数据进行校准。",
    },
    "quant.limitsUnmet": {
      what: "没有同时适合校准数据和芯片的指数：其移位或偏置无法容纳这种大小的值。",
      advice: "请检查数据的量级；常见原因是数值远超训练时的范围。",
    },
    "quant.softmaxBeyond": {
      what: "Softmax {node} 读取的 {value} 在校准中超出 63.5：在 8 位下，芯片的指数运算会溢出。",
      advice: "请让该节点使用 16 位，或在模型中先减去最大值再做 softmax。",
    },
    "quant.neverMoved": {
      what: "值 {value} 在校准的每一帧中都是零。",
      advice: "请使用能触及模型这一部分的数据进行校准。",
    },
    "quant.exponentRaised": {
      what: "节点 {node}：{value} 的指数从 {from} 提高到 {to}，原因：{reason}。",
      advice: "无需处理；如需更精细，可让该节点使用 16 位。",
    },
    "package.malformed": { what: "部署包在 {file} 处损坏：{what}。", advice: "请重新导出。" },
    "package.checksum": {
      what: "“{file}”与生成部署包时的文件不一致。",
      advice: "请重新获取部署包。",
    },
    "package.mismatch": {
      what: "重新运行“{file}”时，{value} 相差 {maxAbs}，允许值为 {tolerance}。",
      advice: "该部署包不提供下载，请报告此问题。",
    },
    "job.cancelled": { what: "已取消。" },
    "worker.lost": {
      what: "后台线程已停止：{reason}。",
      advice: "页面上的内容没有丢失，请重新执行该步骤。",
    },
    ...sessionZh,
    "cli.usage": { what: "{what}。", advice: "请运行“rill help”。" },
  },
  details: detailsZh,
  bracketed: "（{detail}）",
  top: "顶层",
  frames: "帧数",
  samples: "样本数",
  losses: { ended: "它自行结束", memory: "内存不足", message: "无法读取其回答", error: "它出错了" },
  refusals: {
    unknownOp: "该算子没有流式规则",
    timeContracted: "矩阵乘法对时间求和",
    fullAttention: "每一帧都关注其他所有帧（包括之后的帧）；限制上下文后即可流式化",
    unboundedContext: "每一帧关注之前的所有帧；限制左侧上下文后即可流式化",
    maskIrregular: "其注意力掩码不是围绕当前帧的固定带状",
    timeReduced: "它同时需要所有帧（在时间上归约、归一化或 softmax）",
    timeReversed: "它逆向读取时间",
    timeMerged: "变形操作把时间与其他轴合并",
    timeIndexed: "它任意选取各帧",
    timeJoined: "两个流在时间上首尾相接",
    loopNotOverTime: "该循环不是逐帧推进",
    timeVaryingConstant: "常量操作数逐帧不同",
    ratesDiffer: "各输入的帧率不同",
    axesDiffer: "各输入的时间轴不同",
    maskNeeded: "起始之前的帧会进入填充窗口",
    autoPadStrided: "其 SAME 填充取决于长度",
    paddingMode: "它使用反射或边缘填充",
    dataDependent: "其形状取决于数值",
    stateful: "尚不支持循环算子",
    shapeUnknown: "某个操作数的形状未知",
    perStepMixed: "每步一次的值与流相遇",
  },
  remedies: {
    unknownOp: "请把该算子移出流式部分，或导出不含它的模型",
    timeContracted: "请选择其他时间轴，或用固定长度的卷积代替对所有帧的乘积",
    timeReduced: "请用滑动或累计统计量代替，或用固定帧数的统计量训练",
    timeReversed: "请只使用前向，或逐块反向（近似）",
    timeMerged: "请让时间在此重塑中独占一轴；若目标形状含固定长度，请以可变长度导出模型",
    timeIndexed: "请用常量从开头索引，或从末尾索引最后几帧；按某一长度展开的循环须以循环形式导出",
    timeJoined: "请沿其他轴拼接，或让其中之一为常量前缀",
    loopNotOverTime: "请每帧循环一次，且计数器只用来取出该帧",
    timeVaryingConstant: "请使用单帧常量，或由位置计算得出",
    ratesDiffer: "请在汇合之前用重采样或步幅使两个输入的帧率一致",
    axesDiffer: "请转置其中一个输入，使时间位于同一轴",
    maskNeeded: "请把填充移到模型之前，或裁掉填充出来的帧",
    autoPadStrided: "请用数字给出填充量",
    paddingMode: "请用常量填充",
    dataDependent: "请以常量给出该操作数，使每一步形状相同",
    stateful: "请换成 Rill 了解其状态的算子",
    shapeUnknown: "请导出带形状的模型，或先进行简化",
    perStepMixed: "请在两者汇合之后再读取最后一帧",
    fullAttention:
      "请用固定带宽的掩码训练或导出：限定每帧可看的之前与之后的帧数；或接受只看最近若干帧的注意力（标为近似）",
    maskIrregular: "请把掩码改为沿对角线的固定带状，使每一帧或每一块都相同",
    unboundedContext: "请限制掩码允许向过去看多远并重新导出，或接受只看最近若干帧的注意力（标为近似）",
  },
  approximations: {
    running: "截至当前所有帧的统计量",
    window: "最近 {0} 帧的统计量",
    ema: "每 {0} 帧遗忘一半的统计量",
    frozen: "在片段上测得的统计量",
    continuous: "连续式：流式特征的最新若干帧",
    windowExact: "窗口精确式：每一步都在最近 {0} 个输入帧上运行整个模型",
    leftContext: "只关注最近 {0} 帧",
    zeroPad: "以零代替填充",
    chunkedBackward: "反向按每块 {0} 帧进行，并前瞻 {1} 帧",
  },
  offered: "可用以下近似代替（会标注为近似）：{list}。",
  kernels: {
    noKernel: "没有该算子",
    attribute: "有该算子，但不支持这些属性",
    dynamicOperand: "滤波器、斜率、边界或单个除数是计算得出的，不是常量",
    rank: "该内核支持的轴数与此不同",
    groups: "只支持普通卷积和逐通道卷积，不支持其他分组方式",
    dilatedPool: "池化不支持膨胀",
    excludedPadding: "其平均池化总是计入填充，而这里将其排除在外",
    exponentsDiffer: "输入与输出需要不同的指数，但整数会原样搬移",
    exponentsForced:
      "ESP-PPQ 给输入与输出定了不同的指数，但整数会原样搬移，因此 ESP-PPQ 自己生成的文件在此处也会出错；请关闭兼容模式，让两者使用同一指数",
    width16: "该算子只有 8 位内核",
    channelSlopes: "运行时的逐通道 PRelu 和 16 位 PRelu 在各芯片上的取整方式不同",
    resetAfter: "GRU 只支持在矩阵乘之后复位（linear_before_reset = 1）",
    reversed: "循环网络只支持正向或双向，不支持单独反向",
    batch: "循环网络一次只处理一个序列",
    differs: "该内核的元素顺序与 ONNX 不同",
    shiftRange: "移位位数会超出其整数的位宽：此处的数值过小，或各自的步长相差过大",
    floatKernel: "该节点保持浮点，而此算子没有浮点内核",
  },
  budgets: {
    bits16: "所有算子已是 16 位",
    target: "该目标平台的整数只有一种位宽",
    compatible: "正在复现其他工具的数值，而该工具不作此选择",
  },
  raises: {
    negativeShift: "输入之积的步长更粗",
    biasRange: "其偏置超出芯片的位宽",
    sumRange: "其累加和可能超出芯片的累加器",
    hugeShift: "累加和会被整个移出",
    exponentRange: "运行时不支持更小的缩放系数",
  },
  cuts: {
    notStreamed: "它与时间无关",
    isInput: "它是模型的输入",
    isOutput: "它是模型的输出",
    crossesState: "切分会把状态与其算子分开",
  },
  foreign: foreignZh,
  jobs: jobsZh,
  marks: { cache: "缓存", split: "切分点", output: "输出" },
  probed: {
    static: "与时间无关",
    axis: "时间轴",
    rate: "帧率",
    length: "帧数",
    delay: "延迟",
    past: "所读取的过去帧",
    future: "前瞻",
  },
  separator: "、",
  gap: "",
  model: "模型",
  unknownSize: "大小未知",
  nothing: "无",
};
