/**
 * The OPTIONS of statements: from the object in the query to what the plan's nodes have. An attribute that is unknown or whose value
 * does not fit is left out with warning 1539, as ArangoDB does.
 */
import { ArangoError } from '#base';
import type { Value, ValueObject } from '#values';
import { isObject, toBool } from '#values';
import type { CollectMethod, ForOptions, GraphOptions, ModificationOptions } from './plan.ts';

/** Gets the warning's text. */
export type RefuseOption = (detail: string) => void;

type Take<Option> = (value: Value) => Option | undefined;

const bool: Take<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const text: Take<string> = (value) => (typeof value === 'string' ? value : undefined);
const count: Take<number> = (value) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined);
const number: Take<number> = (value) => (typeof value === 'number' ? value : undefined);
const oneOf =
  <Word extends string>(...words: readonly Word[]): Take<Word> =>
  (value) =>
    words.find((word) => typeof value === 'string' && word === value);
const names: Take<readonly string[]> = (value) => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string') ? value : undefined;
};
/** Hints for traversals: by collection, direction and level. */
const hints: Take<Value> = (value) => (isFull(value, (each) => isFull(each, isFullOfNames, ['inbound', 'outbound'])) ? value : undefined);
const isFullOfNames = (value: Value): boolean => isFull(value, (each) => names(each) !== undefined);
function isFull(value: Value, fits: (member: Value) => boolean, only?: readonly string[]): boolean {
  if (!isObject(value)) return false;
  const members = Object.entries(value);
  return members.length > 0 && members.every(([name, member]) => (only === undefined || only.includes(name)) && fits(member));
}
/** What is true, in whatever form. */
const truth: Take<boolean> = (value) => toBool(value);
const anything: Take<Value> = (value) => value;

type Taken<Table extends Readonly<Record<string, Take<unknown>>>> = {
  readonly [Name in keyof Table]?: Exclude<ReturnType<Table[Name]>, undefined>;
};

function read<const Table extends Readonly<Record<string, Take<unknown>>>>(
  table: Table,
  given: ValueObject,
  statement: string,
  refuse: RefuseOption,
): Taken<Table> {
  const taken: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const take = Object.hasOwn(table, name) ? table[name] : undefined;
    const option = take?.(value);
    if (option !== undefined) taken[name] = option;
    else refuse(refusal(take === undefined ? 'unknown' : 'invalid', name, statement));
  }
  return taken as Taken<Table>;
}

const refusal = (reason: 'unknown' | 'invalid', name: string, statement: string): string =>
  `usage of ${reason} OPTIONS attribute '${name}' in ${statement} statement`;

const FOR = {
  indexHint: names,
  forceIndexHint: bool,
  disableIndex: bool,
  maxProjections: count,
  useCache: bool,
  lookahead: count,
  waitForSync: bool,
} as const;

export function readForOptions(given: ValueObject, refuse: RefuseOption): ForOptions {
  const { waitForSync: _ofViews, ...options } = read(FOR, given, 'FOR', refuse);
  if (options.indexHint !== undefined && options.disableIndex === true) {
    const later = Object.keys(options).findLast((name) => name === 'indexHint' || name === 'disableIndex') ?? '';
    refuse(refusal('invalid', later, 'FOR'));
  }
  return options;
}

const MODIFICATION = {
  ignoreErrors: bool,
  waitForSync: truth,
  overwrite: bool,
  overwriteMode: oneOf('conflict', 'ignore', 'replace', 'update'),
  keepNull: bool,
  mergeObjects: bool,
  exclusive: bool,
  ignoreRevs: bool,
  refillIndexCaches: bool,
  versionAttribute: text,
  isRestore: bool,
  skipDocumentValidation: bool,
  readOwnWrites: bool,
} as const;

/** An UPSERT looks documents up as well. */
const UPSERT = { ...MODIFICATION, indexHint: names, forceIndexHint: bool, disableIndex: bool, useCache: bool } as const;

