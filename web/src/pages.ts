/**
 * All pages: where they are, what loads them, and their entries in the navigation. Each loads when it is opened first; whoever adds pages adds
 * them here, next to those of their kind.
 */
import {
  AlarmClock,
  Boxes,
  ChartLine,
  Database,
  Layers,
  LayoutDashboard,
  ListChecks,
  ScrollText,
  Server,
  SquareTerminal,
  Users,
  Waypoints,
} from 'lucide';
import type { IconNode } from 'lucide';
import type { ComponentType } from 'preact';

export type PageParameters = Readonly<Record<string, string>>;
export type PageComponent = ComponentType<{ readonly parameters: PageParameters }>;

export const GROUPS = ['Services', 'Data', 'Operations'] as const;

export interface PageDefinition {
  /** As `match` of the router reads it: `services/:mount/:tab?`. */
  readonly path: string;
  readonly load: () => Promise<PageComponent>;
  /** Pages without one are reached from others. The first segment of the path decides which entry is the current one. */
  readonly entry?: { readonly label: string; readonly icon: IconNode; readonly group: (typeof GROUPS)[number] };
}

/** The first that matches is shown; where there is no path, the first of all. */
export const PAGES: readonly PageDefinition[] = [
  {
    path: 'overview',
    load: () => import('./operations/overview-page.tsx').then((module) => module.OverviewPage),
    entry: { label: 'Overview', icon: LayoutDashboard, group: 'Services' },
  },

  // Services
  {
    path: 'services',
    load: () => import('./services/list-page.tsx').then((module) => module.ServicesPage),
    entry: { label: 'Services', icon: Boxes, group: 'Services' },
  },
  { path: 'services/install', load: () => import('./services/install-page.tsx').then((module) => module.InstallPage) },
  { path: 'services/upgrade/:mount', load: () => import('./services/install-page.tsx').then((module) => module.UpgradePage) },
  { path: 'services/replace/:mount', load: () => import('./services/install-page.tsx').then((module) => module.ReplacePage) },
  { path: 'services/:mount/:tab?', load: () => import('./services/service-page.tsx').then((module) => module.ServicePage) },

  // Data
  {
    path: 'collections',
    load: () => import('./data/collections-page.tsx').then((module) => module.CollectionsPage),
    entry: { label: 'Collections', icon: Layers, group: 'Data' },
  },
  { path: 'collections/:name/new', load: () => import('./data/document-page.tsx').then((module) => module.NewDocumentPage) },
  { path: 'collections/:name/documents/:key', load: () => import('./data/document-page.tsx').then((module) => module.DocumentPage) },
  { path: 'collections/:name/:tab?', load: () => import('./data/collection-page.tsx').then((module) => module.CollectionPage) },
  {
    path: 'graphs',
    load: () => import('./graph/graph-pages.tsx').then((module) => module.GraphsPage),
    entry: { label: 'Graphs', icon: Waypoints, group: 'Data' },
  },
  { path: 'graphs/:name', load: () => import('./graph/graph-pages.tsx').then((module) => module.GraphPage) },
  { path: 'graph', load: () => import('./graph/graph-pages.tsx').then((module) => module.SurroundingsPage) },
  {
    path: 'queries',
    load: () => import('./queries/queries-page.tsx').then((module) => module.QueriesPage),
    entry: { label: 'Queries', icon: SquareTerminal, group: 'Data' },
  },
  { path: 'queries/:tab', load: () => import('./queries/queries-page.tsx').then((module) => module.QueriesPage) },
  {
    path: 'databases',
    load: () => import('./data/databases-page.tsx').then((module) => module.DatabasesPage),
    entry: { label: 'Databases', icon: Database, group: 'Data' },
  },

  // Operations
  {
    path: 'metrics',
    load: () => import('./operations/metrics-page.tsx').then((module) => module.MetricsPage),
    entry: { label: 'Metrics', icon: ChartLine, group: 'Operations' },
  },
  {
    path: 'logs',
    load: () => import('./operations/logs-page.tsx').then((module) => module.LogsPage),
    entry: { label: 'Logs', icon: ScrollText, group: 'Operations' },
  },
  {
    path: 'queues',
    load: () => import('./operations/queues-page.tsx').then((module) => module.QueuesPage),
    entry: { label: 'Queues', icon: ListChecks, group: 'Operations' },
  },
  {
    path: 'tasks',
    load: () => import('./operations/tasks-page.tsx').then((module) => module.TasksPage),
    entry: { label: 'Tasks', icon: AlarmClock, group: 'Operations' },
  },
  {
    path: 'users',
    load: () => import('./operations/users-pages.tsx').then((module) => module.UsersPage),
    entry: { label: 'Users', icon: Users, group: 'Operations' },
  },
  { path: 'users/:name', load: () => import('./operations/users-pages.tsx').then((module) => module.UserPage) },
  {
    path: 'server',
    load: () => import('./operations/server-page.tsx').then((module) => module.ServerPage),
    entry: { label: 'Server', icon: Server, group: 'Operations' },
  },
];
