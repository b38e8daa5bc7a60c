/**
 * AQL functions that users wrote in JavaScript: documents in `_aqlfunctions`, called by queries of the same database.
 *
 * A query reads a function's code from its own snapshot when it first calls it, so a change counts for all threads from the next query on;
 * what the code compiles to is kept by its text.
 */
import { ArangoError, isArangoError } from '#base';
import type { CollectionDefinition } from '#catalog';
import type { DocumentTransaction } from '#documents';
import { toText, type Value, type ValueObject } from '#values';
import { Collection } from './collection.ts';
import type { CompiledFunction, WarnQuery } from './compiled-function.ts';
import type { DatabaseContext } from './context.ts';
import { forEachDocument } from './measures.ts';
import type { Scope } from './scope.ts';

const COLLECTION = '_aqlfunctions';
/** At least one `::`; names that begin with an underscore are AQL's own. */
const NAME = /^[a-z0-9]\w*(?:::\w+)+$/i;
const NAMESPACE = /^[a-z0-9]\w*(?:::\w+)*(?:::)?$/i;

export class UserFunctions {
  readonly #context: DatabaseContext;
  readonly #scope: Scope;

  constructor(context: DatabaseContext, scope: Scope) {
    this.#context = context;
    this.#scope = scope;
  }

  /** All, or those whose names begin with the namespace: `name`, `code` and `isDeterministic`. */
  list(namespace = ''): readonly ValueObject[] {
    const prefix = prefixOf(namespace);
    return this.#context.store.read((transaction) => {
      const collection = transaction.catalog.getDatabase(this.#scope.databaseName).findCollection(COLLECTION);
      const found = collection === undefined ? [] : documentsOf(transaction, collection);
      return found
        .filter(({ _key: key = '' }) => toText(key).startsWith(prefix))
        .map(({ name = '', code = '', isDeterministic = false }) => ({ name, code, isDeterministic }));
    });
  }

  /** False: it was there before and now is another. Throws 1580 for a bad name and 1581 for what is no function. */
  register({
    name,
    code,
    isDeterministic = false,
  }: {
    readonly name: string;
    readonly code: string;
    readonly isDeterministic?: boolean;
  }): boolean {
    if (!NAME.test(name)) throw invalidName(name);
    try {
      this.#context.compileFunction(this.#scope.databaseName, name, code);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new ArangoError('ERROR_QUERY_FUNCTION_INVALID_CODE', detail, { cause });
    }
    const store = this.#store();
    const key = name.toUpperCase();
    const wasThere = store.exists(key) !== undefined;
    store.insert({ _key: key, name, code, isDeterministic }, { overwriteMode: 'replace' });
    return !wasThere;
  }

  /** Throws 1580 and 1582. */
  unregister(name: string): void {
    if (!NAME.test(name)) throw invalidName(name);
    try {
      this.#store().remove(name.toUpperCase());
    } catch (error) {
      if (!isArangoError(error) || error.errorNum !== 1202) throw error;
      throw new ArangoError(
        'ERROR_QUERY_FUNCTION_NOT_FOUND',
        { message: `no AQL user function with name '${name}' found` },
        { cause: error },
      );
    }
  }

  /** The number of functions that are gone. */
  unregisterGroup(namespace: string): number {
    if (!NAMESPACE.test(namespace)) throw invalidName(namespace);
    const keys = this.list(namespace).map(({ name = '' }) => toText(name).toUpperCase());
    if (keys.length > 0) this.#store().removeAll(keys);
    return keys.length;
  }

  /** The server's own access to the collection, for whoever may write to the database. */
  #store(): Collection {
    const { access, store } = this.#context;
    const { databaseName } = this.#scope;
    access.checkDatabase(this.#scope, 'rw');
    const definition = store.catalog().getDatabase(databaseName).getCollection(COLLECTION);
    return new Collection(this.#context, { databaseName, user: undefined }, definition);
  }
}

/** Calls user functions for one query. */
export class UserFunctionCalls {
  readonly #context: DatabaseContext;
  readonly #databaseName: string;
  readonly #transaction: DocumentTransaction;
  #known: Map<string, CompiledFunction> | undefined;

  constructor(context: DatabaseContext, databaseName: string, transaction: DocumentTransaction) {
    this.#context = context;
    this.#databaseName = databaseName;
    this.#transaction = transaction;
  }

  /** Throws 1582, and 1583 for whatever the function throws. */
  call(name: string, inputs: readonly Value[], warn: WarnQuery): Value {
    const key = name.toUpperCase();
    const known = (this.#known ??= new Map());
    let compiled = known.get(key);
    if (compiled === undefined) {
      compiled = this.#compile(key);
      known.set(key, compiled);
    }
    try {
      return plainResult(compiled({ name: key }, inputs, warn));
    } catch (error) {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const { message } = new ArangoError('ERROR_QUERY_FUNCTION_RUNTIME_ERROR');
      throw new ArangoError(
        'ERROR_QUERY_FUNCTION_RUNTIME_ERROR',
        { message: `in function '${key}()': ${message.replace('%s', () => detail)}` },
        { cause: error },
      );
    }
  }

  #compile(key: string): CompiledFunction {
    const collection = this.#transaction.catalog.getDatabase(this.#databaseName).findCollection(COLLECTION);
    const found = collection === undefined ? undefined : this.#transaction.find(collection, key)?.toObject();
    if (found === undefined) throw new ArangoError('ERROR_QUERY_FUNCTION_NOT_FOUND', { message: `user function '${key}()' not found` });
    return this.#context.compileFunction(this.#databaseName, key, toText(found['code'] ?? null));
  }
}

const invalidName = (name: string): ArangoError => new ArangoError('ERROR_QUERY_FUNCTION_INVALID_NAME', `'${name}'`);

/** Whole names only: `a::b` is not the namespace of `a::bc::d`. */
function prefixOf(namespace: string): string {
  return namespace === '' ? '' : namespace.toUpperCase().replace(/:*$/, '::');
}

function documentsOf(transaction: DocumentTransaction, collection: CollectionDefinition): readonly ValueObject[] {
  const documents: ValueObject[] = [];
  forEachDocument(transaction, collection, (document) => void documents.push(document.toObject()));
  return documents.toSorted((left, right) => (toText(left['_key'] ?? null) < toText(right['_key'] ?? null) ? -1 : 1));
}

/** Whatever the code returned, as a value of AQL: undefined, functions and numbers that JSON lacks are null. */
function plainResult(result: unknown): Value {
  if (result === undefined || result === null || typeof result === 'function' || typeof result === 'symbol') return null;
  if (typeof result === 'number') return Number.isFinite(result) ? result : null;
  if (typeof result === 'string' || typeof result === 'boolean') return result;
  const text: string | undefined = JSON.stringify(result, (_, member: unknown) => (typeof member === 'bigint' ? Number(member) : member));
  return text === undefined ? null : (JSON.parse(text) as Value);
}
