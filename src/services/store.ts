/**
 * What the database keeps of services: a definition a mount in `_apps`, and the bundles in `_appbundles`. This is the truth that all
 * coordinators agree on; what lies on a disk is a copy.
 *
 * A definition and its bundle are written in one transaction. Bundles are called after their checksum; as adler32 has only 32 bits,
 * a different bundle of the same checksum is varied until it has one of its own, and never taken for the other.
 */
import type { Database } from '#database';
import { isArangoError } from '#base';
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

export interface Definition {
  readonly mount: string;
  /** Absent only in what was installed before ArangoDB 3.2. */
  readonly checksum: string | undefined;
  readonly options: ServiceOptions;
  /** Changes with each change of the definition. */
  readonly rev: string;
}

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

function toDefinition(document: ValueObject): Definition {
  const options = (document['options'] ?? {}) as Partial<ServiceOptions>;
  const checksum = document['checksum'];
  return {
    mount: document['mount'] as string,
    checksum: typeof checksum === 'string' ? checksum : undefined,
    options: {
      development: options.development === true,
      ...(options.developmentReload === undefined ? {} : { developmentReload: options.developmentReload }),
      configuration: options.configuration ?? {},
      dependencies: options.dependencies ?? {},
    },
    rev: document['_rev'] as string,
  };
}

/** Stores a service: its bundle unless it is there, and its definition. Returns the bundle as stored, with its checksum. */
export function writeService(
  database: Database,
  mount: string,
  bundle: Uint8Array,
  options: ServiceOptions,
): { readonly bundle: Uint8Array; readonly checksum: string } {
  return database.executeTransaction({ collections: { read: [APPS, BUNDLES], write: [APPS, BUNDLES] } }, () => {
    const stored = writeBundle(database, bundle);
    writeDefinition(database, mount, { checksum: stored.checksum, options });
    return stored;
  });
}

/** Makes or changes the definition of a mount. */
export function writeDefinition(database: Database, mount: string, { checksum, options }: Pick<Definition, 'checksum' | 'options'>): void {
  const document = { id: mount, mount, options, ...(checksum === undefined ? {} : { checksum }) };
  database.query({
    query: `UPSERT { mount: @mount } INSERT @document REPLACE @document IN ${APPS}`,
    bindVars: { mount, document: document as unknown as Value },
  });
}

export function removeDefinition(database: Database, mount: string): void {
  database.query({ query: `FOR app IN ${APPS} FILTER app.mount == @mount REMOVE app IN ${APPS}`, bindVars: { mount } });
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

/** Removes the bundles that no definition needs. Nobody stores a service meanwhile, who might take one of them for theirs. */
export function removeUnusedBundles(database: Database): void {
  const findUnused = (): string[] => {
    const used = new Set(readDefinitions(database).map(({ checksum }) => checksum));
    return [...storedChecksums(database)].filter((checksum) => !used.has(checksum));
  };
  if (findUnused().length === 0) return;
  database.executeTransaction({ collections: { read: [APPS], exclusive: [BUNDLES] } }, () => {
    for (const checksum of findUnused()) database.getCollection(BUNDLES).remove(checksum);
  });
}
