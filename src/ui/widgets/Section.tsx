import type { ReactNode } from "react";
import css from "./Section.module.css";

/** A titled part of a panel. */
export function Section(props: {
  readonly title: string;
  readonly extra?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className={css.section} aria-label={props.title}>
      <header className={css.head}>
        <h3>{props.title}</h3>
        {props.extra}
      </header>
      {props.children}
    </section>
  );
}

/** Name and value pairs. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={css.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={css.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What a panel says when it has nothing to show yet. */
export function Note({ children }: { readonly children: ReactNode }) {
  return <p className={css.note}>{children}</p>;
}
