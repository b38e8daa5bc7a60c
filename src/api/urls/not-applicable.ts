/**
 * Documented operations that foxden cannot have a meaning for: clusters of shards, remote copies of backups, encryption of files, recordings of what
 * clients do. Clients get a status that ArangoDB has for a server without the feature, and words that say what there is instead.
 */
import { ArangoError, type ErrorName } from '#base';
import { any, type Handler, type Route } from '../routes.ts';

interface Absence {
  readonly error: ErrorName;
  readonly reason: string;
}

const CLUSTER: Absence = {
  error: 'ERROR_CLUSTER_ONLY_ON_COORDINATOR',
  reason: 'this operation is for clusters of shards, and foxden has none',
};
const BACKUP: Absence = {
  error: 'ERROR_NOT_IMPLEMENTED',
  reason: 'hot backups are restored by foxden restore, and not copied elsewhere over HTTP',
};
const ENCRYPTION: Absence = { error: 'ERROR_HTTP_NOT_FOUND', reason: 'foxden does not encrypt its files: use a file system that does' };
const RECORDING: Absence = {
  error: 'ERROR_NOT_IMPLEMENTED',
  reason: 'foxden does not record requests or queries: see its log and metrics',
};
const LICENSE: Absence = { error: 'ERROR_NOT_IMPLEMENTED', reason: 'foxden wants no licence key' };
const BATCH: Absence = {
  error: 'ERROR_HTTP_NOT_FOUND',
  reason: 'batches of requests are gone, as from ArangoDB 3.12: send requests one by one',
};
const REVISION_TREES: Absence = {
  error: 'ERROR_NOT_IMPLEMENTED',
  reason: 'foxden does not follow or feed another server by its write-ahead log: use arangodump, or foxden import',
};

const ABSENT: readonly (readonly [path: string, absence: Absence])[] = [
  ['/_admin/cluster/*rest', CLUSTER],
  ['/_admin/backup/*rest', BACKUP],
  ['/_admin/server/encryption', ENCRYPTION],
  ['/_admin/server/api-calls', RECORDING],
  ['/_admin/server/aql-queries', RECORDING],
  ['/_admin/activities', RECORDING],
  // It can be read, and not be set.
  ['/_admin/license', LICENSE],
  ['/_api/batch', BATCH],
  ['/_api/replication/revisions/*rest', REVISION_TREES],
  ['/_api/replication/clusterInventory', CLUSTER],
  ['/_api/wal/tail', REVISION_TREES],
];

function refuse({ error, reason }: Absence): Handler {
  return () => {
    throw new ArangoError(error, { message: reason });
  };
}

export const notApplicableApi: readonly Route[] = ABSENT.map(([path, absence]) => any(path, 'user', refuse(absence)));
