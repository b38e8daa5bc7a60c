/**
 * Evaluates AQL expressions of literals, bind parameters and function calls, so that functions can be tested without the compiler:
 * their examples, and the recorded queries that need no more. What goes beyond is refused with `Unsupported`.
 */
import assert from 'node:assert/strict';
import { ArangoError, type ErrorName } from '#base';
import { DocumentView, encodeDocument, isArray, isObject, plain, toBool, toNumber, toText, type Value, type ValueObject } from '#values';
import type { FunctionContext } from './context.ts';
import { callFunction } from './define.ts';
import { findFunction } from './registry.ts';

export class Unsupported extends Error {}

/** A context without a database behind it, that remembers the warnings. */
export function testContext(documents: Readonly<Record<string, readonly ValueObject[]>> = {}): FunctionContext & {
  readonly warnings: (readonly [error: ErrorName, message: string])[];
} {
  const warnings: (readonly [ErrorName, string])[] = [];
  const rows = (collection: string): readonly ValueObject[] => {
    const found = documents[collection];
    if (found === undefined) throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', collection);
    return found;
  };
  return {
    warnings,
    database: '_system',
    user: undefined,
    warn: (error, message) => warnings.push([error, message]),
    checkKilled: () => undefined,
    random: () => 0.5,
    callUserFunction: (name) => {
      throw new ArangoError('ERROR_QUERY_FUNCTION_NOT_FOUND', name);
    },
    documents: {
      collections: () => Object.keys(documents).map((name, i) => ({ name, id: String(i + 1) })),
      find: (collection, key) => {
        const row = documents[collection]?.find(({ _key }) => _key === key);
        return row === undefined ? undefined : asView(collection, row);
      },
      count: (collection) => rows(collection).length,
      all: (collection) => rows(collection).map((row) => asView(collection, row)),
      indexes: () => [],
      schema: () => null,
    },
  };
}

function asView(collection: string, row: ValueObject): DocumentView {
  const bytes = encodeDocument(1n, row);
  return new DocumentView(bytes, 0, bytes.length, collection);
}

type Token = readonly [type: 'number' | 'string' | 'name' | 'bind' | 'sign', text: string];

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[^]*?\*\/|(?<number>0x[0-9a-f]+|(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?(?!\w))|(?<string>"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')|(?<name>[a-z_]\w*(?:::\w+)*)|@(?<bind>\w+)|(?<sign>\.\.|[-+[\](){}.,:])/giy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw new Unsupported(`character ${text.charAt(at)} in ${text}`);
    const [type, found] = Object.entries(groups).find(([, each]) => each !== undefined) ?? [];
    if (type !== undefined && found !== undefined) tokens.push([type as Token[0], found]);
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(u[0-9a-f]{4}|[^])/gi, (_, escaped: string) =>
      escaped.length === 5 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : (ESCAPES[escaped] ?? escaped),
    );
}

/** `text` may begin with RETURN. */
export function evaluate(text: string, bindVars: ValueObject, context: FunctionContext): Value {
  const tokens = tokenize(text);
  let position = 0;
  const next = (): Token => tokens[position++] ?? ['sign', 'end'];
  const peek = (): string => tokens[position]?.[1] ?? 'end';
  const takes = (sign: string): boolean => {
    if (peek() !== sign || tokens[position]?.[0] !== 'sign') return false;
    position++;
    return true;
  };
  const expect = (sign: string): void => {
    if (!takes(sign)) throw new Unsupported(`${peek()} instead of ${sign} in ${text}`);
  };
  const listUntil = (end: string): Value[] => {
    const list: Value[] = [];
    while (!takes(end)) {
      list.push(expression());
      if (!takes(',')) {
        expect(end);
        break;
      }
    }
    return list;
  };

  function expression(): Value {
    const from = operand();
    if (!takes('..')) return from;
    const [start, end] = [Math.trunc(toNumber(from)), Math.trunc(toNumber(operand()))];
    return Array.from({ length: Math.abs(end - start) + 1 }, (_, i) => (start <= end ? start + i : start - i));
  }

  function operand(): Value {
    let value = primary();
    for (;;) {
      if (takes('.')) value = isObject(value) ? (value[next()[1]] ?? null) : (next(), null);
      else if (takes('[')) {
        const index = expression();
        expect(']');
        value = isArray(value) ? (value.at(toNumber(index)) ?? null) : isObject(value) ? (value[toText(index)] ?? null) : null;
      } else return value;
    }
  }

  function primary(): Value {
    const [type, token] = next();
    switch (type) {
      case 'number':
        return Number(token);
      case 'string':
        return unquote(token);
      case 'bind':
        return bindVars[token] ?? null;
      case 'name':
        return named(token);
      case 'sign':
        if (token === '-') return -toNumber(operand());
        if (token === '+') return toNumber(operand());
        if (token === '[') return listUntil(']');
        if (token === '{') return objectLiteral();
        if (token === '(') {
          const value = expression();
          expect(')');
          return value;
        }
        throw new Unsupported(`${token} in ${text}`);
    }
  }

  function objectLiteral(): Value {
    const object: Record<string, Value> = {};
    while (!takes('}')) {
      const [type, token] = next();
      if (type !== 'name' && type !== 'string') throw new Unsupported(`${token} as a name in ${text}`);
      expect(':');
      object[type === 'string' ? unquote(token) : token] = expression();
      if (!takes(',')) {
        expect('}');
        break;
      }
    }
    return object;
  }

  function named(name: string): Value {
    const word = name.toLowerCase();
    if (word === 'null') return null;
    if (word === 'true' || word === 'false') return word === 'true';
    if (!takes('(')) throw new Unsupported(`name ${name} in ${text}`);
    const definition = findFunction(name);
    const inputs = listUntil(')');
    if (definition === undefined) throw new ArangoError('ERROR_QUERY_FUNCTION_NAME_UNKNOWN', name);
    if (inputs.length < definition.minArguments || inputs.length > definition.maxArguments) {
      throw new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_NUMBER_MISMATCH', name);
    }
    return plain(callFunction(definition, inputs, context));
  }

  if (peek().toUpperCase() === 'RETURN') position++;
  const result = expression();
  if (position < tokens.length) throw new Unsupported(`${peek()} in ${text}`);
  assert(result !== undefined, `${text} is undefined`);
  return result;
}

/** What jsunity takes for equal: strings that look like a number and that number, objects in any order of their attributes. */
export function looselyEqual(left: Value, right: Value, tolerance = 0): boolean {
  if (isArray(left) || isArray(right)) {
    return (
      isArray(left) &&
      isArray(right) &&
      left.length === right.length &&
      left.every((each, i) => looselyEqual(each, right[i] ?? null, tolerance))
    );
  }
  if (isObject(left) || isObject(right)) {
    if (!isObject(left) || !isObject(right)) return false;
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => name in right && looselyEqual(left[name] ?? null, right[name] ?? null, tolerance))
    );
  }
  if (typeof left === 'number' && typeof right === 'number') return Math.abs(left - right) <= tolerance || left === right;
  return typeof left === typeof right || toBool(left) === toBool(right) ? String(left) === String(right) : false;
}
