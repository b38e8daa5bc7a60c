/**
 * /_api/import: many documents in one request, as lines of JSON, as one JSON array, or as a table whose first line names the attributes.
 *
 * An element that cannot be imported is counted and the others go on, unless `complete` asks for all or nothing.
 */
import { ArangoError, findErrorName, type HttpAnswer } from '#base';
import type { Collection, ElementError, InsertOptions } from '#database';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { parseJson } from '../json.ts';
import { answerJson } from '../respond.ts';
import { post, type ApiRequest, type Route } from '../routes.ts';

export const importApi: readonly Route[] = [
  post('/_api/import', 'write', (request) => {
    const { database, query } = request;
    const name = query.find('collection');
    if (name === undefined || name === '')
      throw new ArangoError('ERROR_ARANGO_COLLECTION_PARAMETER_MISSING', {
        message: "'collection' is missing, expecting /_api/import?collection=<identifier>",
      });
    const collection = database.getCollection(name);
    const plan = planOf(request);
    const rows = rowsOf(request.text(), query.find('type'), { ignoreMissing: query.flag('ignoreMissing') });
    const isComplete = query.flag('complete');
    const run = (): Outcome => {
      if (query.flag('overwrite')) collection.truncate();
      return insertRows(collection, rows, plan, isComplete);
    };
    const outcome = isComplete ? database.executeTransaction({ collections: { exclusive: [name] } }, run) : run();
    return { ...answer(outcome, query.flag('details')), isDurable: plan.options.waitForSync === true || collection.waitsForSync };
  }),
];

type OnDuplicate = 'error' | 'update' | 'replace' | 'ignore';

interface Plan {
  readonly onDuplicate: OnDuplicate;
  readonly options: InsertOptions;
  readonly prefixes: Readonly<Record<'_from' | '_to', string | undefined>>;
  readonly replacesPrefix: boolean;
}

/** A line or element: a document, nothing, or what is wrong with it. */
type Row = { readonly document: Value } | 'empty' | { readonly failure: string };

interface Outcome {
  readonly created: number;
  readonly errors: number;
  readonly empty: number;
  readonly updated: number;
  readonly ignored: number;
  readonly details: readonly string[];
}

function planOf({ query }: ApiRequest): Plan {
  const onDuplicate = query.find('onDuplicate') ?? 'error';
  if (onDuplicate !== 'error' && onDuplicate !== 'update' && onDuplicate !== 'replace' && onDuplicate !== 'ignore')
    throw new ArangoError('ERROR_BAD_PARAMETER', {
      message: `query parameter "onDuplicate" must be error, update, replace or ignore and is "${onDuplicate}"`,
    });
  const overwriteMode = onDuplicate === 'update' || onDuplicate === 'replace' ? onDuplicate : 'conflict';
  return {
    onDuplicate,
    options: { overwriteMode, waitForSync: query.flag('waitForSync') },
    prefixes: { _from: prefix(query.find('fromPrefix')), _to: prefix(query.find('toPrefix')) },
    replacesPrefix: query.flag('overwriteCollectionPrefix'),
  };
}

function prefix(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return text.endsWith('/') ? text : `${text}/`;
}

function rowsOf(text: string, type: string | undefined, options: TableOptions): readonly Row[] {
  switch (type) {
    case undefined:
    case '':
      return tableRows(text, options);
    case 'documents':
      return linesOf(text).map(documentOfLine);
    case 'list':
    case 'array':
      return listRows(text);
    case 'auto':
      return text.trimStart().startsWith('[') ? listRows(text) : linesOf(text).map(documentOfLine);
    default:
      throw new ArangoError('ERROR_BAD_PARAMETER', {
        message: `invalid value for 'type': expecting documents, list, array or auto, found "${type}"`,
      });
  }
}

function listRows(text: string): readonly Row[] {
  const list = text.trim() === '' ? undefined : (parse(text) ?? parseJson(text));
  if (list === undefined || !isArray(list))
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expecting a JSON array in the request' });
  return list.map((document) => ({ document }));
}

/** The end of the last line begins no other. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function documentOfLine(line: string): Row {
  if (line === '') return 'empty';
  const document = parse(line);
  return document === undefined
    ? { failure: `invalid JSON type (expecting object, probably parse error), offending context: ${line}` }
    : { document };
}

interface TableOptions {
  /** Rows that are shorter or longer than the first are taken all the same, without the attributes that they lack. */
  readonly ignoreMissing: boolean;
}

