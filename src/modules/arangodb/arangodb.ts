/** `require('@arangodb')`. */
import { format, inspect } from 'node:util';
import { clock, isArangoError } from '#base';
import type { Environment } from '../environment.ts';
import { mimeTypes } from '../foxx/libraries.ts';
import { aql, isAqlQuery, isAqlSource } from './aql-tag.ts';
import { ArangoCollection } from './collection.ts';
import { ArangoQueryCursor } from './cursor.ts';
import { ArangoDatabase } from './db.ts';
import { errors, ServiceArangoError } from './errors.ts';
import { ArangoStatement } from './statement.ts';

export function createArangodb(environment: Environment): object {
  const { db, console } = environment;
  return {
    db,
    aql,
    aqlQuery: aql,
    query: queryTag(db),
    errors,
    ArangoError: ServiceArangoError,
    isArangoError,
    isArangoCollection: (value: unknown) => value instanceof ArangoCollection,
    isGeneratedAqlQuery: isAqlQuery,
    isAqlLiteral: isAqlSource,
    ArangoCollection,
    ArangoDatabase,
    ArangoStatement,
    ArangoQueryCursor,
    /** Seconds since 1970. */
    time: () => clock.now() / 1000,
    print: (...values: readonly unknown[]) => environment.print(...values),
    printf: (...values: readonly unknown[]) => console.log(format(...values)),
    sprintf: format,
    inspect,
    guessContentType: (path: string, otherwise = 'text/plain; charset=utf-8') =>
      mimeTypes().contentType(path.slice(path.lastIndexOf('/') + 1)) || otherwise,
    normalizeURL: (url: string) => new URL(url, 'http://localhost').pathname,
    stringPadding: (text: string, length: number, padding = ' ', side = 'r') =>
      side === 'l' ? text.padStart(length, padding) : text.padEnd(length, padding),
  };
}

type QueryResult = ReturnType<ArangoDatabase['_query']>;

/** The tag `query`: runs what it is put before. Called with options, it is a tag that has them. */
function queryTag(db: ArangoDatabase): (first: readonly string[] | object, ...args: readonly unknown[]) => unknown {
  const run = (options: object | undefined, strings: readonly string[], args: readonly unknown[]): QueryResult =>
    db._query(aql(strings, ...args), options);
  return (first, ...args) => {
    if (Array.isArray(first)) return run(undefined, first as readonly string[], args);
    return (strings: readonly string[], ...values: readonly unknown[]) => run(first, strings, values);
  };
}
