/** One collection: its documents, its indexes, and what it is. */
import { Badge } from '../components/badge.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Page } from '../components/page.tsx';
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
  const collection = useQuery(collectionKey(name), (aborting) =>
    api.get<CollectionProperties>(`${collectionPath(name)}/figures`, undefined, aborting),
  );
  return (
    <Page
      title={name}
      isFilled
      back={{ href: href(['collections']), label: 'Collections' }}
      beside={collection.data?.type === 3 && <Badge kind="info">Edges</Badge>}
    >
      <Loaded of={collection} lines={10}>
        {(data) => (
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
      </Loaded>
    </Page>
  );
}
