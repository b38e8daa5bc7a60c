/**
 * All databases of the server, as one thread sees them: opened over the thread's storage engine, closed with the thread.
 */
import { Aql, type AqlOptions } from '#aql';
import { ARANGODB_VERSION, ArangoError } from '#base';
import { createDatabase, dropDatabase, SYSTEM_DATABASE } from '#catalog';
import { DocumentStore, dropUnfinishedIndexes, removeExpired, type ExpiryLimits } from '#documents';
import type { Fate, StorageEngine } from '#storage';
import { isObject, type ValueObject } from '#values';
import { Access } from './access.ts';
import { computeValues } from './computed-values.ts';
import type { DatabaseContext } from './context.ts';
import { lockWithin, type HoldLock } from './locks.ts';
import { Cursors } from './cursors.ts';
import { Database } from './database.ts';
import { mayRehearseQuery, rehearseQuery, type QueryRequest } from './queries.ts';
import type { Scope } from './scope.ts';
import { serverId } from './server-id.ts';
import { storedTokenSecret, Tokens } from './tokens.ts';
import { Snapshots } from './snapshots.ts';
import { StreamTransactions, type StreamTransactionLimits } from './stream-transactions.ts';
import { PlanEntries } from './tracking/plan-entries.ts';
import { createQueryMemory, type QueryMemory } from './tracking/query-memory.ts';
import { QueryTracking, type TrackingProperties } from './tracking/query-tracking.ts';
import { ResultCache, type CacheProperties } from './tracking/result-cache.ts';
import type { CompileFunction } from './compiled-function.ts';
import { UserDirectory, type AccessLevel } from './users.ts';

export interface DatabasesOptions {
  /** What tokens are signed with, the first signs; without any the store has a secret of its own. */
  readonly tokenSecrets?: () => readonly Uint8Array[];
  readonly queries?: AqlOptions;
  /** Makes AQL user functions of their code; without it there are none. */
  readonly compileFunction?: CompileFunction;
  /** Settings of `/_api/query/properties` and `/_api/query-cache/properties`, until somebody changes them. */
  readonly tracking?: Partial<TrackingProperties>;
  readonly resultCache?: Partial<CacheProperties>;
  /** How long a cursor is kept that nobody asks for, unless its query says. */
  readonly cursorTtlSeconds?: number;
  /** What the threads of the process share of their queries; without it this thread is alone. */
  readonly queryMemory?: QueryMemory;
  /** Asked now and then by running queries: true ends them (error 1500). */
  readonly isCancelled?: () => boolean;
  /** `--database.extended-names` */
  readonly extendedNames?: boolean;
  readonly streamTransactions?: StreamTransactionLimits;
  /** Without it there is no other thread. */
  readonly holdLock?: HoldLock;
  /** Which thread this is: ids of kept cursors and of stream transactions tell (`threadOfHeldId`). */
  readonly thread?: number;
  /** The number of this coordinator, where there may be several (`coordinatorOfHeldId`). */
  readonly coordinator?: () => number;
  /** Results of queries are not kept for the next time: others write to the collections, and nobody tells. */
  readonly keepsNoResults?: boolean;
}

/** Who sent a request. */
export interface Caller {
  /** undefined: the server itself, known by its own token. */
  readonly user: string | undefined;
}

/** A document by the names that a request has for it; without a key: one that is to be made. */
export interface DocumentName {
  readonly database: string;
  readonly collection: string;
  readonly key: string | undefined;
}

/** A query by what decides what it reads. */
export interface QueryName {
  readonly database: string;
  readonly request: QueryRequest;
}

/** Work that is about one document and nothing else, or runs one query. */
export type JointWork = { readonly work: () => void } & (
  { readonly document: DocumentName; readonly query?: undefined } | { readonly query: QueryName; readonly document?: undefined }
);

const QUERY_OPTIONS: AqlOptions = { planCacheEntries: 256, memoryLimitBytes: 0 };

const STREAM_TRANSACTION_LIMITS: StreamTransactionLimits = {
  idleTimeoutMs: 60_000,
  lockTimeoutMs: 8000,
  sizeLimitBytes: 512 * 1024 * 1024,
};

/** The last digits of an id say which thread has it, and in a cluster those before them which coordinator. */
const THREAD_DIGITS = 3;
const COORDINATOR_DIGITS = 3;

