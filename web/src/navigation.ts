/** The entries of the navigation, in its order. Pages without one are reached from others. */
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

export const GROUPS = ['Services', 'Data', 'Operations'] as const;

export interface NavigationEntry {
  /** The first segment of the paths of its pages. */
  readonly path: string;
  readonly label: string;
  readonly icon: IconNode;
  readonly group: (typeof GROUPS)[number];
}

export const NAVIGATION: readonly NavigationEntry[] = [
  { path: 'overview', label: 'Overview', icon: LayoutDashboard, group: 'Services' },
  { path: 'services', label: 'Services', icon: Boxes, group: 'Services' },
  { path: 'collections', label: 'Collections', icon: Layers, group: 'Data' },
  { path: 'graphs', label: 'Graphs', icon: Waypoints, group: 'Data' },
  { path: 'queries', label: 'Queries', icon: SquareTerminal, group: 'Data' },
  { path: 'databases', label: 'Databases', icon: Database, group: 'Data' },
  { path: 'metrics', label: 'Metrics', icon: ChartLine, group: 'Operations' },
  { path: 'logs', label: 'Logs', icon: ScrollText, group: 'Operations' },
  { path: 'queues', label: 'Queues', icon: ListChecks, group: 'Operations' },
  { path: 'tasks', label: 'Tasks', icon: AlarmClock, group: 'Operations' },
  { path: 'users', label: 'Users', icon: Users, group: 'Operations' },
  { path: 'server', label: 'Server', icon: Server, group: 'Operations' },
];
