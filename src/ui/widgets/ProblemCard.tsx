import type { ReactNode } from "react";
import { Icon } from "./Icon.tsx";
import css from "./ProblemCard.module.css";

export interface ProblemCardProps {
  readonly severity: "error" | "warning" | "info";
  readonly code: string;
  readonly what: string;
  readonly advice: string;
  /** Buttons: the place, a retry. */
  readonly children?: ReactNode;
  /** What closes it, in the upper corner. */
  readonly close?: ReactNode;
}

/** What happened, what to do, and the stable code. */
export function ProblemCard({ severity, code, what, advice, children, close }: ProblemCardProps) {
  return (
    <div className={`${css.card} ${css[severity]}`} data-testid="problem" data-code={code}>
      <Icon name="warn" />
      <div className={css.body}>
        <p className={css.what}>{what}</p>
        {advice === "" ? null : <p>{advice}</p>}
        <div className={css.foot}>
          <code className={css.code}>{code}</code>
          {children}
        </div>
      </div>
      {close}
    </div>
  );
}
