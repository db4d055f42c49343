import { Component, type ReactNode } from "react";
import { FailureCard } from "./StageNotice.tsx";

/** A bug in one panel stays in that panel. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <FailureCard failure={{ kind: "bug", message: error.message, stack: error.stack ?? "" }} />;
  }
}
