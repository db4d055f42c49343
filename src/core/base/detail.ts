/**
 * What exactly is wrong where the code of a problem does not say it all: a code with the names and numbers of its sentence.
 * The words, in both languages, are in `explain/details`. Names of ONNX, of a file format or of the model stay as they are.
 */
export type Detail =
  /** A word that every language leaves as it is: an attribute, a mode, a chunk of a file, a path through the graph. */
  { readonly code: "name"; readonly name: string } | RefusalDetail | FileDetail | JsonDetail | EspdlDetail;

/** Why a node cannot stream, beside the reason. */
export type RefusalDetail =
  | { readonly code: "input"; readonly index: number }
  | { readonly code: "inputFrames"; readonly index: number; readonly frames: string }
  | { readonly code: "joinNotConstant"; readonly index: number }
  | { readonly code: "joinsDiffer" }
  | { readonly code: "repeatsTime" }
  | { readonly code: "weights" }
  | { readonly code: "weightsReadTwice" }
  | { readonly code: "streamingWeights" }
  | { readonly code: "streamingStates" }
  | { readonly code: "streamingInput"; readonly name: string }
  | { readonly code: "initialState"; readonly name: string }
  | { readonly code: "stateVaries" }
  | { readonly code: "padsTwoAxes" }
  | { readonly code: "slicesTwoAxes" }
  | { readonly code: "cropsAndExtends" }
  | { readonly code: "readsLength" }
  | { readonly code: "dependsOnLength" }
  | { readonly code: "resizesTime" }
  | { readonly code: "resizesTimeAt"; readonly mode: string }
  | { readonly code: "cubicOverTime" }
  | { readonly code: "selectsNone" }
  | { readonly code: "bounds" }
  | { readonly code: "step"; readonly step: number }
  | { readonly code: "rangeOverTime" }
  | { readonly code: "triangleOverTime" }
  | { readonly code: "loopCondition" }
  | { readonly code: "tripCount" }
  | { readonly code: "atEnd" }
  | { readonly code: "cutAtEnd"; readonly frames: number }
  | { readonly code: "delaysDiffer"; readonly one: number; readonly other: number }
  | { readonly code: "keysDiffer" }
  | { readonly code: "readsNone" }
  | { readonly code: "bothAxes" }
  | { readonly code: "softmaxOverQueries" };

/** What is wrong in a binary file, or in the graph that it holds. */
export type FileDetail =
  // paths
  | { readonly code: "isFolder" }
  | { readonly code: "isFile" }
  | { readonly code: "folderMissing"; readonly folder: string }
  | { readonly code: "notAllowed" }
  | { readonly code: "diskFull" }
  | { readonly code: "systemError"; readonly error: string }
  // protobuf
  | { readonly code: "nestedTooDeep"; readonly most: number }
  | { readonly code: "wireType"; readonly wire: number; readonly field: string }
  | { readonly code: "groupEndAlone" }
  | { readonly code: "groupEndOther" }
  | { readonly code: "groupOpen" }
  | { readonly code: "tag"; readonly tag: number }
  | { readonly code: "lengthPastEnd"; readonly length: number; readonly left: number }
  | { readonly code: "lengthNotMultiple"; readonly width: number }
  | { readonly code: "numberCut" }
  | { readonly code: "numberTooLarge" }
  | { readonly code: "numberTooLong" }
  // ONNX
  | { readonly code: "twoGraphs" }
  | { readonly code: "noGraph" }
  | { readonly code: "elementType"; readonly name: string; readonly type: number }
  | { readonly code: "dims"; readonly name: string; readonly dims: string }
  | { readonly code: "tensorStrings"; readonly name: string; readonly have: number; readonly need: number }
  | { readonly code: "tensorBytes"; readonly name: string; readonly have: number; readonly need: number }
  | { readonly code: "externalEntry"; readonly name: string; readonly key: string; readonly value: string }
  | { readonly code: "sparseAbsent"; readonly name: string }
  | { readonly code: "sparseIndexType"; readonly name: string; readonly dtype: string }
  | { readonly code: "sparseValueType"; readonly name: string; readonly dtype: string }
  | { readonly code: "sparseCount"; readonly name: string; readonly indices: number; readonly values: number }
  | { readonly code: "sparseIndex"; readonly name: string; readonly index: number; readonly bound: number }
  | { readonly code: "cycle" }
  | { readonly code: "initializerTwice"; readonly name: string }
  | { readonly code: "inputUndefined"; readonly name: string }
  | { readonly code: "outputUndefined"; readonly name: string }
  | { readonly code: "definedTwice"; readonly name: string }
  // FlatBuffers
  | { readonly code: "recordOutside"; readonly record: string }
  | { readonly code: "recordTable"; readonly record: string }
  | { readonly code: "recordsReread"; readonly record: string }
  | { readonly code: "fieldOutside"; readonly record: string; readonly field: number }
  | { readonly code: "recordLacks"; readonly record: string; readonly member: string }
  | { readonly code: "recordTwice"; readonly name: string }
  | { readonly code: "attributeEmpty" }
  | { readonly code: "valueAbsent"; readonly name: string }
  | { readonly code: "valueUntyped"; readonly name: string }
  | { readonly code: "valueNoTensor"; readonly name: string }
  | { readonly code: "dimension"; readonly size: string }
  | { readonly code: "exponentOutside"; readonly name: string; readonly exponent: string }
  // containers
  | { readonly code: "headerUnknown"; readonly wanted: string }
  | { readonly code: "headerCut" }
  | { readonly code: "modelCount"; readonly count: number }
  | { readonly code: "nameOutside" }
  | { readonly code: "packageEmpty" }
  | { readonly code: "packageSize"; readonly bytes: number }
  | { readonly code: "digestDiffers" }
  | { readonly code: "encryptionMode"; readonly mode: number }
  | { readonly code: "notZip" }
  | { readonly code: "fileMissing" }
  | { readonly code: "vectorsMissing" }
  | { readonly code: "vectorSteps" }
  | { readonly code: "checksumLine" }
  | { readonly code: "cacheInit"; readonly name: string; readonly dtype: string; readonly dims: string }
  // sound and arrays
  | { readonly code: "channelCount" }
  | { readonly code: "sampleRate" }
  | { readonly code: "finiteSample" }
  | { readonly code: "bigEndian" }
  | { readonly code: "wavFormat"; readonly tag: string }
  | { readonly code: "wavSamples"; readonly coding: string; readonly bits: number; readonly bytes: number }
  | { readonly code: "npyMagic" }
  | { readonly code: "npyHeader" }
  | { readonly code: "npyVersion"; readonly version: number }
  | { readonly code: "npyEntry"; readonly entry: string }
  | { readonly code: "npyEntryValue"; readonly entry: string; readonly value: string }
  | { readonly code: "dataBytes"; readonly have: number; readonly need: number }
  | { readonly code: "notFinite" }
  | { readonly code: "oneInput" }
  | { readonly code: "oneStreamingInput" }
  /** Sizes by axis; null is the time axis. `several`: one axis more may stand in front. */
  | { readonly code: "shape"; readonly dims: readonly (number | string | null)[]; readonly several?: true };

