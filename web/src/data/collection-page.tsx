/** One collection: its documents, its indexes, and what it is. */
import { Badge } from '../components/badge.tsx';
import { EmptyState, ErrorState } from '../components/empty-state.tsx';
import { Page } from '../components/page.tsx';
import { Skeleton } from '../components/spinner.tsx';
import { Tabs } from '../components/tabs.tsx';
import { api } from '../api/client.ts';
import type { PageParameters } from '../pages.ts';
import { useQuery } from '../query.ts';
import { href } from '../router.ts';
import { DocumentsTab } from './documents-tab.tsx';
import { IndexesTab } from './indexes-tab.tsx';
import { collectionKey, collectionPath, type CollectionProperties } from './model.ts';
import { SettingsTab } from './settings-tab.tsx';
import './data.css';

const TABS = [
  ['documents', 'Documents'],
  ['indexes', 'Indexes'],
  ['settings', 'Settings'],
] as const;

export function CollectionPage({ parameters }: { readonly parameters: PageParameters }) {
  const { name = '', tab = 'documents' } = parameters;
  const { data, error, reload } = useQuery(collectionKey(name), (aborting) =>
    api.get<CollectionProperties>(`${collectionPath(name)}/figures`, undefined, aborting),
  );
  return (
    <Page
      title={name}
      isFilled
      back={{ href: href(['collections']), label: 'Collections' }}
      beside={data?.type === 3 && <Badge kind="info">Edges</Badge>}
    >
      {data === undefined ? (
        error === undefined ? (
          <Skeleton lines={10} />
        ) : (
          <ErrorState error={error} onRetry={reload} />
        )
      ) : (
        <Tabs
          label={`Collection ${name}`}
          current={tab}
          tabs={TABS.map(([id, label]) => ({
            id,
            label,
            href: href(id === 'documents' ? ['collections', name] : ['collections', name, id]),
          }))}
        >
          {tab === 'documents' && <DocumentsTab key={name} collection={data} />}
          {tab === 'indexes' && <IndexesTab collection={name} />}
          {tab === 'settings' && <SettingsTab collection={data} />}
          {!TABS.some(([id]) => id === tab) && <EmptyState title="There is no such page" />}
        </Tabs>
      )}
    </Page>
  );
}
