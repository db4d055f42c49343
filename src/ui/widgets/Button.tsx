import type { ButtonHTMLAttributes, ReactNode } from "react";
import css from "./Button.module.css";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: "primary" | "normal" | "quiet";
  readonly children: ReactNode;
}

export function Button({ look = "normal", className, ...rest }: ButtonProps) {
  return <button type="button" className={`${css.button} ${css[look]} ${className ?? ""}`} {...rest} />;
}

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What the button does; its accessible name and its tooltip. */
  readonly label: string;
  readonly children: ReactNode;
}

export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`${css.button} ${css.quiet} ${css.icon} ${className ?? ""}`}
      {...rest}
    />
  );
}
