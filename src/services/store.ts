/**
 * What the database keeps of services: a definition a mount in `_apps`, and the bundles in `_appbundles`. This is the truth that all
 * coordinators agree on; what lies on a disk is a copy.
 *
 * A definition and its bundle are written in one transaction. Bundles are called after their checksum; as adler32 has only 32 bits,
 * a different bundle of the same checksum is varied until it has one of its own, and never taken for the other.
 *
 * The document of a mount has ArangoDB's attributes (`id`, `mount`, `checksum`, `options`), and beside them what foxden adds: which version
 * it is, the former ones, and whether another is about to take its place. So all of that changes at once with what is served.
 */
import { ArangoError, isArangoError } from '#base';
import type { Database } from '#database';
import type { Value, ValueObject } from '#values';
import { checksumOf, varyBundle } from './bundle.ts';
import type { RawConfiguration, RawDependencies } from './configuration.ts';

/** `always`: as the manual says, on each access. `changed`: only when a file has changed since the last load. */
export type DevelopmentReload = 'always' | 'changed';

export interface ServiceOptions {
  readonly development: boolean;
  /** When the service is reloaded in development mode; absent: as the server's option says. */
  readonly developmentReload?: DevelopmentReload;
  readonly configuration: RawConfiguration;
  readonly dependencies: RawDependencies;
}

/** What a version came by. */
export type Operation = 'install' | 'replace' | 'upgrade' | 'rollback' | 'production' | 'commit';

export interface Version {
  /** Counts the versions of the mount. */
  readonly id: number;
  /** Absent in what an ArangoDB or an earlier foxden has written, as is all that follows. */
  readonly operation?: Operation;
  /** When it was activated, in ISO 8601. */
  readonly at?: string;
  /** The user; absent when nobody proved who they are. */
  readonly by?: string;
  /** Of the manifest. */
  readonly name?: string;
  /** Of the manifest. */
  readonly version?: string;
  /** The former version that this one goes back to. */
  readonly restores?: number;
}

export interface FormerVersion extends Version {
  readonly checksum: string;
  readonly options: ServiceOptions;
}

/** What is not said is the first version. */
export const FIRST_VERSION: Version = { id: 1 };

export interface Definition {
  readonly mount: string;
  /** Absent only in what was installed before ArangoDB 3.2. */
  readonly checksum: string | undefined;
  readonly options: ServiceOptions;
  readonly version: Version;
  /** The newest first. */
  readonly former: readonly FormerVersion[];
  /**
   * The token of the activation that is about to put another version in its place: no request to it begins until this is gone. Whoever has
   * waited too long takes it away, and then that activation has failed (`activation.ts`).
   */
  readonly closedBy: string | undefined;
  /** Equal to that of another definition when the same is to be served. */
  readonly identity: string;
}

/** A definition as it is written: all but what follows from the rest. */
export type StoredDefinition = Omit<Definition, 'closedBy' | 'identity'>;

const APPS = '_apps';
const BUNDLES = '_appbundles';

/** All definitions of a database, sorted by mount. */
export function readDefinitions(database: Database): Definition[] {
  const documents = database.query({ query: `FOR app IN ${APPS} SORT app.mount RETURN app` }).toArray();
  return documents.map((document) => toDefinition(document as ValueObject));
}

export function findDefinition(database: Database, mount: string): Definition | undefined {
  const [document] = database.query({ query: `FOR app IN ${APPS} FILTER app.mount == @mount RETURN app`, bindVars: { mount } }).toArray();
  return document === undefined ? undefined : toDefinition(document as ValueObject);
}

/** Throws 3009. */
export function getDefinition(database: Database, mount: string): Definition {
  const definition = findDefinition(database, mount);
  if (definition === undefined) throw serviceNotFound(mount);
  return definition;
}

export function serviceNotFound(mount: string): ArangoError {
  return new ArangoError('ERROR_SERVICE_NOT_FOUND', { message: `service not found\nMount: ${mount}` });
}

function toDefinition(document: ValueObject): Definition {
  const options = (document['options'] ?? {}) as Partial<ServiceOptions>;
  const { checksum, version = FIRST_VERSION, former = [], closedBy } = document;
  const found = {
    mount: document['mount'] as string,
    checksum: typeof checksum === 'string' ? checksum : undefined,
    options: {
      development: options.development === true,
      ...(options.developmentReload === undefined ? {} : { developmentReload: options.developmentReload }),
      configuration: options.configuration ?? {},
      dependencies: options.dependencies ?? {},
    },
    version: version as unknown as Version,
    former: former as unknown as readonly FormerVersion[],
    closedBy: typeof closedBy === 'string' ? closedBy : undefined,
  };
  return { ...found, identity: JSON.stringify([found.checksum, found.options, found.version.id]) };
}

