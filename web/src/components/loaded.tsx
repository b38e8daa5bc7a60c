/** What the server was asked for, once it has answered: until then that it is coming, or why it did not. */
import type { ComponentChildren } from 'preact';
import { ErrorState } from './empty-state.tsx';
import { Loading, Skeleton } from './spinner.tsx';

interface Asked<Data> {
  readonly data?: Data | undefined;
  readonly error?: unknown;
  readonly reload: () => void;
}

export interface LoadedProps<Data> {
  readonly of: Asked<Data>;
  /** About as many as will stand there; left out in dialogs, which have room for whatever comes. */
  readonly lines?: number;
  readonly children: (data: Data) => ComponentChildren;
}

export function Loaded<Data>({ of: asked, children, ...shape }: LoadedProps<Data>) {
  return asked.data === undefined ? <NotLoaded of={asked} {...shape} /> : <>{children(asked.data)}</>;
}

/** For components that have nothing else to show before. */
export function NotLoaded({ of: { error, reload }, lines }: { readonly of: Asked<unknown>; readonly lines?: number | undefined }) {
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  return lines === undefined ? <Loading /> : <Skeleton lines={lines} />;
}
