/** Analyzers: those that ArangoDB brings along, and those that users defined, which are documents in `_analyzers`, by name. What they do is `aql`'s. */
import { ArangoError } from '#base';
import { equalValues, isObject, type Value, type ValueObject } from '#values';
import type { Collection } from './collection.ts';
import type { Database } from './database.ts';

export interface AnalyzerDescription {
  /** With the database's name before it, unless it came along. */
  readonly name: string;
  readonly type: string;
  readonly properties: ValueObject;
  readonly features: readonly Value[];
}

const FEATURES = ['frequency', 'norm', 'position'];
const LANGUAGES = ['de', 'en', 'es', 'fi', 'fr', 'it', 'nl', 'no', 'pt', 'ru', 'sv', 'zh'];

const BUILT_IN: readonly AnalyzerDescription[] = [
  { name: 'identity', type: 'identity', properties: {}, features: ['frequency', 'norm'] },
  ...LANGUAGES.map((locale) => ({
    name: `text_${locale}`,
    type: 'text',
    properties: { locale, case: 'lower', stopwords: [], accent: false, stemming: true },
    features: FEATURES,
  })),
];

/** Types of ArangoDB; those that functions of AQL can use are fewer. */
const TYPES = new Set(
  (
    'identity delimiter multi_delimiter stem norm ngram text aql pipeline stopwords collation segmentation minhash classification ' +
    'nearest_neighbors geojson geo_s2 geopoint wildcard'
  ).split(' '),
);
const NAME = /^[a-z][\w-]{0,253}$/i;

/** The analyzers of a database. Names may be preceded by the database's name and `::`. */
export class Analyzers {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that came along, and then those of users, by name. */
  list(): AnalyzerDescription[] {
    if (this.#database.findCollection('_analyzers') === undefined) return [...BUILT_IN];
    const stored = this.#database.query({ query: 'FOR a IN _analyzers SORT a._key RETURN a' }).toArray().filter(isObject);
    return [...BUILT_IN, ...stored.map((document) => this.#describe(document))];
  }

  find(name: string): AnalyzerDescription | undefined {
    const local = this.#localName(name);
    const builtIn = BUILT_IN.find((analyzer) => analyzer.name === local);
    if (builtIn !== undefined || local === undefined) return builtIn;
    const collection = this.#database.findCollection('_analyzers');
    return collection?.exists({ _key: local }) === undefined ? undefined : this.#describe(collection.document({ _key: local }));
  }

  /** Throws 1202. */
  get(name: string): AnalyzerDescription {
    const found = this.find(name);
    if (found === undefined) throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND', { message: `unable to find analyzer '${name}'` });
    return found;
  }

  /** Throws 10 for a bad name, an unknown type, and a name that another analyzer has. */
  save({ name, type, properties, features }: AnalyzerDescription): { readonly analyzer: AnalyzerDescription; readonly isNew: boolean } {
    const local = this.#localName(name);
    if (local === undefined || !NAME.test(local))
      throw new ArangoError('ERROR_BAD_PARAMETER', `invalid characters in analyzer name '${local ?? ''}'`);
    if (!TYPES.has(type)) throw new ArangoError('ERROR_BAD_PARAMETER', `there is no analyzer of type '${type}'`);
    const present = this.find(local);
    if (present === undefined) {
      const wanted = { name: local, type, properties, features };
      this.#collection().insert({ _key: local, ...wanted });
      return { analyzer: this.#describe(wanted), isNew: true };
    }
    const isSame = present.type === type && equalValues(present.properties, properties) && equalValues(present.features, features);
    if (!isSame) throw new ArangoError('ERROR_BAD_PARAMETER', `the analyzer '${local}' is there with other properties`);
    return { analyzer: present, isNew: false };
  }

  /** Gives the name with the database's. Throws 1202, and 11 for one that came along. */
  remove(name: string): string {
    const found = this.get(name);
    if (BUILT_IN.includes(found)) throw new ArangoError('ERROR_FORBIDDEN', { message: `the analyzer '${name}' cannot be removed` });
    this.#collection().remove({ _key: this.#localName(name) ?? '' });
    return found.name;
  }

  #collection(): Collection {
    return this.#database.findCollection('_analyzers') ?? this.#database.createCollection({ name: '_analyzers', isSystem: true });
  }

  /** Undefined for one of another database. */
  #localName(name: string): string | undefined {
    const parting = name.lastIndexOf('::');
    if (parting === -1) return name;
    return name.slice(0, parting) === this.#database.name ? name.slice(parting + 2) : undefined;
  }

  #describe({ name, _key, type, properties, features }: Readonly<Record<string, unknown>>): AnalyzerDescription {
    const own = typeof name === 'string' ? name : _key;
    return {
      name: `${this.#database.name}::${own as string}`,
      type: type as string,
      properties: (properties ?? {}) as ValueObject,
      features: (features ?? []) as readonly Value[],
    };
  }
}