/** The thread that holds the cursor or stream transaction with an id; undefined for what is no such id. */
export function threadOfHeldId(id: string): number | undefined {
  return /^\d{4,22}$/.test(id) ? Number(id.slice(-THREAD_DIGITS)) : undefined;
}

/** The number of the coordinator that has it, in a cluster; undefined for what is no such id. */
export function coordinatorOfHeldId(id: string): number | undefined {
  return /^\d{7,22}$/.test(id) ? Number(id.slice(-THREAD_DIGITS - COORDINATOR_DIGITS, -THREAD_DIGITS)) : undefined;
}

function heldId(tick: number, thread: number, coordinator: number | undefined): string {
  const ofCoordinator = coordinator === undefined ? '' : String(coordinator).padStart(COORDINATOR_DIGITS, '0');
  return `${tick}${ofCoordinator}${String(thread).padStart(THREAD_DIGITS, '0')}`;
}

/** For the start of the server, by one thread before all others: `_system` is made, and what a crash left half done is cleared up. */
export function prepareDatabases(engine: StorageEngine, options: DatabasesOptions = {}): void {
  const databases = openDatabases(engine, options);
  databases.recover();
  databases.close();
}

export function openDatabases(engine: StorageEngine, options: DatabasesOptions = {}): Databases {
  const memory = options.queryMemory ?? createQueryMemory();
  const results = new ResultCache(memory, { isOff: options.keepsNoResults ?? false, defaults: options.resultCache });
  const store = new DocumentStore(engine, { computeValues, onCommit: (collections) => results.noteCommit(collections) });
  const naming = { extendedNames: options.extendedNames ?? false, serverId: serverId(store) };
  if (store.catalog().findDatabase(SYSTEM_DATABASE) === undefined) {
    store.define(({ storage, catalog }) => {
      if (catalog.findDatabase(SYSTEM_DATABASE) === undefined) createDatabase(storage, engine, catalog, SYSTEM_DATABASE, naming);
    });
  }
  const nextHeldId = (): string => heldId(engine.tick(), options.thread ?? 0, options.coordinator?.());
  const holdLock = options.holdLock ?? lockWithin(new Set());
  const users = new UserDirectory(store, holdLock);
  const syncs = { isRequested: false };
  const context: DatabaseContext = {
    store,
    aql: new Aql(options.queries ?? QUERY_OPTIONS),
    version: ARANGODB_VERSION,
    access: new Access(users),
    cursors: new Cursors(nextHeldId, options.cursorTtlSeconds),
    transactions: new StreamTransactions(options.streamTransactions ?? STREAM_TRANSACTION_LIMITS),
    snapshots: new Snapshots(),
    naming,
    holdLock,
    nextHeldId,
    tracking: new QueryTracking(memory, () => String(engine.tick()), options.tracking),
    results,
    plans: new PlanEntries(memory),
    compileFunction:
      options.compileFunction ??
      (() => {
        throw new ArangoError('ERROR_NOT_IMPLEMENTED', 'user functions need an environment for JavaScript');
      }),
    isCancelled: options.isCancelled ?? (() => false),
    requestSync() {
      syncs.isRequested = true;
    },
  };
  const stored = [storedTokenSecret(store)];
  const secrets = (): readonly Uint8Array[] => {
    const given = options.tokenSecrets?.() ?? [];
    return given.length === 0 ? stored : given;
  };
  return new Databases(context, users, new Tokens(secrets), syncs);
}

/** The name of the product in hexadecimal, and what a UUID must have. */
const DEPLOYMENT_ID_PREFIX = '666f7864-656e-4000-8000';

export class Databases {
  readonly users: UserDirectory;
  readonly tokens: Tokens;
  readonly #context: DatabaseContext;
  readonly #syncs: { isRequested: boolean };

  constructor(context: DatabaseContext, users: UserDirectory, tokens: Tokens, syncs: { isRequested: boolean }) {
    this.users = users;
    this.tokens = tokens;
    this.#context = context;
    this.#syncs = syncs;
  }

  /** For something else that this thread holds and that is asked for by an id (`threadOfHeldId`). */
  nextHeldId(): string {
    return this.#context.nextHeldId();
  }

  /** For what answers requests after their clients have gone on: which queries are whose. */
  get jobQueries(): Pick<QueryTracking, 'asJob' | 'killOfJob'> {
    return this.#context.tracking;
  }

