/** `@arangodb/aql/…`: user-defined functions, the explainer, queries that run, the caches. */
import { writeFileSync } from 'node:fs';
import { ArangoError } from '#base';
import type { CacheProperties, TrackingProperties } from '#database';
import type { ValueObject } from '#values';
import type { Environment } from '../environment.ts';
import { forbidden } from '../policy.ts';
import { explainText, profileText } from './explainer/explain-text.ts';
import type { StatementData } from './statement.ts';

/** `require('@arangodb/aql/functions')`. */
export function createAqlFunctions({ db, policy }: Environment): object {
  const functions = (): ReturnType<typeof db._userFunctions> => db._userFunctions();
  return {
    /** True when the function was there before and now is another. Throws 1580 for a bad name and 1581 for what is no function. */
    register(name: unknown, code: unknown, isDeterministic = false): boolean {
      if (!policy.allowsUserFunctions) throw forbidden('register functions (--javascript.user-defined-functions)');
      const text = typeof code === 'function' ? Function.prototype.toString.call(code) : code;
      if (typeof text !== 'string') throw new ArangoError('ERROR_QUERY_FUNCTION_INVALID_CODE');
      return !functions().register({ name: String(name), code: text, isDeterministic });
    },

    /** Throws 1582. */
    unregister(name: unknown): boolean {
      functions().unregister(String(name));
      return true;
    },

    /** The number of functions that are gone. */
    unregisterGroup: (group: unknown): number => functions().unregisterGroup(typeof group === 'string' ? group : ''),

    toArray: (group?: string): readonly ValueObject[] => functions().list(group),
  };
}

/** `require('@arangodb/aql/queries')`. */
export function createAqlQueries({ db }: Environment): object {
  type Extent = { readonly all?: boolean } | undefined;
  return {
    properties: (changes?: Partial<TrackingProperties>) =>
      changes === undefined ? db._queries().properties : db._queries().change(changes),
    current: (extent?: Extent) => db._queries().current(extent),
    slow: (extent?: Extent) => db._queries().slow(extent),
    clearSlow: (extent?: Extent) => db._queries().clearSlow(extent),
    /** Throws 1591. */
    kill: (query: unknown) => db._queries().kill(String(typeof query === 'object' && query !== null && 'id' in query ? query.id : query)),
  };
}

/** `require('@arangodb/aql/cache')`. */
export function createAqlCache({ db }: Environment): object {
  return {
    properties: (changes?: Partial<CacheProperties>) =>
      changes === undefined ? db._queries().cacheProperties : db._queries().changeCache(changes),
    clear: () => db._queries().clearCache(),
    toArray: () => db._queries().cachedResults(),
  };
}

/** `require('@arangodb/aql/plan-cache')`. */
export function createAqlPlanCache({ db }: Environment): object {
  return {
    clear: () => db._queries().clearPlans(),
    toArray: () => db._queries().cachedPlans(),
  };
}

/** `require('@arangodb/aql/explainer')`. */
export function createExplainer(environment: Environment): object {
  const { db } = environment;
  const put = (text: string, isPrinted: boolean): string | undefined => {
    if (!isPrinted) return text;
    environment.print(text);
    return undefined;
  };
  return {
    /** Prints how a query would run, or returns that. */
    explain(data: StatementData | string, options?: object, isPrinted = true): string | undefined {
      const statement = db._createStatement(data);
      return put(
        explainText(statement.getQuery(), statement.explain({ ...statement.getOptions(), ...options, verbosePlans: true })),
        isPrinted,
      );
    },

    /** Runs a query, and prints how it ran. */
    profileQuery(data: StatementData | string, isPrinted = true): string | undefined {
      const statement = db._createStatement(data);
      statement.setOptions({ ...statement.getOptions(), profile: 2 });
      const cursor = statement.execute();
      return put(profileText(statement.getQuery(), cursor.getExtra(), cursor.planCacheKey), isPrinted);
    },

    /** All that somebody else needs to look at a query, as an object. */
    inspect: (query: string, bindVars?: object, options?: object): string => debugText(environment, query, bindVars, options),

    /** The same, written to a file. */
    debugDump(path: string, query: string, bindVars?: object, options?: object): void {
      writeFileSync(path, debugText(environment, query, bindVars, options));
      environment.print(`stored query debug information in file '${path}'`);
    },
  };
}

/** The query, its plan, and the definitions of the collections that it touches. */
function debugText({ db }: Environment, query: string, bindVars: object = {}, options: object = {}): string {
  const statement = db._createStatement({ query, bindVars, options });
  const explained = statement.explain({ ...options, verbosePlans: true });
  const plan = explained['plan'] as ValueObject | undefined;
  const names = ((plan?.['collections'] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);
  const collections = names.map((name) => {
    const collection = db._collection(name);
    return [name, { type: collection?.type() ?? null, count: collection?.count() ?? null, indexes: collection?.getIndexes() ?? [] }];
  });
  const content = {
    version: db._version(true),
    query: { query, bindVars, options },
    explain: explained,
    collections: Object.fromEntries(collections) as object,
  };
  return JSON.stringify(content, undefined, 2);
}
