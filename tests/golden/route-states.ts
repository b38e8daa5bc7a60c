/**
 * What became of each operation that ArangoDB documents: it works, and a test shows it, or foxden has nothing to put in its place, and why.
 * `docs/reference/routes.md` is printed from it.
 */

export interface Operation {
  readonly method: string;
  /** With `{parameters}`, and behind a `#` which of several forms of one request is meant. */
  readonly path: string;
  readonly tags: readonly string[] | null;
}

export type RouteState =
  | { readonly is: 'works'; readonly shownBy: string }
  /** Of something that foxden has not; it answers with a clear error. */
  | { readonly is: 'absent'; readonly why: string }
  | { readonly is: 'not yet'; readonly why: string };

const CLUSTER = 'foxden has no shards: several servers share one PostgreSQL';
const SEARCH = 'foxden has no ArangoSearch: there are indexes and FILTER in the place of views and SEARCH';
const RECORDING = 'foxden does not record requests: see the log and the metrics';
const REPLICATION = 'nobody follows foxden by its write-ahead log: dumps and `foxden import` copy';

/** By path, all methods; or by method and path. */
const ABSENT: Readonly<Record<string, string>> = {
  '/_admin/cluster/statistics': CLUSTER,
  '/_admin/cluster/health': 'a server that is alone has no cluster; several on one PostgreSQL answer it',
  '/_admin/cluster/maintenance': CLUSTER,
  '/_admin/cluster/maintenance/{DB-Server-ID}': CLUSTER,
  '/_admin/cluster/rebalance': CLUSTER,
  '/_admin/cluster/rebalance/execute': CLUSTER,
  '/_admin/cluster/uniqId': CLUSTER,
  '/_api/collection/{collection-name}/responsibleShard': CLUSTER,
  '/_api/collection/{collection-name}/shards': CLUSTER,
  '/_api/replication/clusterInventory': CLUSTER,
  'PUT /_admin/license': 'foxden wants no licence key',
  '/_api/batch': 'gone from ArangoDB with 3.12: HTTP/2 and keep-alive do it better',
  '/_admin/backup/restore': '`foxden restore` restores a backup, into a directory that no server uses',
  '/_admin/backup/upload': 'copy the folder of a backup with tools of your own',
  '/_admin/backup/download': 'copy the folder of a backup with tools of your own',
  '/_admin/server/encryption': 'use a file system that encrypts',
  '/_admin/activities': RECORDING,
  '/_admin/server/api-calls': RECORDING,
  '/_admin/server/aql-queries': RECORDING,
  '/_api/replication/revisions/tree': REPLICATION,
  '/_api/replication/revisions/ranges': REPLICATION,
  '/_api/replication/revisions/documents': REPLICATION,
  '/_api/wal/tail': REPLICATION,
  'POST /_api/view': SEARCH,
  '/_api/view/{view-name}': SEARCH,
  '/_api/view/{view-name}/properties': SEARCH,
  '/_api/view/{view-name}/rename': SEARCH,
  'POST /_api/index#vector': 'foxden has no vector indexes',
};

const NOT_YET: Readonly<Record<string, string>> = {
  'POST /_api/index#inverted': 'indexes of this type are being built',
};

/** The first that fits. */
const SHOWN_BY: readonly (readonly [path: RegExp, test: string])[] = [
  [/^\/_api\/gharial/, 'tests/server/http-graphs.test.ts'],
  [/^\/_api\/(replication|wal)/, 'tests/server/http-dumps.test.ts'],
  [
    /^\/_api\/(token|analyzer|view|job|engine\/stats)|^\/_admin\/(log|options|support|license|crashes|execute|shutdown|database|deployment|statistics|metrics|usage|server\/(jwt|tls|mode))/,
    'tests/server/http-admin.test.ts',
  ],
  [/^\/_admin\/backup/, 'tests/cli/foxden.test.ts'],
  [/^\/_api\/(foxx)/, 'tests/clients/foxx-cli.test.ts'],
  [/^\/_(open|api)\/(auth|user)|^\/_admin\/routing/, 'tests/golden/http-rights.test.ts'],
  [/^\/_api\/(transaction)/, 'tests/clients/arangojs.test.ts'],
  [/^\/_(api|admin)\//, 'tests/golden/http.test.ts'],
];

export function stateOf({ method, path }: Operation): RouteState {
  const plain = plainPath(path);
  const find = (table: Readonly<Record<string, string>>): string | undefined =>
    table[`${method} ${withoutDatabase(path)}`] ?? table[`${method} ${plain}`] ?? table[plain];
  const absent = find(ABSENT);
  if (absent !== undefined) return { is: 'absent', why: absent };
  const coming = find(NOT_YET);
  if (coming !== undefined) return { is: 'not yet', why: coming };
  const [, shownBy = ''] = SHOWN_BY.find(([pattern]) => pattern.test(plain)) ?? [];
  return { is: 'works', shownBy };
}

export function plainPath(path: string): string {
  return withoutDatabase(path).replace(/#.*$/, '');
}

function withoutDatabase(path: string): string {
  return path.replace(/^\/_db\/_system/, '');
}

/** The page of the manual. */
export function routesPage(operations: readonly Operation[]): string {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const group = operation.tags?.[0] ?? groupOf(operation.path);
    groups.set(group, [...(groups.get(group) ?? []), operation]);
  }
  const counts = (is: RouteState['is']): number => operations.filter((operation) => stateOf(operation).is === is).length;
  const sections = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => {
      const rows = members.map((operation) => {
        const state = stateOf(operation);
        const note = state.is === 'works' ? `\`${state.shownBy}\`` : state.why;
        const word = state.is === 'works' ? 'works' : state.is === 'absent' ? 'not applicable' : 'not yet';
        return `| \`${operation.method} ${withoutDatabase(operation.path)}\` | ${word} | ${note} |`;
      });
      return [`## ${group}`, '', '| Operation | State | Shown by, or why not |', '| --- | --- | --- |', ...rows, ''].join('\n');
    });
  return [
    '# The HTTP API, operation by operation',
    '',
    `Of ${operations.length} operations that ArangoDB 3.12 documents, ${counts('works')} work, ${counts('absent')} have no meaning in foxden, and ` +
      `${counts('not yet')} are still to come. The second kind answer with an error that says so: 501, or what ArangoDB answers itself where it has not the feature.`,
    '',
    'Below `/_db/<name>` each is about that database, otherwise about `_system`. Where several forms of one request are documented, the form stands behind `#`.',
    '',
    'This page is printed by `tests/golden/routes.test.ts`, which also sends each of them to a running server.',
    '',
    ...sections,
  ].join('\n');
}

function groupOf(path: string): string {
  const [, , second = ''] = plainPath(path).split('/');
  const names: Readonly<Record<string, string>> = {
    import: 'Documents',
    index: 'Indexes',
    log: 'Monitoring',
    replication: 'Replication',
    view: 'Views',
  };
  return names[second] ?? 'Other';
}