  /** A UUID made at the very first start and kept with the data. */
  get deploymentId(): string {
    return `${DEPLOYMENT_ID_PREFIX}-${this.#context.naming.serverId.toLowerCase()}`;
  }

  /** A number that grows with every write and every look at it, as ArangoDB's ticks do. */
  tick(): string {
    return String(this.#context.store.engine.tick());
  }

  /** The server's id as ArangoDB's replication has it: a decimal number. */
  get numericServerId(): string {
    return String(Number.parseInt(this.#context.naming.serverId, 16));
  }

  /** Figures of the storage engine, as it counts them. */
  engineStatistics(): Readonly<Record<string, number>> {
    return this.#context.store.engine.statistics();
  }

  /** The names of all databases, in the order of names. */
  list(): readonly string[] {
    return this.#context.store
      .catalog()
      .databases.map(({ definition }) => definition.name)
      .toSorted();
  }

  /** undefined when there is none, or none that `user` may read; without `user` it is opened for the server itself. */
  find(name: string, user?: string): Database | undefined {
    const found = this.#context.store.catalog().findDatabase(name);
    const scope = { databaseName: name, user };
    if (found === undefined || this.#context.access.databaseLevel(scope) === 'none') return undefined;
    return new Database(this.#context, scope, found);
  }

  /** Throws 1228 when there is none, 11 when `user` may not read it. */
  get(name: string, user?: string): Database {
    const scope = { databaseName: name, user };
    const found = this.#context.store.catalog().getDatabase(name);
    this.#context.access.checkDatabase(scope, 'ro');
    return new Database(this.#context, scope, found);
  }

  /**
   * `options.users` (`username`, `passwd`, `active`, `extra`) may write to it, and are made if they do not exist; without any, `root`
   * may. Throws 1208 for an illegal name, 1207 for a taken one.
   */
  create(name: string, options: ValueObject = {}): Database {
    const { store, naming } = this.#context;
    const owners = readOwners(options);
    store.define(({ storage, catalog }) => createDatabase(storage, store.engine, catalog, name, naming));
    for (const { username, ...account } of owners) {
      if (this.users.find(username) === undefined) this.users.create(username, account);
      this.users.grantDatabase(username, name, 'rw');
    }
    return this.get(name);
  }

  /** Throws 1228, and 11 for `_system`. */
  drop(name: string): void {
    this.#context.store.define(({ storage, catalog }) => dropDatabase(storage, catalog.getDatabase(name)));
    this.users.forgetDatabase(name);
  }

  /**
   * Who is behind an `authorization` header: a user with their password (Basic) or a token (bearer). undefined: nobody who proved who
   * they are.
   */
  authenticate(authorization: string | undefined): Caller | undefined {
    const [, scheme = '', credentials = ''] = /^(\S+)\s+(\S+)\s*$/.exec(authorization ?? '') ?? [];
    switch (scheme.toLowerCase()) {
      case 'basic': {
        const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
        const name = this.users.identify(user, password);
        return name === undefined ? undefined : { user: name };
      }
      case 'bearer': {
        const caller = this.tokens.read(credentials);
        if (caller?.user === undefined) return caller;
        return this.users.find(caller.user)?.isActive === true ? caller : undefined;
      }
      default:
        return undefined;
    }
  }

  databaseLevel(user: string | undefined, database: string): AccessLevel {
    return this.#context.access.databaseLevel({ databaseName: database, user });
  }

  collectionLevel(user: string | undefined, database: string, collection: string): AccessLevel {
    return this.#context.access.collectionLevel({ databaseName: database, user }, collection);
  }

  /** `level` undefined takes the grant back. Throws 1228 and 1203 for what is not there (`*` always is), and 1703. */
  grantCollection(user: string, database: string, collection: string, level: AccessLevel | undefined): void {
    if (database !== '*') {
      const found = this.get(database);
      if (collection !== '*') found.getCollection(collection);
    }
    this.users.grantCollection(user, database, collection, level);
  }

  /** The databases that a user may use, with levels, as `GET /_api/user/<user>/database` answers. Throws 1703. */
  grantedDatabases(user: string): ValueObject {
    const { databases } = this.users.get(user);
    const levels = this.list().map((name) => [name, (databases.get(name) ?? databases.get('*'))?.level ?? 'none'] as const);
    const general = databases.get('*')?.level ?? 'none';
    return Object.fromEntries([...levels, ['*', general] as const].filter(([, level]) => level !== 'none'));
  }

  /** The same with all databases and their collections (`?full=true`). Throws 1703. */
  allGrants(user: string): ValueObject {
    const { databases } = this.users.get(user);
    const described = this.#context.store.catalog().databases.map(({ definition: { name }, collections }) => {
      const grants = databases.get(name);
      const levels = [...collections.map((collection) => collection.name), '*'].map(
        (collection) => [collection, grants?.collections.get(collection) ?? 'undefined'] as const,
      );
      return [name, { permission: grants?.level ?? 'undefined', collections: Object.fromEntries(levels) }] as const;
    });
    return { ...Object.fromEntries(described), '*': { permission: databases.get('*')?.level ?? 'none' } };
  }

  /** Does pieces of work with fewer trips to the storage (`StorageEngine.together`). */
  together(pieces: readonly JointWork[]): readonly Fate[] {
    const { store } = this.#context;
    const catalog = store.catalog();
    const rehearsals: (() => void)[] = [];
    const located = pieces.map(({ document, query, work }) => {
      if (document === undefined) {
        rehearsals.push(() => rehearseQuery(this.#context, scopeOf(query), query.request));
        return { work, isAlone: false, place: undefined };
      }
      const { database, collection, key } = document;
      const definition = catalog.knownDatabase(database)?.knownCollection(collection);
      // Those that count their keys all write to the one row with the counter.
      const isAlone = key === undefined && definition?.keyOptions.type === 'autoincrement';
      return { work, isAlone, place: definition === undefined || key === undefined ? undefined : { collection: definition, key } };
    });
    const joint = located.filter(({ isAlone }) => !isAlone);
    const fates = store.together(
      joint.map(({ place }) => place).filter((place) => place !== undefined),
      rehearsals,
      joint.map(({ work }) => work),
    );
    let next = 0;
    return located.map(({ isAlone }): Fate => (isAlone ? 'again' : fates[next++]!));
  }

  /** Whether queries of this text can share their trips. */
  mayShareTrips(query: QueryName): boolean {
    try {
      return mayRehearseQuery(this.#context, scopeOf(query), query.request);
    } catch {
      return false; // What is wrong with it is said when it runs.
    }
  }

  /** Something that was written since the last call is to be on disk before its answer (`waitForSync`). */
  takeSyncRequest(): boolean {
    const { isRequested } = this.#syncs;
    this.#syncs.isRequested = false;
    return isRequested;
  }

  /** Gives up cursors and stream transactions of this thread that nobody has used for too long. To be called now and then. */
  sweep(): void {
    this.#context.cursors.sweep();
    this.#context.transactions.sweep();
    this.#context.snapshots.sweep();
  }

  /** Removes documents whose time has come (ttl indexes); returns how many. One thread of the server calls it now and then. */
  removeExpired(limits: ExpiryLimits): number {
    return removeExpired(this.#context.store, limits);
  }

  /** Clears up what a crash left half done. */
  recover(): void {
    dropUnfinishedIndexes(this.#context.store);
    this.#context.store.clearDiscarded();
  }

  /** Before the engine is closed: ends what this thread holds. */
  close(): void {
    this.#context.cursors.disposeAll();
    this.#context.transactions.abortAll();
    this.#context.snapshots.closeAll();
  }
}

/** In which it is prepared for all users. */
function scopeOf({ database }: QueryName): Scope {
  return { databaseName: database, user: undefined };
}

interface Owner {
  readonly username: string;
  readonly passwd?: string;
  readonly active?: boolean;
  readonly extra?: ValueObject;
}

function readOwners({ users = [] }: ValueObject): readonly Owner[] {
  if (!Array.isArray(users)) throw new ArangoError('ERROR_BAD_PARAMETER', "expecting 'users' to be a list");
  const owners = (users as readonly ValueObject[]).map((given) => {
    const { username, user = username, passwd, active, extra } = isObject(given) ? given : {};
    if (typeof user !== 'string') throw new ArangoError('ERROR_BAD_PARAMETER', "expecting a 'username' for each user");
    return {
      username: user,
      ...(typeof passwd === 'string' ? { passwd } : {}),
      ...(typeof active === 'boolean' ? { active } : {}),
      ...(extra !== undefined && isObject(extra) ? { extra } : {}),
    };
  });
  return owners.length === 0 ? [{ username: 'root' }] : owners;
}
