/**
 * Every error that foxden answers with, and the one class that carries it.
 *
 * Names, numbers and texts are ArangoDB's: clients compare `errorNum`, so a number never changes. `code` is the HTTP
 * status of an answer with this error. A test keeps this table equal to the list recorded for ArangoDB 3.12.
 */

interface ErrorRow {
  readonly errorNum: number;
  readonly code: number;
  readonly message: string;
}

export const ERRORS = {
  // General errors
  ERROR_FAILED: { errorNum: 1, code: 500, message: 'failed' },
  ERROR_SYS_ERROR: { errorNum: 2, code: 500, message: 'system error' },
  ERROR_OUT_OF_MEMORY: { errorNum: 3, code: 500, message: 'out of memory' },
  ERROR_INTERNAL: { errorNum: 4, code: 500, message: 'internal error' },
  ERROR_ILLEGAL_NUMBER: { errorNum: 5, code: 400, message: 'illegal number' },
  ERROR_NUMERIC_OVERFLOW: { errorNum: 6, code: 400, message: 'numeric overflow' },
  ERROR_ILLEGAL_OPTION: { errorNum: 7, code: 400, message: 'illegal option' },
  ERROR_DEAD_PID: { errorNum: 8, code: 400, message: 'dead process identifier' },
  ERROR_NOT_IMPLEMENTED: { errorNum: 9, code: 501, message: 'not implemented' },
  ERROR_BAD_PARAMETER: { errorNum: 10, code: 400, message: 'bad parameter' },
  ERROR_FORBIDDEN: { errorNum: 11, code: 403, message: 'forbidden' },
  ERROR_CORRUPTED_CSV: { errorNum: 13, code: 400, message: 'csv is corrupt' },
  ERROR_FILE_NOT_FOUND: { errorNum: 14, code: 400, message: 'file not found' },
  ERROR_CANNOT_WRITE_FILE: { errorNum: 15, code: 400, message: 'cannot write file' },
  ERROR_CANNOT_OVERWRITE_FILE: { errorNum: 16, code: 400, message: 'cannot overwrite file' },
  ERROR_TYPE_ERROR: { errorNum: 17, code: 400, message: 'type error' },
  ERROR_LOCK_TIMEOUT: { errorNum: 18, code: 400, message: 'lock timeout' },
  ERROR_CANNOT_CREATE_DIRECTORY: { errorNum: 19, code: 400, message: 'cannot create directory' },
  ERROR_CANNOT_CREATE_TEMP_FILE: { errorNum: 20, code: 400, message: 'cannot create temporary file' },
  ERROR_REQUEST_CANCELED: { errorNum: 21, code: 408, message: 'canceled request' },
  ERROR_DEBUG: { errorNum: 22, code: 400, message: 'intentional debug error' },
  ERROR_IP_ADDRESS_INVALID: { errorNum: 25, code: 400, message: 'IP address is invalid' },
  ERROR_FILE_EXISTS: { errorNum: 27, code: 400, message: 'file exists' },
  ERROR_LOCKED: { errorNum: 28, code: 400, message: 'locked' },
  ERROR_DEADLOCK: { errorNum: 29, code: 400, message: 'deadlock detected' },
  ERROR_SHUTTING_DOWN: { errorNum: 30, code: 503, message: 'shutdown in progress' },
  ERROR_ONLY_ENTERPRISE: { errorNum: 31, code: 501, message: 'only enterprise version' },
  ERROR_RESOURCE_LIMIT: { errorNum: 32, code: 500, message: 'resource limit exceeded' },
  ERROR_ARANGO_ICU_ERROR: { errorNum: 33, code: 400, message: 'icu error: %s' },
  ERROR_CANNOT_READ_FILE: { errorNum: 34, code: 400, message: 'cannot read file' },
  ERROR_INCOMPATIBLE_VERSION: { errorNum: 35, code: 400, message: 'incompatible server version' },
  ERROR_DISABLED: { errorNum: 36, code: 400, message: 'disabled' },
  ERROR_MALFORMED_JSON: { errorNum: 37, code: 400, message: 'malformed json' },
  ERROR_STARTING_UP: { errorNum: 38, code: 400, message: 'startup ongoing' },
  ERROR_DESERIALIZE: { errorNum: 39, code: 400, message: 'error during deserialization' },
  ERROR_END_OF_FILE: { errorNum: 40, code: 400, message: 'reached end of file' },

  // HTTP error status codes
  ERROR_HTTP_BAD_PARAMETER: { errorNum: 400, code: 400, message: 'bad parameter' },
  ERROR_HTTP_UNAUTHORIZED: { errorNum: 401, code: 401, message: 'unauthorized' },
  ERROR_HTTP_FORBIDDEN: { errorNum: 403, code: 403, message: 'forbidden' },
  ERROR_HTTP_NOT_FOUND: { errorNum: 404, code: 404, message: 'not found' },
  ERROR_HTTP_METHOD_NOT_ALLOWED: { errorNum: 405, code: 405, message: 'method not supported' },
  ERROR_HTTP_NOT_ACCEPTABLE: { errorNum: 406, code: 406, message: 'request not acceptable' },
  ERROR_HTTP_REQUEST_TIMEOUT: { errorNum: 408, code: 408, message: 'request timeout' },
  ERROR_HTTP_CONFLICT: { errorNum: 409, code: 409, message: 'conflict' },
  ERROR_HTTP_GONE: { errorNum: 410, code: 410, message: 'content permanently deleted' },
  ERROR_HTTP_PRECONDITION_FAILED: { errorNum: 412, code: 412, message: 'precondition failed' },
  ERROR_HTTP_ENHANCE_YOUR_CALM: { errorNum: 420, code: 400, message: 'enhance your calm' },
  ERROR_HTTP_SERVER_ERROR: { errorNum: 500, code: 500, message: 'internal server error' },
  ERROR_HTTP_NOT_IMPLEMENTED: { errorNum: 501, code: 501, message: 'not implemented' },
  ERROR_HTTP_SERVICE_UNAVAILABLE: { errorNum: 503, code: 503, message: 'service unavailable' },
  ERROR_HTTP_GATEWAY_TIMEOUT: { errorNum: 504, code: 504, message: 'gateway timeout' },

  // HTTP processing errors
  ERROR_HTTP_CORRUPTED_JSON: { errorNum: 600, code: 400, message: 'invalid JSON object' },
  ERROR_HTTP_SUPERFLUOUS_SUFFICES: { errorNum: 601, code: 400, message: 'superfluous URL suffices' },

  // Internal ArangoDB storage errors
  ERROR_ARANGO_ILLEGAL_STATE: { errorNum: 1000, code: 400, message: 'illegal state' },
  ERROR_ARANGO_READ_ONLY: { errorNum: 1004, code: 403, message: 'read only' },
  ERROR_ARANGO_DUPLICATE_IDENTIFIER: { errorNum: 1005, code: 409, message: 'duplicate identifier' },

  // External ArangoDB storage errors
  ERROR_ARANGO_CORRUPTED_DATAFILE: { errorNum: 1100, code: 400, message: 'corrupted datafile' },
  ERROR_ARANGO_ILLEGAL_PARAMETER_FILE: { errorNum: 1101, code: 400, message: 'illegal or unreadable parameter file' },
  ERROR_ARANGO_CORRUPTED_COLLECTION: { errorNum: 1102, code: 400, message: 'corrupted collection' },
  ERROR_ARANGO_FILESYSTEM_FULL: { errorNum: 1104, code: 400, message: 'filesystem full' },
  ERROR_ARANGO_DATADIR_LOCKED: { errorNum: 1107, code: 400, message: 'database directory is locked' },

  // General ArangoDB storage errors
  ERROR_ARANGO_CONFLICT: { errorNum: 1200, code: 409, message: 'conflict' },
  ERROR_ARANGO_DOCUMENT_NOT_FOUND: { errorNum: 1202, code: 404, message: 'document not found' },
  ERROR_ARANGO_DATA_SOURCE_NOT_FOUND: { errorNum: 1203, code: 404, message: 'collection or view not found' },
  ERROR_ARANGO_COLLECTION_PARAMETER_MISSING: { errorNum: 1204, code: 400, message: "parameter 'collection' not found" },
  ERROR_ARANGO_DOCUMENT_HANDLE_BAD: { errorNum: 1205, code: 400, message: 'illegal document identifier' },
  ERROR_ARANGO_DUPLICATE_NAME: { errorNum: 1207, code: 409, message: 'duplicate name' },
  ERROR_ARANGO_ILLEGAL_NAME: { errorNum: 1208, code: 400, message: 'illegal name' },
  ERROR_ARANGO_NO_INDEX: { errorNum: 1209, code: 404, message: 'no suitable index known' },
  ERROR_ARANGO_UNIQUE_CONSTRAINT_VIOLATED: { errorNum: 1210, code: 409, message: 'unique constraint violated' },
  ERROR_ARANGO_INDEX_NOT_FOUND: { errorNum: 1212, code: 404, message: 'index not found' },
  ERROR_ARANGO_CROSS_COLLECTION_REQUEST: { errorNum: 1213, code: 400, message: 'cross collection request not allowed' },
  ERROR_ARANGO_INDEX_HANDLE_BAD: { errorNum: 1214, code: 400, message: 'illegal index identifier' },
  ERROR_ARANGO_DOCUMENT_TOO_LARGE: { errorNum: 1216, code: 400, message: 'document too large' },
  ERROR_ARANGO_COLLECTION_TYPE_INVALID: { errorNum: 1218, code: 400, message: 'collection type invalid' },
  ERROR_ARANGO_ATTRIBUTE_PARSER_FAILED: { errorNum: 1220, code: 400, message: 'parsing attribute name definition failed' },
  ERROR_ARANGO_DOCUMENT_KEY_BAD: { errorNum: 1221, code: 400, message: 'illegal document key' },
  ERROR_ARANGO_DOCUMENT_KEY_UNEXPECTED: { errorNum: 1222, code: 400, message: 'unexpected document key' },
  ERROR_ARANGO_DATADIR_NOT_WRITABLE: { errorNum: 1224, code: 400, message: 'server database directory not writable' },
  ERROR_ARANGO_OUT_OF_KEYS: { errorNum: 1225, code: 400, message: 'out of keys' },
  ERROR_ARANGO_DOCUMENT_KEY_MISSING: { errorNum: 1226, code: 400, message: 'missing document key' },
  ERROR_ARANGO_DOCUMENT_TYPE_INVALID: { errorNum: 1227, code: 400, message: 'invalid document type' },
  ERROR_ARANGO_DATABASE_NOT_FOUND: { errorNum: 1228, code: 404, message: 'database not found' },
  ERROR_ARANGO_DATABASE_NAME_INVALID: { errorNum: 1229, code: 400, message: 'database name invalid' },
  ERROR_ARANGO_USE_SYSTEM_DATABASE: { errorNum: 1230, code: 403, message: 'operation only allowed in system database' },
  ERROR_ARANGO_INVALID_KEY_GENERATOR: { errorNum: 1232, code: 400, message: 'invalid key generator' },
  ERROR_ARANGO_INVALID_EDGE_ATTRIBUTE: {
    errorNum: 1233,
    code: 400,
    message:
      'expecting both `_from` and `_to` attributes to be defined in the edge document and have the format `<collectionName>/<vertexKey>` ',
  },
  ERROR_ARANGO_INDEX_CREATION_FAILED: { errorNum: 1235, code: 400, message: 'index creation failed' },
  ERROR_ARANGO_COLLECTION_TYPE_MISMATCH: { errorNum: 1237, code: 400, message: 'collection type mismatch' },
  ERROR_ARANGO_COLLECTION_NOT_LOADED: { errorNum: 1238, code: 400, message: 'collection not loaded' },
  ERROR_ARANGO_DOCUMENT_REV_BAD: { errorNum: 1239, code: 400, message: 'illegal document revision' },
  ERROR_ARANGO_INCOMPLETE_READ: { errorNum: 1240, code: 400, message: 'incomplete read' },
  ERROR_ARANGO_OLD_ROCKSDB_FORMAT: { errorNum: 1241, code: 400, message: 'not supported by old legacy data format' },
  ERROR_ARANGO_INDEX_HAS_LEGACY_SORTED_KEYS: { errorNum: 1242, code: 400, message: 'an index with legacy sorted keys has been found' },

  // Checked ArangoDB storage errors
  ERROR_ARANGO_EMPTY_DATADIR: { errorNum: 1301, code: 400, message: 'server database directory is empty' },
  ERROR_ARANGO_TRY_AGAIN: { errorNum: 1302, code: 400, message: 'operation should be tried again' },
  ERROR_ARANGO_BUSY: { errorNum: 1303, code: 400, message: 'engine is busy' },
  ERROR_ARANGO_MERGE_IN_PROGRESS: { errorNum: 1304, code: 400, message: 'merge in progress' },
  ERROR_ARANGO_IO_ERROR: { errorNum: 1305, code: 400, message: 'storage engine I/O error' },

  // ArangoDB replication errors
  ERROR_REPLICATION_NO_RESPONSE: { errorNum: 1400, code: 400, message: 'no response' },
  ERROR_REPLICATION_INVALID_RESPONSE: { errorNum: 1401, code: 400, message: 'invalid response' },
  ERROR_REPLICATION_LEADER_ERROR: { errorNum: 1402, code: 400, message: 'leader error' },
  ERROR_REPLICATION_LEADER_INCOMPATIBLE: { errorNum: 1403, code: 400, message: 'leader incompatible' },
  ERROR_REPLICATION_LEADER_CHANGE: { errorNum: 1404, code: 400, message: 'leader change' },
  ERROR_REPLICATION_LOOP: { errorNum: 1405, code: 400, message: 'loop detected' },
  ERROR_REPLICATION_UNEXPECTED_MARKER: { errorNum: 1406, code: 400, message: 'unexpected marker' },
  ERROR_REPLICATION_INVALID_APPLIER_STATE: { errorNum: 1407, code: 400, message: 'invalid applier state' },
  ERROR_REPLICATION_UNEXPECTED_TRANSACTION: { errorNum: 1408, code: 400, message: 'invalid transaction' },
  ERROR_REPLICATION_SHARD_SYNC_ATTEMPT_TIMEOUT_EXCEEDED: {
    errorNum: 1409,
    code: 400,
    message: 'shard synchronization attempt timeout exceeded',
  },
  ERROR_REPLICATION_INVALID_APPLIER_CONFIGURATION: { errorNum: 1410, code: 400, message: 'invalid replication applier configuration' },
  ERROR_REPLICATION_RUNNING: { errorNum: 1411, code: 400, message: 'cannot perform operation while applier is running' },
  ERROR_REPLICATION_APPLIER_STOPPED: { errorNum: 1412, code: 400, message: 'replication stopped' },
  ERROR_REPLICATION_NO_START_TICK: { errorNum: 1413, code: 400, message: 'no start tick' },
  ERROR_REPLICATION_START_TICK_NOT_PRESENT: { errorNum: 1414, code: 400, message: 'start tick not present' },
  ERROR_REPLICATION_WRONG_CHECKSUM: { errorNum: 1416, code: 400, message: 'wrong checksum' },
  ERROR_REPLICATION_SHARD_NONEMPTY: { errorNum: 1417, code: 400, message: 'shard not empty' },
  ERROR_REPLICATION_REPLICATED_LOG_NOT_FOUND: { errorNum: 1418, code: 400, message: 'replicated log {} not found' },
  ERROR_REPLICATION_REPLICATED_LOG_NOT_THE_LEADER: { errorNum: 1419, code: 400, message: 'not the log leader' },
  ERROR_REPLICATION_REPLICATED_LOG_NOT_A_FOLLOWER: { errorNum: 1420, code: 400, message: 'not a log follower' },
  ERROR_REPLICATION_REPLICATED_LOG_APPEND_ENTRIES_REJECTED: {
    errorNum: 1421,
    code: 400,
    message: 'follower rejected append entries request',
  },
  ERROR_REPLICATION_REPLICATED_LOG_LEADER_RESIGNED: { errorNum: 1422, code: 400, message: 'a resigned leader instance rejected a request' },
  ERROR_REPLICATION_REPLICATED_LOG_FOLLOWER_RESIGNED: {
    errorNum: 1423,
    code: 400,
    message: 'a resigned follower instance rejected a request',
  },
  ERROR_REPLICATION_REPLICATED_LOG_PARTICIPANT_GONE: {
    errorNum: 1424,
    code: 400,
    message: 'the replicated log of the participant is gone',
  },
  ERROR_REPLICATION_REPLICATED_LOG_INVALID_TERM: { errorNum: 1425, code: 400, message: 'an invalid term was given' },
  ERROR_REPLICATION_REPLICATED_LOG_UNCONFIGURED: { errorNum: 1426, code: 400, message: 'log participant unconfigured' },
  ERROR_REPLICATION_REPLICATED_STATE_NOT_FOUND: { errorNum: 1427, code: 400, message: 'replicated state {id:} of type {type:} not found' },
  ERROR_REPLICATION_REPLICATED_STATE_NOT_AVAILABLE: {
    errorNum: 1428,
    code: 400,
    message: 'replicated state {id:} of type {type:} is unavailable',
  },
  ERROR_REPLICATION_WRITE_CONCERN_NOT_FULFILLED: {
    errorNum: 1429,
    code: 400,
    message: 'not enough replicas for the configured write-concern are present',
  },
  ERROR_REPLICATION_REPLICATED_LOG_SUBSEQUENT_FAULT: {
    errorNum: 1430,
    code: 400,
    message: 'operation aborted because a previous operation failed',
  },
  ERROR_REPLICATION_REPLICATED_STATE_IMPLEMENTATION_NOT_FOUND: {
    errorNum: 1431,
    code: 400,
    message: 'replicated state type {type:} is unavailable',
  },
  ERROR_REPLICATION_REPLICATED_WAL_ERROR: { errorNum: 1432, code: 400, message: 'error in the replicated WAL subsystem' },
  ERROR_REPLICATION_REPLICATED_WAL_INVALID_FILE: {
    errorNum: 1433,
    code: 400,
    message: 'replicated WAL {file:} has an invalid or missing file header',
  },
  ERROR_REPLICATION_REPLICATED_WAL_CORRUPT: { errorNum: 1434, code: 400, message: 'replicated WAL {file:} is corrupt' },

  // ArangoDB cluster errors
  ERROR_CLUSTER_NOT_FOLLOWER: { errorNum: 1446, code: 400, message: 'not a follower' },
  ERROR_CLUSTER_FOLLOWER_TRANSACTION_COMMIT_PERFORMED: {
    errorNum: 1447,
    code: 400,
    message: 'follower transaction intermediate commit already performed',
  },
  ERROR_CLUSTER_CREATE_COLLECTION_PRECONDITION_FAILED: {
    errorNum: 1448,
    code: 400,
    message: 'creating collection failed due to precondition',
  },
  ERROR_CLUSTER_SERVER_UNKNOWN: { errorNum: 1449, code: 400, message: 'got a request from an unknown server' },
  ERROR_CLUSTER_TOO_MANY_SHARDS: { errorNum: 1450, code: 400, message: 'too many shards' },
  ERROR_CLUSTER_COULD_NOT_CREATE_COLLECTION_IN_PLAN: { errorNum: 1454, code: 400, message: 'could not create collection in plan' },
  ERROR_CLUSTER_COULD_NOT_CREATE_COLLECTION: { errorNum: 1456, code: 400, message: 'could not create collection' },
  ERROR_CLUSTER_TIMEOUT: { errorNum: 1457, code: 400, message: 'timeout in cluster operation' },
  ERROR_CLUSTER_COULD_NOT_REMOVE_COLLECTION_IN_PLAN: { errorNum: 1458, code: 400, message: 'could not remove collection from plan' },
  ERROR_CLUSTER_COULD_NOT_CREATE_DATABASE_IN_PLAN: { errorNum: 1460, code: 400, message: 'could not create database in plan' },
  ERROR_CLUSTER_COULD_NOT_CREATE_DATABASE: { errorNum: 1461, code: 400, message: 'could not create database' },
  ERROR_CLUSTER_COULD_NOT_REMOVE_DATABASE_IN_PLAN: { errorNum: 1462, code: 400, message: 'could not remove database from plan' },
  ERROR_CLUSTER_COULD_NOT_REMOVE_DATABASE_IN_CURRENT: { errorNum: 1463, code: 400, message: 'could not remove database from current' },
  ERROR_CLUSTER_SHARD_GONE: { errorNum: 1464, code: 400, message: 'no responsible shard found' },
  ERROR_CLUSTER_CONNECTION_LOST: { errorNum: 1465, code: 400, message: 'cluster internal HTTP connection broken' },
  ERROR_CLUSTER_MUST_NOT_SPECIFY_KEY: { errorNum: 1466, code: 400, message: 'must not specify _key for this collection' },
  ERROR_CLUSTER_GOT_CONTRADICTING_ANSWERS: { errorNum: 1467, code: 400, message: 'got contradicting answers from different shards' },
  ERROR_CLUSTER_NOT_ALL_SHARDING_ATTRIBUTES_GIVEN: { errorNum: 1468, code: 400, message: 'not all sharding attributes given' },
  ERROR_CLUSTER_MUST_NOT_CHANGE_SHARDING_ATTRIBUTES: {
    errorNum: 1469,
    code: 400,
    message: 'must not change the value of a shard key attribute',
  },
  ERROR_CLUSTER_UNSUPPORTED: { errorNum: 1470, code: 404, message: 'unsupported operation or parameter for clusters' },
  ERROR_CLUSTER_ONLY_ON_COORDINATOR: { errorNum: 1471, code: 501, message: 'this operation is only valid on a coordinator in a cluster' },
  ERROR_CLUSTER_READING_PLAN_AGENCY: { errorNum: 1472, code: 400, message: 'error reading Plan in agency' },
  ERROR_CLUSTER_AQL_COMMUNICATION: { errorNum: 1474, code: 400, message: 'error in cluster internal communication for AQL' },
  ERROR_CLUSTER_ONLY_ON_DBSERVER: { errorNum: 1477, code: 501, message: 'this operation is only valid on a DBserver in a cluster' },
  ERROR_CLUSTER_BACKEND_UNAVAILABLE: {
    errorNum: 1478,
    code: 400,
    message: 'A cluster backend which was required for the operation could not be reached',
  },
  ERROR_CLUSTER_AQL_COLLECTION_OUT_OF_SYNC: { errorNum: 1481, code: 400, message: 'collection/view is out of sync' },
  ERROR_CLUSTER_COULD_NOT_CREATE_INDEX_IN_PLAN: { errorNum: 1482, code: 400, message: 'could not create index in plan' },
  ERROR_CLUSTER_COULD_NOT_DROP_INDEX_IN_PLAN: { errorNum: 1483, code: 400, message: 'could not drop index in plan' },
  ERROR_CLUSTER_CHAIN_OF_DISTRIBUTESHARDSLIKE: { errorNum: 1484, code: 400, message: 'chain of distributeShardsLike references' },
  ERROR_CLUSTER_MUST_NOT_DROP_COLL_OTHER_DISTRIBUTESHARDSLIKE: {
    errorNum: 1485,
    code: 400,
    message: 'must not drop collection while another has a distributeShardsLike attribute pointing to it',
  },
  ERROR_CLUSTER_UNKNOWN_DISTRIBUTESHARDSLIKE: {
    errorNum: 1486,
    code: 400,
    message: 'must not have a distributeShardsLike attribute pointing to an unknown collection',
  },
  ERROR_CLUSTER_INSUFFICIENT_DBSERVERS: {
    errorNum: 1487,
    code: 400,
    message: 'the number of current DB-Servers is lower than the requested replicationFactor/writeConcern',
  },
  ERROR_CLUSTER_COULD_NOT_DROP_FOLLOWER: { errorNum: 1488, code: 400, message: 'a follower could not be dropped in agency' },
  ERROR_CLUSTER_SHARD_LEADER_REFUSES_REPLICATION: {
    errorNum: 1489,
    code: 400,
    message: 'a shard leader refuses to perform a replication operation',
  },
  ERROR_CLUSTER_SHARD_FOLLOWER_REFUSES_OPERATION: {
    errorNum: 1490,
    code: 400,
    message: 'a shard follower refuses to perform an operation',
  },
  ERROR_CLUSTER_SHARD_LEADER_RESIGNED: {
    errorNum: 1491,
    code: 400,
    message: 'a (former) shard leader refuses to perform an operation, because it has resigned in the meantime',
  },
  ERROR_CLUSTER_AGENCY_COMMUNICATION_FAILED: { errorNum: 1492, code: 400, message: 'some agency operation failed' },
  ERROR_CLUSTER_LEADERSHIP_CHALLENGE_ONGOING: { errorNum: 1495, code: 503, message: 'leadership challenge is ongoing' },
  ERROR_CLUSTER_NOT_LEADER: { errorNum: 1496, code: 400, message: 'not a leader' },
  ERROR_CLUSTER_COULD_NOT_CREATE_VIEW_IN_PLAN: { errorNum: 1497, code: 400, message: 'could not create view in plan' },
  ERROR_CLUSTER_VIEW_ID_EXISTS: { errorNum: 1498, code: 400, message: 'view ID already exists' },
  ERROR_CLUSTER_COULD_NOT_DROP_COLLECTION: { errorNum: 1499, code: 400, message: 'could not drop collection in plan' },

  // ArangoDB query errors
  ERROR_QUERY_KILLED: { errorNum: 1500, code: 410, message: 'query killed' },
  ERROR_QUERY_PARSE: { errorNum: 1501, code: 400, message: '%s' },
  ERROR_QUERY_EMPTY: { errorNum: 1502, code: 400, message: 'query is empty' },
  ERROR_QUERY_SCRIPT: { errorNum: 1503, code: 400, message: "runtime error '%s'" },
  ERROR_QUERY_NUMBER_OUT_OF_RANGE: { errorNum: 1504, code: 400, message: 'number out of range' },
  ERROR_QUERY_INVALID_GEO_VALUE: { errorNum: 1505, code: 400, message: 'invalid geo coordinate value' },
  ERROR_QUERY_VARIABLE_NAME_INVALID: { errorNum: 1510, code: 400, message: "variable name '%s' has an invalid format" },
  ERROR_QUERY_VARIABLE_REDECLARED: { errorNum: 1511, code: 400, message: "variable '%s' is assigned multiple times" },
  ERROR_QUERY_VARIABLE_NAME_UNKNOWN: { errorNum: 1512, code: 400, message: "unknown variable '%s'" },
  ERROR_QUERY_COLLECTION_LOCK_FAILED: { errorNum: 1521, code: 400, message: 'unable to read-lock collection %s' },
  ERROR_QUERY_TOO_MANY_COLLECTIONS: { errorNum: 1522, code: 400, message: 'too many collections/shards' },
  ERROR_QUERY_TOO_MUCH_NESTING: { errorNum: 1524, code: 400, message: 'too much nesting or too many objects' },
  ERROR_QUERY_INVALID_OPTIONS_ATTRIBUTE: { errorNum: 1539, code: 400, message: 'unknown/invalid OPTIONS attribute used' },
  ERROR_QUERY_FUNCTION_NAME_UNKNOWN: { errorNum: 1540, code: 400, message: "usage of unknown function '%s()'" },
  ERROR_QUERY_FUNCTION_ARGUMENT_NUMBER_MISMATCH: {
    errorNum: 1541,
    code: 400,
    message: "invalid number of arguments for function '%s()', expected number of arguments: minimum: %d, maximum: %d",
  },
  ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH: { errorNum: 1542, code: 400, message: "invalid argument type in call to function '%s()'" },
  ERROR_QUERY_INVALID_REGEX: { errorNum: 1543, code: 400, message: 'invalid regex value' },
  ERROR_QUERY_BIND_PARAMETERS_INVALID: { errorNum: 1550, code: 400, message: 'invalid structure of bind parameters' },
  ERROR_QUERY_BIND_PARAMETER_MISSING: { errorNum: 1551, code: 400, message: "no value specified for declared bind parameter '%s'" },
  ERROR_QUERY_BIND_PARAMETER_UNDECLARED: { errorNum: 1552, code: 400, message: "bind parameter '%s' was not declared in the query" },
  ERROR_QUERY_BIND_PARAMETER_TYPE: { errorNum: 1553, code: 400, message: "bind parameter '%s' has an invalid value or type" },
  ERROR_QUERY_VECTOR_SEARCH_NOT_APPLIED: { errorNum: 1554, code: 400, message: 'failed vector search' },
  ERROR_QUERY_VECTOR_INDEX_NOT_READY: { errorNum: 1555, code: 400, message: 'vector index not ready' },
  ERROR_QUERY_INVALID_ARITHMETIC_VALUE: { errorNum: 1561, code: 400, message: 'invalid arithmetic value' },
  ERROR_QUERY_DIVISION_BY_ZERO: { errorNum: 1562, code: 400, message: 'division by zero' },
  ERROR_QUERY_ARRAY_EXPECTED: { errorNum: 1563, code: 400, message: 'array expected' },
  ERROR_QUERY_COLLECTION_USED_IN_EXPRESSION: { errorNum: 1568, code: 400, message: "collection '%s' used as expression operand" },
  ERROR_QUERY_FAIL_CALLED: { errorNum: 1569, code: 400, message: 'FAIL(%s) called' },
  ERROR_QUERY_GEO_INDEX_MISSING: { errorNum: 1570, code: 400, message: "no suitable geo index found for geo restriction on '%s'" },
  ERROR_QUERY_FULLTEXT_INDEX_MISSING: { errorNum: 1571, code: 400, message: "no suitable fulltext index found for fulltext query on '%s'" },
  ERROR_QUERY_INVALID_DATE_VALUE: { errorNum: 1572, code: 400, message: 'invalid date value' },
  ERROR_QUERY_MULTI_MODIFY: { errorNum: 1573, code: 400, message: 'multi-modify query' },
  ERROR_QUERY_INVALID_AGGREGATE_EXPRESSION: { errorNum: 1574, code: 400, message: 'invalid aggregate expression' },
  ERROR_QUERY_COMPILE_TIME_OPTIONS: { errorNum: 1575, code: 400, message: 'query options must be readable at query compile time' },
  ERROR_QUERY_DNF_COMPLEXITY: { errorNum: 1576, code: 400, message: 'FILTER/PRUNE condition complexity is too high' },
  ERROR_QUERY_FORCED_INDEX_HINT_UNUSABLE: { errorNum: 1577, code: 400, message: 'could not use forced index hint' },
  ERROR_QUERY_DISALLOWED_DYNAMIC_CALL: { errorNum: 1578, code: 400, message: "disallowed dynamic call to '%s'" },
  ERROR_QUERY_ACCESS_AFTER_MODIFICATION: { errorNum: 1579, code: 400, message: 'access after data-modification by %s' },

  // AQL user function errors
  ERROR_QUERY_FUNCTION_INVALID_NAME: { errorNum: 1580, code: 400, message: 'invalid user function name' },
  ERROR_QUERY_FUNCTION_INVALID_CODE: { errorNum: 1581, code: 400, message: 'invalid user function code' },
  ERROR_QUERY_FUNCTION_NOT_FOUND: { errorNum: 1582, code: 404, message: "user function '%s()' not found" },
  ERROR_QUERY_FUNCTION_RUNTIME_ERROR: { errorNum: 1583, code: 400, message: 'user function runtime error: %s' },
  ERROR_QUERY_NOT_ELIGIBLE_FOR_PLAN_CACHING: { errorNum: 1584, code: 400, message: 'query is not eligible for plan caching' },

  // AQL query registry errors
  ERROR_QUERY_BAD_JSON_PLAN: { errorNum: 1590, code: 400, message: 'bad execution plan JSON' },
  ERROR_QUERY_NOT_FOUND: { errorNum: 1591, code: 404, message: 'query ID not found' },
  ERROR_QUERY_USER_ASSERT: { errorNum: 1593, code: 400, message: '%s' },
  ERROR_QUERY_USER_WARN: { errorNum: 1594, code: 400, message: '%s' },
  ERROR_QUERY_WINDOW_AFTER_MODIFICATION: { errorNum: 1595, code: 400, message: 'window operation after data-modification' },

  // ArangoDB cursor errors
  ERROR_CURSOR_NOT_FOUND: { errorNum: 1600, code: 404, message: 'cursor not found' },
  ERROR_CURSOR_BUSY: { errorNum: 1601, code: 409, message: 'cursor is busy' },

  // ArangoDB schema validation errors
  ERROR_VALIDATION_FAILED: { errorNum: 1620, code: 400, message: 'schema validation failed' },
  ERROR_VALIDATION_BAD_PARAMETER: { errorNum: 1621, code: 400, message: 'invalid schema validation parameter' },

  // ArangoDB transaction errors
  ERROR_TRANSACTION_INTERNAL: { errorNum: 1650, code: 500, message: 'internal transaction error' },
  ERROR_TRANSACTION_NESTED: { errorNum: 1651, code: 400, message: 'nested transactions detected' },
  ERROR_TRANSACTION_UNREGISTERED_COLLECTION: { errorNum: 1652, code: 400, message: 'unregistered collection used in transaction' },
  ERROR_TRANSACTION_DISALLOWED_OPERATION: { errorNum: 1653, code: 400, message: 'disallowed operation inside transaction' },
  ERROR_TRANSACTION_ABORTED: { errorNum: 1654, code: 410, message: 'transaction aborted' },
  ERROR_TRANSACTION_NOT_FOUND: { errorNum: 1655, code: 404, message: 'transaction not found' },

  // User management errors
  ERROR_USER_INVALID_NAME: { errorNum: 1700, code: 400, message: 'invalid user name' },
  ERROR_USER_DUPLICATE: { errorNum: 1702, code: 409, message: 'duplicate user' },
  ERROR_USER_NOT_FOUND: { errorNum: 1703, code: 404, message: 'user not found' },
  ERROR_USER_EXTERNAL: { errorNum: 1705, code: 400, message: 'user is external' },

  // Service management errors (legacy)
  ERROR_SERVICE_DOWNLOAD_FAILED: { errorNum: 1752, code: 400, message: 'service download failed' },
  ERROR_SERVICE_UPLOAD_FAILED: { errorNum: 1753, code: 400, message: 'service upload failed' },

  // Task errors
  ERROR_TASK_INVALID_ID: { errorNum: 1850, code: 400, message: 'invalid task id' },
  ERROR_TASK_DUPLICATE_ID: { errorNum: 1851, code: 409, message: 'duplicate task id' },
  ERROR_TASK_NOT_FOUND: { errorNum: 1852, code: 404, message: 'task not found' },

  // Graph / traversal errors
  ERROR_GRAPH_INVALID_GRAPH: { errorNum: 1901, code: 400, message: 'invalid graph' },
  ERROR_GRAPH_INVALID_EDGE: { errorNum: 1906, code: 400, message: 'invalid edge' },
  ERROR_GRAPH_INVALID_FILTER_RESULT: { errorNum: 1910, code: 400, message: 'invalid filter result' },
  ERROR_GRAPH_COLLECTION_MULTI_USE: { errorNum: 1920, code: 400, message: 'multi use of edge collection in edge def' },
  ERROR_GRAPH_COLLECTION_USE_IN_MULTI_GRAPHS: { errorNum: 1921, code: 409, message: 'edge collection already used in edge def' },
  ERROR_GRAPH_CREATE_MISSING_NAME: { errorNum: 1922, code: 400, message: 'missing graph name' },
  ERROR_GRAPH_CREATE_MALFORMED_EDGE_DEFINITION: { errorNum: 1923, code: 400, message: 'malformed edge definition' },
  ERROR_GRAPH_NOT_FOUND: { errorNum: 1924, code: 404, message: "graph '%s' not found" },
  ERROR_GRAPH_DUPLICATE: { errorNum: 1925, code: 409, message: 'graph already exists' },
  ERROR_GRAPH_VERTEX_COL_DOES_NOT_EXIST: {
    errorNum: 1926,
    code: 404,
    message: 'vertex collection does not exist or is not part of the graph',
  },
  ERROR_GRAPH_WRONG_COLLECTION_TYPE_VERTEX: { errorNum: 1927, code: 400, message: 'collection not a vertex collection' },
  ERROR_GRAPH_NOT_IN_ORPHAN_COLLECTION: { errorNum: 1928, code: 400, message: 'collection is not in list of orphan collections' },
  ERROR_GRAPH_COLLECTION_USED_IN_EDGE_DEF: { errorNum: 1929, code: 400, message: 'collection already used in edge def' },
  ERROR_GRAPH_EDGE_COLLECTION_NOT_USED: { errorNum: 1930, code: 404, message: 'edge collection not used in graph' },
  ERROR_GRAPH_NO_GRAPH_COLLECTION: { errorNum: 1932, code: 400, message: 'collection _graphs does not exist' },
  ERROR_GRAPH_INVALID_NUMBER_OF_ARGUMENTS: { errorNum: 1935, code: 400, message: 'Invalid number of arguments. Expected: ' },
  ERROR_GRAPH_INVALID_PARAMETER: { errorNum: 1936, code: 400, message: 'Invalid parameter type.' },
  ERROR_GRAPH_COLLECTION_USED_IN_ORPHANS: { errorNum: 1938, code: 400, message: 'collection used in orphans' },
  ERROR_GRAPH_EDGE_COL_DOES_NOT_EXIST: { errorNum: 1939, code: 404, message: 'edge collection does not exist or is not part of the graph' },
  ERROR_GRAPH_EMPTY: { errorNum: 1940, code: 400, message: 'empty graph' },
  ERROR_GRAPH_INTERNAL_DATA_CORRUPT: { errorNum: 1941, code: 400, message: 'internal graph data corrupt' },
  ERROR_GRAPH_MUST_NOT_DROP_COLLECTION: { errorNum: 1942, code: 400, message: 'must not drop collection while part of graph' },
  ERROR_GRAPH_CREATE_MALFORMED_ORPHAN_LIST: { errorNum: 1943, code: 400, message: 'malformed orphan list' },
  ERROR_GRAPH_EDGE_DEFINITION_IS_DOCUMENT: { errorNum: 1944, code: 400, message: 'edge definition collection is a document collection' },
  ERROR_GRAPH_COLLECTION_IS_INITIAL: { errorNum: 1945, code: 400, message: 'initial collection is not allowed to be removed manually' },
  ERROR_GRAPH_NO_INITIAL_COLLECTION: { errorNum: 1946, code: 400, message: 'no valid initial collection found' },
  ERROR_GRAPH_REFERENCED_VERTEX_COLLECTION_NOT_PART_OF_THE_GRAPH: {
    errorNum: 1947,
    code: 404,
    message: 'referenced vertex collection is not part of the graph',
  },
  ERROR_GRAPH_NEGATIVE_EDGE_WEIGHT: { errorNum: 1948, code: 400, message: 'negative edge weight found' },
  ERROR_GRAPH_COLLECTION_NOT_PART_OF_THE_GRAPH: { errorNum: 1949, code: 404, message: 'the given collection is not part of the graph' },

  // Session errors
  ERROR_SESSION_UNKNOWN: { errorNum: 1950, code: 400, message: 'unknown session' },
  ERROR_SESSION_EXPIRED: { errorNum: 1951, code: 400, message: 'session expired' },

  // Simple Client errors
  ERROR_SIMPLE_CLIENT_UNKNOWN_ERROR: { errorNum: 2000, code: 400, message: 'unknown client error' },
  ERROR_SIMPLE_CLIENT_COULD_NOT_CONNECT: { errorNum: 2001, code: 400, message: 'could not connect to server' },
  ERROR_SIMPLE_CLIENT_COULD_NOT_WRITE: { errorNum: 2002, code: 400, message: 'could not write to server' },
  ERROR_SIMPLE_CLIENT_COULD_NOT_READ: { errorNum: 2003, code: 400, message: 'could not read from server' },
  ERROR_WAS_ERLAUBE: { errorNum: 2019, code: 400, message: 'was erlaube?!' },

  // internal AQL errors
  ERROR_INTERNAL_AQL: { errorNum: 2200, code: 400, message: 'General internal AQL error' },

  // Foxx management errors
  ERROR_MALFORMED_MANIFEST_FILE: { errorNum: 3000, code: 400, message: 'failed to parse manifest file' },
  ERROR_INVALID_SERVICE_MANIFEST: { errorNum: 3001, code: 400, message: 'manifest file is invalid' },
  ERROR_SERVICE_FILES_MISSING: { errorNum: 3002, code: 400, message: 'service files missing' },
  ERROR_SERVICE_FILES_OUTDATED: { errorNum: 3003, code: 400, message: 'service files outdated' },
  ERROR_INVALID_FOXX_OPTIONS: { errorNum: 3004, code: 400, message: 'service options are invalid' },
  ERROR_INVALID_MOUNTPOINT: { errorNum: 3007, code: 400, message: 'invalid mountpath' },
  ERROR_SERVICE_NOT_FOUND: { errorNum: 3009, code: 400, message: 'service not found' },
  ERROR_SERVICE_NEEDS_CONFIGURATION: { errorNum: 3010, code: 400, message: 'service needs configuration' },
  ERROR_SERVICE_MOUNTPOINT_CONFLICT: { errorNum: 3011, code: 409, message: 'service already exists' },
  ERROR_SERVICE_MANIFEST_NOT_FOUND: { errorNum: 3012, code: 400, message: 'missing manifest file' },
  ERROR_SERVICE_OPTIONS_MALFORMED: { errorNum: 3013, code: 400, message: 'failed to parse service options' },
  ERROR_SERVICE_SOURCE_NOT_FOUND: { errorNum: 3014, code: 400, message: 'source path not found' },
  ERROR_SERVICE_SOURCE_ERROR: { errorNum: 3015, code: 400, message: 'error resolving source' },
  ERROR_SERVICE_UNKNOWN_SCRIPT: { errorNum: 3016, code: 400, message: 'unknown script' },
  ERROR_SERVICE_API_DISABLED: { errorNum: 3099, code: 403, message: 'service api disabled' },

  // JavaScript module loader errors
  ERROR_MODULE_NOT_FOUND: { errorNum: 3100, code: 400, message: 'cannot locate module' },
  ERROR_MODULE_SYNTAX_ERROR: { errorNum: 3101, code: 400, message: 'syntax error in module' },
  ERROR_MODULE_FAILURE: { errorNum: 3103, code: 400, message: 'failed to invoke module' },

  // Enterprise Edition errors
  ERROR_NO_SMART_COLLECTION: { errorNum: 4000, code: 400, message: 'collection is not smart' },
  ERROR_NO_SMART_GRAPH_ATTRIBUTE: { errorNum: 4001, code: 400, message: 'smart graph attribute not given' },
  ERROR_CANNOT_DROP_SMART_COLLECTION: { errorNum: 4002, code: 400, message: 'cannot drop this smart collection' },
  ERROR_KEY_MUST_BE_PREFIXED_WITH_SMART_GRAPH_ATTRIBUTE: {
    errorNum: 4003,
    code: 400,
    message: 'in smart vertex collections _key must be a string and prefixed with the value of the smart graph attribute',
  },
  ERROR_ILLEGAL_SMART_GRAPH_ATTRIBUTE: { errorNum: 4004, code: 400, message: 'attribute cannot be used as smart graph attribute' },
  ERROR_SMART_GRAPH_ATTRIBUTE_MISMATCH: { errorNum: 4005, code: 400, message: 'smart graph attribute mismatch' },
  ERROR_INVALID_SMART_JOIN_ATTRIBUTE: { errorNum: 4006, code: 400, message: 'invalid smart join attribute declaration' },
  ERROR_KEY_MUST_BE_PREFIXED_WITH_SMART_JOIN_ATTRIBUTE: {
    errorNum: 4007,
    code: 400,
    message: 'shard key value must be prefixed with the value of the smart join attribute',
  },
  ERROR_NO_SMART_JOIN_ATTRIBUTE: { errorNum: 4008, code: 400, message: 'smart join attribute not given or invalid' },
  ERROR_CLUSTER_MUST_NOT_CHANGE_SMART_JOIN_ATTRIBUTE: {
    errorNum: 4009,
    code: 400,
    message: 'must not change the value of the smartJoinAttribute',
  },
  ERROR_INVALID_DISJOINT_SMART_EDGE: { errorNum: 4010, code: 400, message: 'non disjoint edge found' },
  ERROR_UNSUPPORTED_CHANGE_IN_SMART_TO_SATELLITE_DISJOINT_EDGE_DIRECTION: {
    errorNum: 4011,
    code: 400,
    message: 'Unsupported alternating Smart and Satellite in Disjoint SmartGraph.',
  },

  // Agency errors
  ERROR_AGENCY_MALFORMED_GOSSIP_MESSAGE: { errorNum: 20001, code: 400, message: 'malformed gossip message' },
  ERROR_AGENCY_MALFORMED_INQUIRE_REQUEST: { errorNum: 20002, code: 400, message: 'malformed inquire request' },
  ERROR_AGENCY_INFORM_MUST_BE_OBJECT: { errorNum: 20011, code: 400, message: 'Inform message must be an object.' },
  ERROR_AGENCY_INFORM_MUST_CONTAIN_TERM: { errorNum: 20012, code: 400, message: "Inform message must contain uint parameter 'term'" },
  ERROR_AGENCY_INFORM_MUST_CONTAIN_ID: { errorNum: 20013, code: 400, message: "Inform message must contain string parameter 'id'" },
  ERROR_AGENCY_INFORM_MUST_CONTAIN_ACTIVE: { errorNum: 20014, code: 400, message: "Inform message must contain array 'active'" },
  ERROR_AGENCY_INFORM_MUST_CONTAIN_POOL: { errorNum: 20015, code: 400, message: "Inform message must contain object 'pool'" },
  ERROR_AGENCY_INFORM_MUST_CONTAIN_MIN_PING: { errorNum: 20016, code: 400, message: "Inform message must contain object 'min ping'" },
  ERROR_AGENCY_INFORM_MUST_CONTAIN_MAX_PING: { errorNum: 20017, code: 400, message: "Inform message must contain object 'max ping'" },
  ERROR_AGENCY_INFORM_MUST_CONTAIN_TIMEOUT_MULT: {
    errorNum: 20018,
    code: 400,
    message: "Inform message must contain object 'timeoutMult'",
  },
  ERROR_AGENCY_CANNOT_REBUILD_DBS: { errorNum: 20021, code: 400, message: 'Cannot rebuild readDB and spearHead' },
  ERROR_AGENCY_MALFORMED_TRANSACTION: { errorNum: 20030, code: 400, message: 'malformed agency transaction' },

  // Supervision errors
  ERROR_SUPERVISION_GENERAL_FAILURE: { errorNum: 20501, code: 400, message: 'general supervision failure' },

  // Scheduler errors
  ERROR_QUEUE_FULL: { errorNum: 21003, code: 503, message: 'queue is full' },
  ERROR_QUEUE_TIME_REQUIREMENT_VIOLATED: { errorNum: 21004, code: 400, message: 'queue time violated' },
  ERROR_TOO_MANY_DETACHED_THREADS: { errorNum: 21005, code: 400, message: 'too many detached scheduler threads' },

  // Maintenance errors
  ERROR_ACTION_UNFINISHED: { errorNum: 6003, code: 400, message: 'maintenance action still processing' },

  // Backup/Restore errors
  ERROR_HOT_BACKUP_INTERNAL: { errorNum: 7001, code: 400, message: 'internal hot backup error' },
  ERROR_HOT_RESTORE_INTERNAL: { errorNum: 7002, code: 400, message: 'internal hot restore error' },
  ERROR_BACKUP_TOPOLOGY: { errorNum: 7003, code: 400, message: 'backup does not match this topology' },
  ERROR_NO_SPACE_LEFT_ON_DEVICE: { errorNum: 7004, code: 400, message: 'no space left on device' },
  ERROR_FAILED_TO_UPLOAD_BACKUP: { errorNum: 7005, code: 400, message: 'failed to upload hot backup set to remote target' },
  ERROR_FAILED_TO_DOWNLOAD_BACKUP: { errorNum: 7006, code: 400, message: 'failed to download hot backup set from remote source' },
  ERROR_NO_SUCH_HOT_BACKUP: { errorNum: 7007, code: 400, message: 'no such hot backup set can be found' },
  ERROR_REMOTE_REPOSITORY_CONFIG_BAD: { errorNum: 7008, code: 400, message: 'remote hotback repository configuration error' },
  ERROR_LOCAL_LOCK_FAILED: { errorNum: 7009, code: 400, message: 'some db servers cannot be reached for transaction locks' },
  ERROR_LOCAL_LOCK_RETRY: { errorNum: 7010, code: 400, message: 'some db servers cannot be reached for transaction locks' },
  ERROR_HOT_BACKUP_CONFLICT: { errorNum: 7011, code: 400, message: 'hot backup conflict' },
  ERROR_HOT_BACKUP_DBSERVERS_AWOL: { errorNum: 7012, code: 400, message: 'hot backup not all db servers reachable' },

  // Plan Analyzers errors
  ERROR_CLUSTER_COULD_NOT_MODIFY_ANALYZERS_IN_PLAN: { errorNum: 7021, code: 400, message: 'analyzers in plan could not be modified' },

  // Licensing
  ERROR_LICENSE_EXPIRED_OR_INVALID: { errorNum: 9001, code: 400, message: 'license has expired or is invalid' },
  ERROR_LICENSE_SIGNATURE_VERIFICATION: { errorNum: 9002, code: 400, message: 'license verification failed' },
  ERROR_LICENSE_NON_MATCHING_ID: { errorNum: 9003, code: 400, message: 'non-matching license id' },
  ERROR_LICENSE_FEATURE_NOT_ENABLED: { errorNum: 9004, code: 400, message: 'feature is not enabled by the license' },
  ERROR_LICENSE_RESOURCE_EXHAUSTED: { errorNum: 9005, code: 400, message: 'the resource is exhausted' },
  ERROR_LICENSE_INVALID: { errorNum: 9006, code: 400, message: 'invalid license' },
  ERROR_LICENSE_CONFLICT: { errorNum: 9007, code: 400, message: 'conflicting license' },
  ERROR_LICENSE_VALIDATION_FAILED: { errorNum: 9008, code: 400, message: 'failed to validate license signature' },
} as const satisfies Record<`ERROR_${string}`, ErrorRow>;

