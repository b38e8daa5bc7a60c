/**
 * The npm packages that the framework itself is made of, typed as far as it uses them. Each is loaded when it is first needed: a
 * thread whose services declare no schema never loads joi.
 */
import type { AnySchema, ArraySchema, ObjectSchema } from 'joi';
import { loadPackage } from '../loader/bundled.ts';

export type JoiSchema = AnySchema;

interface Joi {
  object(): ObjectSchema;
  array(): ArraySchema;
  string(): JoiSchema;
  number(): JoiSchema & { integer(): JoiSchema };
  allow(value: unknown): JoiSchema;
}

/** An error with a status, as `http-errors` makes them and as services throw them. */
export interface HttpError extends Error {
  status: number;
  statusCode: number;
  errorNum?: number;
  extra?: unknown;
  methods?: readonly string[];
}

interface Statuses {
  (status: string | number): number;
  readonly [status: number]: string | undefined;
}

interface MimeTypes {
  lookup(nameOrExtension: string): string | false;
  contentType(type: string): string | false;
}

export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly suffix?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

interface MediaTyper {
  parse(text: string): MediaType;
  format(type: { readonly type: string; readonly subtype: string; readonly suffix?: string | undefined }): string;
}

interface TypeIs {
  (request: { readonly headers: Readonly<Record<string, string>> }, types: readonly string[]): string | false;
  is(type: string, types: string | readonly string[]): string | false;
}

interface Accepts {
  types(types: readonly string[]): string | false | string[];
  charsets(charsets: readonly string[]): string | false | string[];
  encodings(encodings: readonly string[]): string | false | string[];
  languages(languages: readonly string[]): string | false | string[];
}

const lazily = <Library>(load: () => Library): (() => Library) => {
  let library: { readonly exports: Library } | undefined;
  return () => (library ??= { exports: load() }).exports;
};

type HeaderLibrary<Result> = (request: { readonly headers: Readonly<Record<string, string>> }) => Result;
type Ranges = -1 | -2 | (readonly { readonly start: number; readonly end: number }[] & { type: string });

export const joi = lazily(() => loadPackage('joi') as Joi);
export const statuses = lazily(() => loadPackage('statuses') as Statuses);
export const mimeTypes = lazily(() => loadPackage('mime-types') as MimeTypes);
export const mediaTyper = lazily(() => loadPackage('media-typer') as MediaTyper);
export const typeIs = lazily(() => loadPackage('type-is') as TypeIs);
export const httpErrors = lazily(() => loadPackage('http-errors') as (status: number, ...details: readonly unknown[]) => HttpError);
export const accepts = lazily(() => loadPackage('accepts') as HeaderLibrary<Accepts>);
export const rangeParser = lazily(() => loadPackage('range-parser') as (size: number, header: string) => Ranges);
export const vary = lazily(() => loadPackage('vary') as { append(header: string, field: string | readonly string[]): string });
export const contentDisposition = lazily(() => loadPackage('content-disposition') as (name?: string) => string);
