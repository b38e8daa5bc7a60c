/** Recorded HTTP examples that are not replayed, and recorded answers that differ from ours, each with the reason. */

/** Of subsystems that are optional, or of another edition: not replayed at all. */
export const LEFT_OUT_TAGS: ReadonlySet<string> = new Set(['cluster', 'enterprise', 'hotbackup', 'arangosearch', 'pregel', 'replication']);

/** Single examples that are not replayed. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  RestIndexCreateNewUniqueConstraint: 'recorded with 3.9, whose indexes had no cacheEnabled',
  RestIndexCreateSparseHashIndex: 'recorded with 3.9, whose indexes had no cacheEnabled',
  RestIndexDeleteUniqueSkiplist: 'its path holds an id of the recording, and it has no script',
};

/** Examples of old manuals come without their script: what has to be there before the request is sent. */
export const SETUPS: Readonly<Record<string, string>> = {
  RestCursorPutInvalidCursorIdentifier: '',
  RestCursorPutMissingCursorIdentifier: '',
  RestImportCsvInvalidCollection: 'db._drop("products");',
  RestImportCsvUniqueFail: 'db._drop("products"); db._create("products");',
};

/** What was there when the recordings were made. */
export const WORLD = `
  for (const name of ['animals', 'demo', 'ignore', 'mycollection']) db._create(name);
  const users = require('@arangodb/users');
  for (const name of ['admin', 'tester']) users.save(name, name);
  curlRequest('PATCH', '/_api/user/tester', { active: false });
`;

/** By example and number of the request. */
export const MISSES: Readonly<Record<string, string>> = {
  'RestIndexCreateNewZkd 1': 'recorded with 3.11, whose multi-dimensional indexes had no estimates',
  'HttpListQueryPlanCache 1': 'the hash of an entry is calculated in a way of our own',
  'RestAdminStatisticsDescription1 1': 'the figures are described in words of our own',
};