/** What is wrong in a text file of ours or in a setting; `place` is "" at the top. */
export type JsonDetail =
  | { readonly code: "notJson" }
  | { readonly code: "missing"; readonly place: string }
  | { readonly code: "unknownKey"; readonly place: string }
  | { readonly code: "objectExpected"; readonly place: string }
  | { readonly code: "listExpected"; readonly place: string }
  | { readonly code: "textExpected"; readonly place: string }
  | { readonly code: "numberExpected"; readonly place: string }
  | { readonly code: "numberFromExpected"; readonly place: string; readonly least: number }
  | { readonly code: "wholeExpected"; readonly place: string }
  | { readonly code: "wholeFromExpected"; readonly place: string; readonly least: number }
  | { readonly code: "truthExpected"; readonly place: string }
  | { readonly code: "choiceExpected"; readonly place: string; readonly choices: string }
  | { readonly code: "digestExpected"; readonly place: string }
  | { readonly code: "numberOrFileExpected"; readonly place: string }
  | { readonly code: "chunkPartExpected"; readonly place: string }
  | { readonly code: "wholeChunksExpected"; readonly place: string }
  | { readonly code: "framesUnasked"; readonly place: string }
  | { readonly code: "aNumber" }
  | { readonly code: "once" };

/** What ESP-DL would trip over. */
export type EspdlDetail =
  /** What a twin that runs the file stumbled over. */
  | { readonly code: "twinStopped"; readonly error: string }
  | { readonly code: "nodeUnnamed" }
  | { readonly code: "nodeTwice" }
  | { readonly code: "readBeforeMade"; readonly name: string }
  | { readonly code: "madeTwice"; readonly name: string }
  | { readonly code: "madeParameter"; readonly name: string }
  | { readonly code: "valueWithoutType" }
  | { readonly code: "portWithoutType" }
  | { readonly code: "outputUnmade" }
  | { readonly code: "inputUnread" }
  | { readonly code: "vectorOfNothing" }
  | { readonly code: "attributeMissing"; readonly name: string }
  | { readonly code: "attributeKind"; readonly name: string }
  | { readonly code: "attributeNotZero"; readonly name: string }
  | { readonly code: "quantType"; readonly type: string }
  | { readonly code: "weightNoParameter" }
  | { readonly code: "weightRank"; readonly rank: number; readonly need: string }
  | { readonly code: "weightShape"; readonly op: string; readonly dims: string }
  | { readonly code: "depthwiseInputs"; readonly dims: string }
  | { readonly code: "groups"; readonly group: number }
  | { readonly code: "biasType"; readonly dtype: string; readonly need: string }
  | { readonly code: "biasExponent" }
  | { readonly code: "parameterShared"; readonly one: string; readonly other: string }
  | { readonly code: "exponentMissing" }
  | { readonly code: "exponentCount"; readonly count: number }
  | { readonly code: "exponentValue"; readonly exponent: number }
  | { readonly code: "shapeInvalid"; readonly dims: string }
  | { readonly code: "tableMissing"; readonly name: string }
  | { readonly code: "tableType"; readonly dtype: string; readonly need: string }
  | { readonly code: "tableEntries"; readonly count: number }
  | { readonly code: "tableScale" }
  | { readonly code: "byteOrder" }
  | { readonly code: "bytesFor"; readonly bytes: number; readonly dtype: string; readonly dims: string }
  | { readonly code: "inputAbsent"; readonly index: number }
  | { readonly code: "inputNoParameter"; readonly name: string }
  | { readonly code: "joinOfOne" }
  | { readonly code: "placeFromEnd" }
  | { readonly code: "axesFromEnd" }
  | { readonly code: "padCount"; readonly count: number; readonly rank: number }
  | { readonly code: "padNegative" }
  | { readonly code: "splitSizes" };

/** A word that is the same in every language. */
export const named = (name: string): Detail => ({ code: "name", name });
