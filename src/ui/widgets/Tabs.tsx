import type { KeyboardEvent, ReactNode } from "react";
import css from "./Tabs.module.css";

export interface TabsProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly id: Id; readonly label: string; readonly count?: number | undefined }[];
  readonly selected: Id;
  readonly onSelect: (id: Id) => void;
  /** Beside the tabs, at the end of the line. */
  readonly extra?: ReactNode;
  readonly children: ReactNode;
}

/** A tab list (arrow keys move) over one visible panel. */
export function Tabs<Id extends string>({ label, tabs, selected, onSelect, extra, children }: TabsProps<Id>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || event.altKey) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.id === selected);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    onSelect(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div className={css.tabs}>
      <div className={css.head}>
        <div role="tablist" aria-label={label} className={css.list} onKeyDown={move}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              data-tab={tab.id}
              data-testid={`tab-${tab.id}`}
              aria-selected={tab.id === selected}
              tabIndex={tab.id === selected ? 0 : -1}
              className={css.tab}
              onClick={() => onSelect(tab.id)}
            >
              {tab.label}
              {tab.count ? <span className={css.count}>{tab.count}</span> : null}
            </button>
          ))}
        </div>
        {extra}
      </div>
      <div role="tabpanel" aria-label={tabs.find((tab) => tab.id === selected)?.label} className={css.panel}>
        {children}
      </div>
    </div>
  );
}
