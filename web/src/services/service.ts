/** What the server tells of services, and what can be asked of it: `/_api/foxx` as the pages use it. Keys of queries are made here alone. */
import type { Query } from '../address.ts';
import { api, download, request } from '../api/client.ts';
import { invalidate, useQuery, type UsedQuery } from '../query.ts';
import { database } from '../router.ts';

export interface ServiceSummary {
  readonly mount: string;
  readonly name?: string;
  readonly version?: string;
  readonly development: boolean;
  readonly legacy: boolean;
  /** Of a cluster, what each coordinator has. */
  readonly coordinators?: readonly CoordinatorState[];
  /** What the server warns of: the service is being worked on in several places. */
  readonly warnings?: readonly string[];
}

export interface CoordinatorState {
  readonly id: string;
  readonly checksum?: string;
  readonly state: 'current' | 'broken' | 'missing' | 'outdated';
  readonly development: boolean;
  /** There are changes in development mode that are in no bundle: equal for equal files. */
  readonly edits?: string;
}

export interface ServiceState {
  readonly mount: string;
  readonly state: 'ready' | 'unconfigured' | 'broken' | 'unknown';
  readonly development: boolean;
  readonly reload: Reload;
  readonly missing?: readonly string[];
  readonly problem?: string;
}

export type Reload = 'always' | 'changed';

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly author?: string;
  readonly license?: string;
  readonly contributors?: readonly string[];
  readonly keywords?: readonly string[];
  readonly repository?: { readonly type: string; readonly url: string };
  readonly engines?: Readonly<Record<string, string>>;
  readonly provides?: Readonly<Record<string, string>>;
  readonly main?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly tests?: readonly string[];
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
}

export interface ServiceDescription extends ServiceSummary {
  readonly path: string;
  readonly manifest: Manifest;
  readonly checksum?: string;
}

/** One entry of a service's configuration. */
export interface Setting {
  readonly type: 'string' | 'password' | 'integer' | 'int' | 'number' | 'boolean' | 'bool' | 'json';
  readonly title: string;
  readonly description?: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly current?: unknown;
  readonly currentRaw?: unknown;
  readonly warning?: string;
}

export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description?: string;
  readonly required: boolean;
  readonly multiple: boolean;
  readonly current?: string | readonly string[] | null;
  readonly warning?: string;
}

export interface Version {
  readonly id: number;
  readonly operation?: string;
  readonly at?: string;
  readonly by?: string;
  readonly name?: string;
  readonly version?: string;
  readonly restores?: number;
  readonly current: boolean;
  readonly checksum?: string;
  readonly development: boolean;
}

export interface Figures {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Failure {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly error: string;
  readonly excerpt: string;
}

export interface Metrics {
  readonly total: Figures & { readonly meanMs: number | null };
  readonly sliceSeconds: number;
  readonly slices: readonly (Figures & { readonly time: number })[];
  readonly failures: readonly Failure[];
}

const LIST_REFRESH_MS = 15_000;

const key = (...parts: readonly string[]): string => ['services', database.value, ...parts].join('\n');

export function useServices(isSystemShown: boolean): UsedQuery<ServiceSummary[]> {
  return useQuery(key(`list ${isSystemShown}`), (aborting) => api.get('/_api/foxx', { excludeSystem: !isSystemShown }, aborting), {
    everyMs: LIST_REFRESH_MS,
  });
}

export function useStates(): UsedQuery<ServiceState[]> {
  return useQuery(key('states'), (aborting) => api.get('/_api/foxx/states', {}, aborting), { everyMs: LIST_REFRESH_MS });
}

export function useServiceState(mount: string): ServiceState | undefined {
  return useOf<ServiceState[]>(mount, 'states').data?.[0];
}

export function useService(mount: string): UsedQuery<ServiceDescription> {
  return useOf(mount, 'service');
}

/** What the server tells of one service below `/_api/foxx/<what>`. Nothing is asked without a mount. */
export function useOf<Data>(
  mount: string,
  what: string,
  options: { readonly query?: Query; readonly everyMs?: number } = {},
): UsedQuery<Data> {
  const { query, everyMs } = options;
  return useQuery(
    mount === '' ? undefined : key(mount, what, JSON.stringify(query ?? {})),
    (aborting) => api.get(`/_api/foxx/${what}`, { mount, ...query }, aborting),
    everyMs === undefined ? {} : { everyMs },
  );
}

/** Anything about services may have changed. */
export function servicesChanged(): void {
  invalidate(`services\n${database.value}\n`);
}

/** Where a service comes from. */
export type Source =
  /** A zip or JavaScript. */
  | { readonly from: 'file'; readonly file: File }
  | { readonly from: 'url'; readonly url: string }
  | { readonly from: 'template'; readonly template: string; readonly values: Readonly<Record<string, string | readonly string[]>> }
  | { readonly from: 'store'; readonly name: string; readonly version: string };

export interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly fields: readonly {
    readonly name: string;
    readonly title: string;
    readonly type: 'string' | 'strings';
    readonly isRequired: boolean;
    readonly default: string | readonly string[];
  }[];
}

