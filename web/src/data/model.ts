/** What the HTTP API tells of databases, collections and indexes, as the pages read it, and the requests for it. */
import type { Query } from '../address.ts';
import { api, send } from '../api/client.ts';
import { database } from '../router.ts';

export interface Collection {
  readonly id: string;
  readonly name: string;
  /** 2: documents, 3: edges. */
  readonly type: 2 | 3;
  readonly isSystem: boolean;
}

export interface Figures {
  readonly count: number;
  readonly figures: { readonly documentsSize: number; readonly indexes: { readonly count: number; readonly size: number } };
}

export interface CollectionProperties extends Collection {
  readonly waitForSync: boolean;
  readonly cacheEnabled: boolean;
  readonly globallyUniqueId: string;
  readonly keyOptions: { readonly type: string; readonly allowUserKeys: boolean; readonly increment?: number; readonly offset?: number };
  readonly schema: unknown;
  readonly computedValues: unknown;
  readonly count: number;
  readonly figures: Figures['figures'];
}

export interface Index {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly fields: readonly string[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly selectivityEstimate?: number;
  readonly storedValues?: readonly string[];
  readonly prefixFields?: readonly string[];
  readonly expireAfter?: number;
  readonly minLength?: number;
  readonly geoJson?: boolean;
  readonly deduplicate?: boolean;
}

export type Document = Readonly<Record<string, unknown>> & { readonly _key: string; readonly _id: string; readonly _rev: string };

export interface CursorAnswer<Row = unknown> {
  readonly result: readonly Row[];
  readonly hasMore: boolean;
  readonly id?: string;
  readonly count?: number;
  readonly cached: boolean;
  readonly extra: {
    readonly warnings?: readonly { readonly code: number; readonly message: string }[];
    readonly stats?: Readonly<Record<string, unknown>> & { readonly nodes?: readonly unknown[] };
    readonly plan?: unknown;
    readonly profile?: Readonly<Record<string, number>>;
  };
}

export const collectionPath = (name: string): string => `/_api/collection/${encodeURIComponent(name)}`;

/** Of the answer about one collection. It is no part of the list's, which is asked for anew also when the collection is no more. */
export const collectionKey = (name: string): string => `collection/${database.value}/${name}`;

export const documentPath = (id: string): string => `/_api/document/${id.split('/').map(encodeURIComponent).join('/')}`;

export async function listCollections(aborting?: AbortSignal): Promise<readonly Collection[]> {
  const { result } = await api.get<{ result: readonly Collection[] }>('/_api/collection', undefined, aborting);
  return result.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** All results at once. */
export async function queryAll<Row>(
  query: string,
  bindVars: Readonly<Record<string, unknown>> = {},
  aborting?: AbortSignal,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const batch of batchesOf<Row>({ query, bindVars, batchSize: 1000 }, aborting)) rows.push(...batch);
  return rows;
}

/** Batch by batch, as they are fetched. */
export async function* batchesOf<Row>(body: Readonly<Record<string, unknown>>, aborting?: AbortSignal): AsyncGenerator<readonly Row[]> {
  let answer = await postJson<CursorAnswer<Row>>('/_api/cursor', body, aborting);
  for (;;) {
    yield answer.result;
    if (!answer.hasMore || answer.id === undefined) return;
    answer = await postJson<CursorAnswer<Row>>(`/_api/cursor/${answer.id}`, undefined, aborting);
  }
}

export async function postJson<Answer>(path: string, body: unknown, aborting?: AbortSignal, query?: Query): Promise<Answer> {
  return (await (await send('POST', path, { body, query, signal: aborting })).json()) as Answer;
}

/** Whether a text is the id of a document: `collection/key`. */
export const isDocumentId = (value: unknown): value is string =>
  typeof value === 'string' && value.length < 320 && /^[^/\s"{}[\]]{1,256}\/[-\w:.@()+,=;$!*'%]{1,254}$/.test(value);

/** Attribute paths of documents: `address.city`, with `[*]` behind lists of objects. */
export function attributePaths(documents: readonly unknown[]): readonly string[] {
  const paths = new Set<string>();
  const visit = (value: unknown, prefix: string, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
    if (Array.isArray(value)) {
      for (const each of value.slice(0, 5)) if (typeof each === 'object') visit(each, `${prefix}[*]`, depth);
      return;
    }
    for (const [name, member] of Object.entries(value)) {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      paths.add(path);
      visit(member, path, depth + 1);
    }
  };
  for (const document of documents) visit(document, '', 0);
  return [...paths];
}

const MAX_DEPTH = 4;

const sampled = new Map<string, Promise<readonly string[]>>();
const SAMPLED_DOCUMENTS = 40;

/** The attributes of a collection's first documents. Asked for once as long as the page is open. */
export function sampledAttributes(databaseName: string, collection: string): Promise<readonly string[]> {
  const key = `${databaseName}/${collection}`;
  let found = sampled.get(key);
  if (found === undefined) {
    found = queryAll(`FOR d IN @@collection LIMIT ${SAMPLED_DOCUMENTS} RETURN d`, { '@collection': collection }).then(
      attributePaths,
      // No such collection (yet), or none that one may read: there is nothing to complete then.
      () => {
        sampled.delete(key);
        return [];
      },
    );
    sampled.set(key, found);
  }
  return found;
}
