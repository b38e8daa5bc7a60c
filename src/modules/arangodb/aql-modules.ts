/** `@arangodb/aql/…`: user-defined functions, the explainer, the result cache. */
import { ArangoError } from '#base';
import type { ValueObject } from '#values';
import type { Environment } from '../environment.ts';
import type { ArangoCollection } from './collection.ts';
import { explainText } from './explain-text.ts';
import { forbidden } from '../policy.ts';
import { textOf } from '../text.ts';
import type { StatementData } from './statement.ts';

const NAME = /^[a-z_]\w*(::[a-z_]\w*)+$/i;

/** User-defined functions are documents in `_aqlfunctions`. */
export function createAqlFunctions({ db, loader, policy }: Environment): object {
  const store = (): ArangoCollection =>
    db._collection('_aqlfunctions') ?? db._createDocumentCollection('_aqlfunctions', { isSystem: true });
  const list = (group?: string): ValueObject[] => {
    const prefix = group === undefined ? '' : groupPrefix(group);
    return store()
      .all()
      .toArray()
      .map((one) => one as ValueObject)
      .filter(({ _key: key }) => textOf(key).startsWith(prefix))
      .map(({ name, code, isDeterministic }) => ({ name: name ?? null, code: code ?? null, isDeterministic: isDeterministic ?? false }));
  };
  return {
    /** True when the function was there before and now is another. Throws 1580 for a bad name and 1581 for what is no function. */
    register(name: string, code: unknown, isDeterministic = false): boolean {
      if (!policy.allowsUserFunctions) throw forbidden('register functions (--javascript.user-defined-functions)');
      if (!NAME.test(name)) throw new ArangoError('ERROR_QUERY_FUNCTION_INVALID_NAME', name);
      const text = `(${typeof code === 'function' ? Function.prototype.toString.call(code) : textOf(code).replace(/^\s*\(|\)\s*;?\s*$/g, '')}\n)`;
      try {
        if (typeof loader.evaluate(text, name) !== 'function') throw new TypeError('not a function');
      } catch (cause) {
        throw new ArangoError('ERROR_QUERY_FUNCTION_INVALID_CODE', undefined, { cause });
      }
      const key = name.toUpperCase();
      const wasThere = store().exists(key) !== false;
      store().insert({ _key: key, name, code: text, isDeterministic }, { overwriteMode: 'replace' });
      return wasThere;
    },

    /** Throws 1582. */
    unregister(name: string): void {
      if (!NAME.test(name)) throw new ArangoError('ERROR_QUERY_FUNCTION_INVALID_NAME', name);
      if (store().removeByKeys([name.toUpperCase()]).removed === 0) throw new ArangoError('ERROR_QUERY_FUNCTION_NOT_FOUND');
    },

    /** The number of functions that are gone. */
    unregisterGroup(group: string): number {
      if (group === '') throw new ArangoError('ERROR_QUERY_FUNCTION_INVALID_NAME', group);
      return store().removeByKeys(list(group).map(({ name }) => textOf(name).toUpperCase())).removed;
    },

    toArray: list,
  };
}

function groupPrefix(group: string): string {
  return group.toUpperCase().replace(/:*$/, '::');
}

export function createExplainer(environment: Environment): object {
  return {
    /** Prints how a query would run, or returns that. */
    explain(data: StatementData | string, options?: object, isPrinted = true): string | undefined {
      const statement = environment.db._createStatement(data);
      const text = explainText(statement.getQuery(), statement.explain(options));
      if (!isPrinted) return text;
      environment.print(text);
      return undefined;
    },
  };
}

/** Results are not cached here; the settings are kept and do nothing, as with `mode: 'off'` in ArangoDB. */
export function createAqlCache(): object {
  let properties = { mode: 'off', maxResults: 128, maxResultsSize: 268_435_456, maxEntrySize: 16_777_216, includeSystem: false };
  return {
    properties: (changes: object = {}) => {
      properties = { ...properties, ...changes, mode: 'off' };
      return properties;
    },
    clear: () => true,
    toArray: () => [],
  };
}