export function readModificationOptions(given: ValueObject, statement: string, refuse: RefuseOption): ModificationOptions {
  const { ignoreErrors, waitForSync, ignoreRevs, exclusive, overwrite, ...rest } = read(
    statement === 'UPSERT' ? UPSERT : MODIFICATION,
    given,
    statement,
    refuse,
  );
  const overwriteMode = rest.overwriteMode ?? (overwrite === true ? 'replace' : undefined);
  return {
    ...(ignoreErrors !== undefined && { ignoreErrors }),
    ...(waitForSync !== undefined && { waitForSync }),
    ...(ignoreRevs !== undefined && { ignoreRevs }),
    ...(exclusive !== undefined && { exclusive }),
    write: {
      ...(rest.keepNull !== undefined && { keepNull: rest.keepNull }),
      ...(rest.mergeObjects !== undefined && { mergeObjects: rest.mergeObjects }),
      ...(rest.versionAttribute !== undefined && { versionAttribute: rest.versionAttribute }),
      ...(rest.isRestore !== undefined && { isRestore: rest.isRestore }),
      ...(rest.skipDocumentValidation !== undefined && { skipDocumentValidation: rest.skipDocumentValidation }),
      ...(overwriteMode !== undefined && { overwriteMode }),
    },
  };
}

/** The lookup that an UPSERT makes takes the hints of its OPTIONS. */
export function readUpsertLookupOptions(given: ValueObject): ForOptions {
  const { indexHint, forceIndexHint, disableIndex } = given;
  return readForOptions(
    {
      ...(indexHint !== undefined && { indexHint }),
      ...(forceIndexHint !== undefined && { forceIndexHint }),
      ...(disableIndex !== undefined && { disableIndex }),
    },
    () => undefined,
  );
}

const COLLECT = { method: oneOf('sorted', 'hash'), disableIndex: bool, aggregateIntoExpressionOnDBServers: bool } as const;

export function readCollectMethod(given: ValueObject, refuse: RefuseOption): CollectMethod | undefined {
  return read(COLLECT, given, 'COLLECT', refuse).method;
}

const PATHS = {
  order: oneOf('dfs', 'bfs', 'weighted'),
  bfs: bool,
  uniqueVertices: oneOf('none', 'path', 'global'),
  uniqueEdges: oneOf('none', 'path', 'global'),
  edgeCollections: names,
  vertexCollections: names,
  parallelism: count,
  weightAttribute: text,
  defaultWeight: number,
  useCache: bool,
  algorithm: anything,
} as const;

const TRAVERSAL = { ...PATHS, maxProjections: count, indexHint: hints } as const;

export function readGraphOptions(given: ValueObject, statement: string, refuse: RefuseOption): GraphOptions {
  const options = read(statement === 'TRAVERSAL' ? TRAVERSAL : PATHS, given, statement, refuse);
  if (options.bfs !== undefined && options.order !== undefined) refuse(refusal('invalid', 'order', statement));
  const { uniqueEdges = 'path' } = options;
  if (uniqueEdges === 'global') {
    throw new ArangoError('ERROR_BAD_PARAMETER', {
      message: "uniqueEdges: 'global' is not supported, due to otherwise unpredictable results. Use 'path' or 'none' instead",
    });
  }
  if ((options.defaultWeight ?? 1) < 0) {
    throw new ArangoError('ERROR_GRAPH_NEGATIVE_EDGE_WEIGHT', { message: 'negative default weight not allowed' });
  }
  return {
    order: options.order ?? (options.bfs === true ? 'bfs' : 'dfs'),
    uniqueVertices: options.uniqueVertices ?? 'none',
    uniqueEdges,
    ...(options.edgeCollections && { edgeCollections: options.edgeCollections }),
    ...(options.vertexCollections && { vertexCollections: options.vertexCollections }),
    ...(options.weightAttribute !== undefined && { weightAttribute: options.weightAttribute }),
    defaultWeight: options.defaultWeight ?? 1,
  };
}
