/** What the service says of itself: its manifest and its README. */
import { BookOpen } from 'lucide';
import { send } from '../api/client.ts';
import { JsonBlock } from '../components/code-block.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { lazy } from '../components/lazy.tsx';
import { Facts, Section } from '../components/page.tsx';
import { Skeleton } from '../components/spinner.tsx';
import { useQuery } from '../query.ts';
import { database, href } from '../router.ts';
import { addressOfService, type Manifest } from './service.ts';
import { CoordinatorBadge } from './state-badge.tsx';
import type { TabProps } from './service-page.tsx';
import './overview-tab.css';

const Markdown = lazy<{ readonly text: string }>(() => import('../components/markdown.tsx').then((module) => module.Markdown));

export function OverviewTab({ mount, service }: TabProps) {
  const readme = useQuery(`services\n${database.value}\n${mount}\nreadme`, async (aborting) =>
    (await send('GET', '/_api/foxx/readme', { query: { mount }, signal: aborting })).text(),
  );
  if (service === undefined) return null;
  const { manifest } = service;
  const { description = '', author = '', license, engines, provides, keywords = [], contributors = [], repository } = manifest;
  const address = `${location.origin}${addressOfService(mount)}`;
  return (
    <div class="overview">
      <div class="overview-readme">
        {readme.data === undefined ? (
          readme.error === undefined && <Skeleton lines={6} />
        ) : readme.data === '' ? (
          <EmptyState icon={BookOpen} title="No README">
            A README.md beside the manifest is shown here.
          </EmptyState>
        ) : (
          <Markdown text={readme.data} />
        )}
      </div>
      <aside class="stack overview-facts">
        <div class="card">
          {description !== '' && <p class="overview-description">{description}</p>}
          <Facts
            facts={
              [
                ['Name', service.name ?? '–'],
                ['Version', service.version ?? '–'],
                author !== '' && ['Author', author],
                contributors.length > 0 && ['Contributors', contributors.join(', ')],
                license !== undefined && ['License', license],
                [
                  'Address',
                  <a href={addressOfService(mount)} target="_blank" rel="noopener noreferrer">
                    {address}
                  </a>,
                ],
                repository !== undefined && ['Repository', <RepositoryLink repository={repository} />],
                engines?.['arangodb'] !== undefined && ['For ArangoDB', engines['arangodb']],
                ['Mode of 2.8', service.legacy ? 'yes' : undefined],
                provides !== undefined &&
                  Object.keys(provides).length > 0 && [
                    'Provides',
                    Object.entries(provides)
                      .map(([name, version]) => `${name} ${version}`)
                      .join(', '),
                  ],
                keywords.length > 0 && ['Keywords', keywords.join(', ')],
                ['Scripts', <a href={href(['services', mount, 'scripts'])}>{Object.keys(manifest.scripts ?? {}).length}</a>],
                ['Bundle', <span class="mono">{service.checksum ?? '–'}</span>],
              ].filter((fact) => fact !== false && fact[1] !== undefined) as [string, string][]
            }
          />
        </div>
        {service.coordinators !== undefined && (
          <Section title="Servers">
            <ul class="card coordinators">
              {service.coordinators.map(({ id, state, checksum, development, edits }) => (
                <li key={id}>
                  <span class="mono">{id}</span>
                  <span class="faint">
                    {checksum}
                    {development && ', in development'}
                    {edits !== undefined && ', with edits'}
                  </span>
                  <CoordinatorBadge state={state} />
                </li>
              ))}
            </ul>
          </Section>
        )}
        <Section title="Manifest">
          <JsonBlock value={manifest} label="manifest" />
        </Section>
      </aside>
    </div>
  );
}

/** `git+https://…`, `git://github.com/…` and the like lead where a browser can go. */
function RepositoryLink({ repository }: { readonly repository: NonNullable<Manifest['repository']> }) {
  const address = repository.url.replace(/^git\+/, '').replace(/^git:\/\//, 'https://');
  if (!/^https?:\/\//i.test(address)) return <>{repository.url}</>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {repository.url}
    </a>
  );
}
