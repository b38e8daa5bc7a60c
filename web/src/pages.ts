/**
 * All pages: where they are, what loads them, and what they ask for first. Each loads when it is opened first; whoever adds pages adds them
 * here, next to those of their kind, and to the navigation those that are reached from anywhere.
 */
import type { ComponentType } from 'preact';
import { match } from './address.ts';

export type PageParameters = Readonly<Record<string, string>>;
export type PageComponent = ComponentType<{ readonly parameters: PageParameters }>;

export interface PageDefinition {
  /** As `match` reads it: `services/:mount/:tab?`. */
  readonly path: string;
  readonly load: () => Promise<PageComponent>;
  /** What it needs in any case once it is there. */
  readonly loadMore?: () => Promise<unknown>;
  /** What it asks the database for at once, and as it asks for it: with these it need not wait for its own code. */
  readonly asks?: readonly string[];
}

/** The first that matches is shown; where there is no path, the first of all. */
export const PAGES: readonly PageDefinition[] = [
  {
    path: 'overview',
    load: () => import('./operations/overview-page.tsx').then((module) => module.OverviewPage),
    asks: ['/_admin/metrics/v2', '/_admin/statistics', '/_api/foxx/states', '/_api/foxx/metrics'],
  },

  // Services
  {
    path: 'services',
    load: () => import('./services/list-page.tsx').then((module) => module.ServicesPage),
    asks: ['/_api/foxx?excludeSystem=true', '/_api/foxx/states'],
  },
  { path: 'services/install', load: () => import('./services/install-page.tsx').then((module) => module.InstallPage) },
  { path: 'services/upgrade/:mount', load: () => import('./services/install-page.tsx').then((module) => module.UpgradePage) },
  { path: 'services/replace/:mount', load: () => import('./services/install-page.tsx').then((module) => module.ReplacePage) },
  { path: 'services/:mount/:tab?', load: () => import('./services/service-page.tsx').then((module) => module.ServicePage) },

  // Data
  {
    path: 'collections',
    load: () => import('./data/collections-page.tsx').then((module) => module.CollectionsPage),
    asks: ['/_api/collection'],
  },
  { path: 'collections/:name/new', load: () => import('./data/document-page.tsx').then((module) => module.NewDocumentPage) },
  { path: 'collections/:name/documents/:key', load: () => import('./data/document-page.tsx').then((module) => module.DocumentPage) },
  { path: 'collections/:name/:tab?', load: () => import('./data/collection-page.tsx').then((module) => module.CollectionPage) },
  {
    path: 'graphs',
    load: () => import('./graph/graph-pages.tsx').then((module) => module.GraphsPage),
    asks: ['/_api/gharial'],
  },
  { path: 'graphs/:name', load: () => import('./graph/graph-pages.tsx').then((module) => module.GraphPage) },
  { path: 'graph', load: () => import('./graph/graph-pages.tsx').then((module) => module.SurroundingsPage) },
  {
    path: 'queries',
    load: () => import('./queries/queries-page.tsx').then((module) => module.QueriesPage),
    loadMore: () => Promise.all([import('./editor/code-editor.tsx'), import('./editor/aql.ts')]),
    asks: ['/_api/collection'],
  },
  { path: 'queries/:tab', load: () => import('./queries/queries-page.tsx').then((module) => module.QueriesPage) },
  { path: 'databases', load: () => import('./data/databases-page.tsx').then((module) => module.DatabasesPage) },

  // Operations
  { path: 'metrics', load: () => import('./operations/metrics-page.tsx').then((module) => module.MetricsPage) },
  { path: 'logs', load: () => import('./operations/logs-page.tsx').then((module) => module.LogsPage) },
  { path: 'queues', load: () => import('./operations/queues-page.tsx').then((module) => module.QueuesPage) },
  {
    path: 'tasks',
    load: () => import('./operations/tasks-page.tsx').then((module) => module.TasksPage),
    asks: ['/_api/tasks'],
  },
  {
    path: 'users',
    load: () => import('./operations/users-pages.tsx').then((module) => module.UsersPage),
    asks: ['/_api/user'],
  },
  { path: 'users/:name', load: () => import('./operations/users-pages.tsx').then((module) => module.UserPage) },
  { path: 'server', load: () => import('./operations/server-page.tsx').then((module) => module.ServerPage) },
];

/** Undefined for an address that leads nowhere. */
export function findPage(segments: readonly string[]): PageDefinition | undefined {
  return segments.length === 0 ? PAGES[0] : PAGES.find(({ path }) => match(path, segments) !== undefined);
}
