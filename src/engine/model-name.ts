/** A model's name without folder and extension: the stem of everything that is written for it. */
export function modelName(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return name.replace(/\.onnx$/i, "") || "model";
}