export type ErrorName = keyof typeof ERRORS;

const NAMES_BY_NUMBER: ReadonlyMap<number, ErrorName> = new Map(
  (Object.keys(ERRORS) as ErrorName[]).map((name) => [ERRORS[name].errorNum, name]),
);

/** The name of an error number, or undefined when ArangoDB 3.12 has no such number. */
export function findErrorName(errorNum: number): ErrorName | undefined {
  return NAMES_BY_NUMBER.get(errorNum);
}

/** The message template of an error: `%s` and the like stay in it where ArangoDB has them. */
export function errorMessage(name: ErrorName): string {
  return ERRORS[name].message;
}

/**
 * An error that a client may cause and must be told of. A bug in foxden is an `AssertionError` instead.
 *
 * The message is the table's text, a colon and the detail; a detail given as `{ message }` replaces the text altogether,
 * where ArangoDB has a wording of its own.
 */
export class ArangoError extends Error {
  override readonly name = 'ArangoError';
  readonly isArangoError = true;
  readonly error = true;
  readonly errorNum: number;
  readonly errorMessage: string;
  code: number;

  constructor(error: ErrorName, detail?: string | { readonly message: string }, options?: ErrorOptions) {
    const row = ERRORS[error];
    super(typeof detail === 'object' ? detail.message : detail === undefined ? row.message : `${row.message}: ${detail}`, options);
    this.errorNum = row.errorNum;
    this.errorMessage = this.message;
    this.code = row.code;
  }
}

export function isArangoError(value: unknown): value is ArangoError {
  return value instanceof Error && 'isArangoError' in value && value.isArangoError === true;
}

const RETRY_AFTER_SECONDS = '1';

/** What goes along with a refusal for the moment. Not where nobody knows whether it was done (1457): nobody should simply do that again. */
export function retryHeaders({ code, errorNum }: Pick<ArangoError, 'code' | 'errorNum'>): { readonly 'retry-after'?: string } {
  const isForNow = code === ERRORS.ERROR_HTTP_SERVICE_UNAVAILABLE.code && errorNum !== ERRORS.ERROR_CLUSTER_TIMEOUT.errorNum;
  return isForNow ? { 'retry-after': RETRY_AFTER_SECONDS } : {};
}
