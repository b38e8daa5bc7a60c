/**
 * How bodies of a media type become values and values bodies. A service may add types of its own; the built-in ones are text, JSON and
 * forms.
 */
import { parse as parseForm, stringify as printForm, type ParsedUrlQueryInput } from 'node:querystring';
import { mimeTypes, typeIs, type MediaType } from './libraries.ts';

export interface BodyType {
  readonly fromClient?: ((body: unknown, req: never, type: MediaType) => unknown) | undefined;
  /** The body, or `{headers, data}`. */
  readonly forClient?: ((body: unknown, res: never, type: MediaType) => unknown) | undefined;
}

/** A media type, a pattern, or a predicate on one. */
export type TypeName = string | RegExp | ((type: string) => boolean);
export type BodyTypes = Map<TypeName, BodyType>;

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** New for each service, which may add to it. In development JSON is made for reading. */
export function createBodyTypes({ isDevelopment }: { readonly isDevelopment: boolean }): BodyTypes {
  return new Map<TypeName, BodyType>([
    [
      'text/plain',
      {
        fromClient: (body, _, type) => decode(body, type),
        forClient: (body) => ({ data: String(body), headers: { 'content-type': 'text/plain; charset=utf-8' } }),
      },
    ],
    [
      'application/json',
      {
        fromClient: (body, _, type) => {
          const text = decode(body, type);
          return text === '' ? undefined : typeof text === 'string' ? JSON.parse(text) : text;
        },
        forClient: (body) => ({
          data: isDevelopment ? JSON.stringify(body, null, 2) : JSON.stringify(body),
          headers: { 'content-type': JSON_CONTENT_TYPE },
        }),
      },
    ],
    [
      FORM_TYPE,
      {
        fromClient: (body, _, type) => {
          const text = decode(body, type);
          return typeof text === 'string' ? { ...parseForm(text) } : text;
        },
        forClient: (body) => ({ data: printForm(body as ParsedUrlQueryInput), headers: { 'content-type': FORM_TYPE } }),
      },
    ],
  ]);
}

/** The handler of a type for one direction, with the name that it was registered under. */
export function findBodyType(
  types: BodyTypes,
  type: string,
  direction: keyof BodyType,
): { readonly name: TypeName; readonly handler: BodyType } | undefined {
  for (const [name, handler] of types) {
    if (handler[direction] !== undefined && matches(name, type)) return { name, handler };
  }
  return undefined;
}

function matches(name: TypeName, type: string): boolean {
  if (name instanceof RegExp) return name.test(type);
  if (typeof name === 'function') return name(type);
  if (name === type) return true;
  // `application/vnd.api+json` is JSON.
  if (type.includes('+')) return name === `application/${type.slice(type.lastIndexOf('+') + 1)}`;
  return PATTERN.test(name) && typeIs().is(type, name) !== false;
}

/** Names of types that stand for several: `text/*`, `+xml`, `urlencoded`. */
const PATTERN = /\*|^[^/]*$/;

function decode(body: unknown, type: MediaType): unknown {
  if (!Buffer.isBuffer(body)) return body;
  const charset = type.parameters['charset']?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8' || charset === 'utf8') return body.toString('utf8');
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8'); // a charset that nobody knows
  }
}

/** The media type that a name, a file extension or a type stands for. */
export function lookupType(name: string): string {
  return mimeTypes().lookup(name) || name;
}
