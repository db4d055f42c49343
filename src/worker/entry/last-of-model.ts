import type { OpenedModel } from "../../engine/open-model.ts";

/** Of every model what was derived from it last, under a key. It goes when the model goes: nothing here keeps a model in memory. */
export class LastOfModel<T> {
  readonly #last = new WeakMap<OpenedModel, { readonly key: string; readonly answer: T }>();

  has(model: OpenedModel, key: string): boolean {
    return this.#last.get(model)?.key === key;
  }

  /** What is there, whatever its key. */
  peek(model: OpenedModel): { readonly key: string; readonly answer: T } | undefined {
    return this.#last.get(model);
  }

  /** The answer under this key; what stood under another is let go before it is derived. */
  async get(model: OpenedModel, key: string, derive: () => T | Promise<T>): Promise<T> {
    const last = this.#last.get(model);
    if (last?.key === key) return last.answer;
    this.#last.delete(model);
    const answer = await derive();
    this.#last.set(model, { key, answer });
    return answer;
  }
}