/** Runs a change of definitions and bundles that others see as a whole or not at all. */
export function changeStore<Result>(database: Database, change: () => Result): Result {
  return database.executeTransaction({ collections: { read: [APPS, BUNDLES], write: [APPS, BUNDLES] } }, change);
}

/** Makes or changes the definition of a mount, and opens it. */
export function writeDefinition(database: Database, { mount, checksum, options, version, former }: StoredDefinition): void {
  const document = {
    id: mount,
    mount,
    options,
    ...(checksum === undefined ? {} : { checksum }),
    version,
    ...(former.length === 0 ? {} : { former }),
  };
  database.query({
    query: `UPSERT { mount: @mount } INSERT @document REPLACE @document IN ${APPS}`,
    bindVars: { mount, document: document as unknown as Value },
  });
}

export function removeDefinition(database: Database, mount: string): void {
  database.query({ query: `FOR app IN ${APPS} FILTER app.mount == @mount REMOVE app IN ${APPS}`, bindVars: { mount } });
}

/** Closes a mount for an activation. */
export function closeMount(database: Database, mount: string, token: string): void {
  database.query({
    query: `FOR app IN ${APPS} FILTER app.mount == @mount UPDATE app WITH { closedBy: @token } IN ${APPS}`,
    bindVars: { mount, token },
  });
}

/** Opens a mount again that an activation has closed; false when it was not closed by that one any more. */
export function openMount(database: Database, mount: string, token: string): boolean {
  const opened = database.query({
    query: `FOR app IN ${APPS} FILTER app.mount == @mount && app.closedBy == @token
      UPDATE app WITH { closedBy: null } IN ${APPS} OPTIONS { keepNull: false } RETURN 1`,
    bindVars: { mount, token },
  });
  return opened.toArray().length > 0;
}

/**
 * The checksums of the bundles that are stored. A bundle may have many megabytes, so this is told from an index that has the keys with
 * it, and no bundle is read; a database whose services have not been healed yet may lack the index.
 */
export function storedChecksums(database: Database): ReadonlySet<string> {
  return new Set(database.query({ query: `FOR bundle IN ${BUNDLES} SORT bundle.size RETURN bundle._key` }).toArray() as string[]);
}

/** Makes that index unless it is there. */
export function indexBundles(database: Database): void {
  database.getCollection(BUNDLES).ensureIndex({ type: 'persistent', fields: ['size'], storedValues: ['_key'], name: 'checksums' });
}

export function hasBundle(database: Database, checksum: string): boolean {
  return storedChecksums(database).has(checksum);
}

export function findBundle(database: Database, checksum: string): Uint8Array | undefined {
  const collection = database.getCollection(BUNDLES);
  try {
    const { bundle } = collection.document(checksum) as { readonly bundle?: string };
    return bundle === undefined ? undefined : Buffer.from(bundle, 'base64');
  } catch (error) {
    if (isArangoError(error) && error.errorNum === 1202) return undefined;
    throw error;
  }
}

/** Puts a bundle into the database unless it is there. */
export function writeBundle(database: Database, bundle: Uint8Array): { readonly bundle: Uint8Array; readonly checksum: string } {
  for (let attempt = 0; ; attempt++) {
    const candidate = attempt === 0 ? bundle : varyBundle(bundle, attempt);
    const checksum = checksumOf(candidate);
    const present = findBundle(database, checksum);
    if (present === undefined) {
      database.getCollection(BUNDLES).insert({ _key: checksum, size: candidate.length, bundle: Buffer.from(candidate).toString('base64') });
    } else if (!Buffer.from(present).equals(candidate)) {
      continue;
    }
    return { bundle: candidate, checksum };
  }
}

/**
 * Removes the bundles that no version needs, former ones included, and that are not `needed` otherwise. Nobody stores a service meanwhile,
 * who might take one of them for theirs.
 */
export function removeUnusedBundles(database: Database, needed: () => Iterable<string> = () => []): void {
  const findUnused = (): string[] => {
    const stored = [...storedChecksums(database)];
    const used = new Set<string | undefined>(needed());
    for (const { checksum, former } of readDefinitions(database))
      for (const each of [checksum, ...former.map((version) => version.checksum)]) used.add(each);
    return stored.filter((checksum) => !used.has(checksum));
  };
  if (findUnused().length === 0) return;
  database.executeTransaction({ collections: { read: [APPS], exclusive: [BUNDLES] } }, () => {
    for (const checksum of findUnused()) database.getCollection(BUNDLES).remove(checksum);
  });
}
