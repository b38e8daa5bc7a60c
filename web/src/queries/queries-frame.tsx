/** The frame of the pages about queries: their tabs. */
import type { ComponentChildren } from 'preact';
import { Page } from '../components/page.tsx';
import { Tabs } from '../components/tabs.tsx';
import { href } from '../router.ts';
import '../data/data.css';
import './queries.css';

const TABS = [
  ['editor', 'Editor'],
  ['saved', 'Saved'],
  ['running', 'Running and slow'],
  ['functions', 'Functions'],
  ['cache', 'Cache'],
] as const;

export type QueriesTab = (typeof TABS)[number][0];

export function QueriesFrame({ current, children }: { readonly current: QueriesTab; readonly children: ComponentChildren }) {
  return (
    <Page title="Queries" isFilled>
      <Tabs
        label="Queries"
        current={current}
        tabs={TABS.map(([id, label]) => ({ id, label, href: href(id === 'editor' ? ['queries'] : ['queries', id]) }))}
      >
        {children}
      </Tabs>
    </Page>
  );
}
