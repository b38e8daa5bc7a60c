/**
 * The OPTIONS of statements: from the object in the query to what the plan's nodes have. An attribute that is unknown or whose value
 * does not fit is left out with warning 1539, as ArangoDB does.
 */
import { ArangoError } from '#base';
import type { Value, ValueObject } from '#values';
import { isObject } from '#values';
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
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
};
/** Hints for graph operations are objects by collection. */
const hints: Take<Value> = (value) => (names(value) !== undefined || isObject(value) ? value : undefined);
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
    else
      refuse(
        take === undefined
          ? `unknown attribute '${name}' in ${statement} options`
          : `invalid value for attribute '${name}' in ${statement} options`,
      );
  }
  return taken as Taken<Table>;
}

const FOR = {
  indexHint: names,
  forceIndexHint: bool,
  disableIndex: bool,
  maxProjections: count,
  useCache: bool,
  lookahead: count,
} as const;

export function readForOptions(given: ValueObject, refuse: RefuseOption): ForOptions {
  return read(FOR, given, 'FOR', refuse);
}

const MODIFICATION = {
  ignoreErrors: bool,
  waitForSync: bool,
  overwrite: bool,
  overwriteMode: oneOf('conflict', 'ignore', 'replace', 'update'),
  keepNull: bool,
  mergeObjects: bool,
  exclusive: bool,
  ignoreRevs: bool,
  refillIndexCaches: bool,
  versionAttribute: text,
  isRestore: bool,
  readOwnWrites: bool,
  indexHint: hints,
  forceIndexHint: bool,
  disableIndex: bool,
} as const;

export function readModificationOptions(given: ValueObject, statement: string, refuse: RefuseOption): ModificationOptions {
  const { ignoreErrors, waitForSync, ignoreRevs, exclusive, overwrite, ...rest } = read(MODIFICATION, given, statement, refuse);
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

const GRAPH = {
  order: oneOf('dfs', 'bfs', 'weighted'),
  bfs: bool,
  uniqueVertices: oneOf('none', 'path', 'global'),
  uniqueEdges: oneOf('none', 'path', 'global'),
  edgeCollections: names,
  vertexCollections: names,
  parallelism: count,
  maxProjections: count,
  weightAttribute: text,
  defaultWeight: number,
  indexHint: hints,
  useCache: bool,
  algorithm: anything,
} as const;

export function readGraphOptions(given: ValueObject, statement: string, refuse: RefuseOption): GraphOptions {
  const options = read(GRAPH, given, statement, refuse);
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