function tableRows(text: string, { ignoreMissing }: TableOptions): readonly Row[] {
  const [first = '', ...lines] = linesOf(text);
  const names = parse(first);
  if (names === undefined || !isArray(names) || names.length === 0)
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', {
      message: `no JSON array found in ${lines.length === 0 ? 'second' : 'first'} line`,
    });
  if (!names.every((name) => typeof name === 'string'))
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'the first line must be an array of attribute names' });
  return lines.map((line): Row => {
    if (line === '') return 'empty';
    const values = parse(line);
    if (values === undefined || !isArray(values)) return { failure: `no valid JSON array data, offending context: ${line}` };
    if (values.length !== names.length && !ignoreMissing)
      return { failure: `wrong number of JSON values (got ${values.length}, expected ${names.length})` };
    return { document: Object.fromEntries(names.slice(0, values.length).map((name, i) => [name, values[i] ?? null])) };
  });
}

/** undefined: this is no JSON, which is one row's failure and not the request's. */
function parse(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

function insertRows(collection: Collection, rows: readonly Row[], plan: Plan, isComplete: boolean): Outcome {
  const details: string[] = [];
  const documents: ValueObject[] = [];
  let empty = 0;
  for (const [at, row] of rows.entries()) {
    const position = at + 1;
    if (row === 'empty') {
      empty++;
      continue;
    }
    const failure = 'failure' in row ? row.failure : failureOf(collection, row.document, plan);
    if (failure === undefined && 'document' in row) documents.push(withPrefixes(row.document as ValueObject, plan));
    // The manual's status for it is 500.
    else if (isComplete) throw new ArangoError('ERROR_INTERNAL', { message: `at position ${position}: ${failure}` });
    else details.push(`at position ${position}: ${failure}`);
  }
  const results = collection.insertAll(documents, plan.options);
  const counts = { created: 0, updated: 0, ignored: 0 };
  for (const [at, result] of results.entries()) {
    if (!('errorNum' in result)) {
      counts[result._oldRev === undefined ? 'created' : 'updated']++;
      continue;
    }
    if (plan.onDuplicate === 'ignore' && result.errorNum === 1210) {
      counts.ignored++;
      continue;
    }
    const failure = insertFailure(result);
    if (isComplete) throw failure;
    // These positions count from 0, and only what was to be inserted, as ArangoDB's do.
    const offending = JSON.stringify(documents[at]);
    details.push(`at position ${at}: creating document failed with error '${failure.errorMessage}', offending document: ${offending}`);
  }
  return { ...counts, empty, errors: details.length, details };
}

/** The text of a taken key is the recorded one, which names neither index nor key. */
function insertFailure({ errorNum, errorMessage }: ElementError): ArangoError {
  const name = findErrorName(errorNum) ?? 'ERROR_FAILED';
  return name === 'ERROR_ARANGO_UNIQUE_CONSTRAINT_VIOLATED' ? new ArangoError(name) : new ArangoError(name, { message: errorMessage });
}

function failureOf({ type }: Collection, document: Value, { prefixes }: Plan): string | undefined {
  if (!isObject(document)) return `invalid JSON type (expecting object), offending document: ${JSON.stringify(document)}`;
  if (type !== 3) return undefined;
  const isEnd = (name: '_from' | '_to'): boolean => {
    const value = document[name];
    return typeof value === 'string' || (typeof value === 'number' && prefixes[name] !== undefined);
  };
  if (isEnd('_from') && isEnd('_to')) return undefined;
  return `missing '_from' or '_to' attribute, offending document: ${JSON.stringify(document)}`;
}

function withPrefixes(document: ValueObject, { prefixes, replacesPrefix }: Plan): ValueObject {
  if (prefixes._from === undefined && prefixes._to === undefined) return document;
  const changed: Record<string, Value> = { ...document };
  for (const name of ['_from', '_to'] as const) {
    const given = prefixes[name];
    const value = document[name];
    if (given === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue;
    const text = String(value);
    const slash = text.indexOf('/');
    if (slash === -1) changed[name] = given + text;
    else if (replacesPrefix) changed[name] = given + text.slice(slash + 1);
  }
  return changed;
}

function answer({ created, errors, empty, updated, ignored, details }: Outcome, withDetails: boolean): HttpAnswer {
  return answerJson(201, { error: false, created, errors, empty, updated, ignored, ...(withDetails ? { details } : {}) });
}
