/** Services that the server makes itself, of a template and a few words: what the templates ask for, and the bundle that comes of it. */
import type Semver from 'semver';
import { ArangoError, lazily, requirePackage } from '#base';
import { filesOf } from '#offers';
import type { Value, ValueObject } from '#values';
import { packFiles } from './bundle.ts';

const semver = lazily(() => requirePackage('semver') as typeof Semver);

interface TemplateField {
  readonly name: FieldName;
  readonly title: string;
  readonly type: 'string' | 'strings';
  readonly isRequired: boolean;
  readonly default: string | readonly string[];
}

type FieldName = 'name' | 'version' | 'author' | 'description' | 'license' | 'documentCollections' | 'edgeCollections';

/** What `GET /_api/foxx/templates` tells. */
export interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly fields: readonly TemplateField[];
}

const WORDS: readonly TemplateField[] = [
  { name: 'name', title: 'Name', type: 'string', isRequired: true, default: '' },
  { name: 'version', title: 'Version', type: 'string', isRequired: false, default: '0.0.1' },
  { name: 'author', title: 'Author', type: 'string', isRequired: false, default: '' },
  { name: 'description', title: 'Description', type: 'string', isRequired: false, default: '' },
  { name: 'license', title: 'License', type: 'string', isRequired: false, default: '' },
];

export const TEMPLATES: readonly Template[] = [
  {
    name: 'collections',
    title: 'Collections with routes',
    description:
      'Makes collections of its own, with routes that list, create, read, replace, change and remove their documents, and a test for each.',
    fields: [
      ...WORDS,
      { name: 'documentCollections', title: 'Document collections', type: 'strings', isRequired: false, default: [] },
      { name: 'edgeCollections', title: 'Edge collections', type: 'strings', isRequired: false, default: [] },
    ],
  },
  { name: 'hello', title: 'Hello', description: 'One route that says hello, to begin with.', fields: WORDS },
];

const LONGEST_WORD = 1000;
const MOST_COLLECTIONS = 100;

/** Becomes names of files and text of programs, so it has nothing in it that means something there. */
const COLLECTION_NAME = /^[a-z_][\w-]{0,99}$/i;
const SERVICE_NAME = /^[a-z_][\w-]{0,99}$/i;

/** Throws 400 for an unknown template and for words that cannot be. */
export function bundleOfTemplate(name: string, given: ValueObject): Uint8Array {
  const template = TEMPLATES.find((one) => one.name === name);
  if (template === undefined)
    throw bad(`there is no template "${name}": there are ${TEMPLATES.map((one) => `"${one.name}"`).join(' and ')}`);
  const unknown = Object.keys(given).find((key) => template.fields.every((field) => field.name !== key));
  if (unknown !== undefined) throw bad(`the template "${name}" does not ask for "${unknown}"`);
  const words = Object.fromEntries(WORDS.map((field) => [field.name, word(field, given[field.name])]));
  const { name: service = '', version = '' } = words;
  if (!SERVICE_NAME.test(service)) throw bad(`"name" must be letters, digits, _ and -, and is "${service}"`);
  if (semver().valid(version) === null) throw bad(`"version" must be like 1.2.3 and is "${version}"`);
  const documentCollections = collections('documentCollections', given['documentCollections']);
  const edgeCollections = collections('edgeCollections', given['edgeCollections']);
  const all = [...documentCollections, ...edgeCollections];
  if (new Set(all.map((one) => one.toLowerCase())).size < all.length) throw bad('each collection needs a name of its own');
  const files = filesOf({
    name: service,
    version,
    engines: '^3.0.0',
    ...optional('author', words),
    ...optional('description', words),
    ...optional('license', words),
    documentCollections,
    edgeCollections,
    hasRoutes: template.name === 'collections',
    hasTests: true,
    isExample: template.name === 'hello',
  });
  return packFiles(new Map(files));
}

function optional(
  name: 'author' | 'description' | 'license',
  words: Readonly<Record<string, string>>,
): Partial<Record<typeof name, string>> {
  return words[name] === undefined || words[name] === '' ? {} : { [name]: words[name] };
}

function word({ name, default: otherwise }: TemplateField, value: Value = String(otherwise)): string {
  if (typeof value !== 'string' || value.length > LONGEST_WORD) throw bad(`"${name}" must be text of at most ${LONGEST_WORD} characters`);
  return value.trim();
}

function collections(name: FieldName, value: Value = []): readonly string[] {
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string' && COLLECTION_NAME.test(one));
  if (!isList || value.length > MOST_COLLECTIONS)
    throw bad(`"${name}" must be a list of at most ${MOST_COLLECTIONS} names of letters, digits, _ and -`);
  return value as string[];
}

function bad(detail: string): ArangoError {
  return new ArangoError('ERROR_HTTP_BAD_PARAMETER', detail);
}
