/** The pages about queries, by the tab in the address. */
import type { ComponentChildren } from 'preact';
import { EmptyState } from '../components/empty-state.tsx';
import type { PageParameters } from '../pages.ts';
import { database } from '../router.ts';
import { CacheTab } from './cache-tab.tsx';
import { EditorTab } from './editor-tab.tsx';
import { FunctionsTab } from './functions-tab.tsx';
import { QueriesFrame, type QueriesTab } from './queries-frame.tsx';
import { RunningTab } from './running-tab.tsx';
import { SavedTab } from './saved-tab.tsx';

const PANELS: Readonly<Record<QueriesTab, () => ComponentChildren>> = {
  editor: () => <EditorTab key={database.value} />,
  saved: () => <SavedTab />,
  running: () => <RunningTab />,
  functions: () => <FunctionsTab />,
  cache: () => <CacheTab />,
};

export function QueriesPage({ parameters }: { readonly parameters: PageParameters }) {
  const { tab = 'editor' } = parameters;
  if (!(tab in PANELS)) return <EmptyState title="There is no such page" />;
  const current = tab as QueriesTab;
  return <QueriesFrame current={current}>{PANELS[current]()}</QueriesFrame>;
}