export interface Store {
  readonly isConfigured: boolean;
  readonly services: readonly {
    readonly name: string;
    readonly description?: string;
    readonly author?: string;
    readonly newest?: string;
    readonly versions: readonly string[];
  }[];
}

export interface InstallOptions {
  readonly setup?: boolean;
  readonly teardown?: boolean;
  readonly development?: boolean;
  readonly force?: boolean;
  readonly isAtomic?: boolean;
  readonly isTested?: boolean;
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export type Operation = 'install' | 'upgrade' | 'replace';

const REQUESTS = {
  install: ['POST', '/_api/foxx'],
  upgrade: ['PATCH', '/_api/foxx/service'],
  replace: ['PUT', '/_api/foxx/service'],
} as const;

export async function putInPlace(
  operation: Operation,
  mount: string,
  source: Source,
  options: InstallOptions,
): Promise<ServiceDescription> {
  const { configuration, isAtomic, isTested, ...flags } = options;
  const [method, path] = REQUESTS[operation];
  const query = { mount, ...flags, ...activation({ isAtomic, isTested }) };
  const done = await request<ServiceDescription>(method, path, { body: bodyOf(source, configuration), query });
  servicesChanged();
  return done;
}

function bodyOf(source: Source, configuration: InstallOptions['configuration']): unknown {
  switch (source.from) {
    case 'file': {
      const form = new FormData();
      form.append('source', source.file, source.file.name);
      if (configuration !== undefined) form.append('configuration', JSON.stringify(configuration));
      return form;
    }
    case 'url':
      return { source: source.url, configuration };
    case 'template':
      return { template: source.template, values: source.values, configuration };
    case 'store':
      return { store: { name: source.name, version: source.version }, configuration };
  }
}

function activation({ isAtomic, isTested }: { readonly isAtomic: boolean | undefined; readonly isTested: boolean | undefined }): Query {
  return { activation: isAtomic === true ? 'atomic' : undefined, gate: isTested === true ? 'tests' : undefined };
}

/** Leave the service's page then: what it shows is not asked for again, as it is no more. */
export async function uninstall(mount: string, options: { readonly teardown: boolean; readonly force: boolean }): Promise<void> {
  await api.delete('/_api/foxx/service', { mount, ...options });
}

export async function rollBack(mount: string, version: number, options: InstallOptions): Promise<void> {
  const { isAtomic, isTested, setup, teardown } = options;
  await api.post('/_api/foxx/rollback', undefined, { mount, version, setup, teardown, ...activation({ isAtomic, isTested }) });
  servicesChanged();
}

export async function setDevelopment(mount: string, isOn: boolean, reload?: Reload): Promise<void> {
  await request(isOn ? 'POST' : 'DELETE', '/_api/foxx/development', { query: { mount, ...(isOn ? { reload } : {}) } });
  servicesChanged();
}

export function downloadBundle(mount: string): Promise<void> {
  return download('POST', '/_api/foxx/download', `${mount.slice(1).replaceAll('/', '-')}.zip`, { query: { mount } });
}

/** Undefined for a path that a service can be mounted at. These are the server's rules; it has the last word. */
export function problemOfMount(mount: string): string | undefined {
  if (mount === '' || mount === '/') return undefined; // nothing was typed yet
  if (!mount.startsWith('/')) return 'A mount begins with a slash.';
  if (mount.endsWith('/')) return 'A mount does not end with a slash.';
  if (!/^(\/[\w\-%]+)+$/.test(mount)) return 'A mount consists of letters, digits, hyphens and underscores between slashes.';
  if (mount.startsWith('/_') && !mount.startsWith('/_open/')) return 'Mounts that begin with an underscore are the system’s.';
  if (/^\/[\d\-%]/.test(mount)) return 'A mount does not begin with a digit or a hyphen.';
  if (/\/app(\/|$)/i.test(mount)) return 'No part of a mount is called “app”.';
  return undefined;
}

/** Where the service answers. */
export function addressOfService(mount: string): string {
  return `/_db/${encodeURIComponent(database.value)}${mount}/`;
}
