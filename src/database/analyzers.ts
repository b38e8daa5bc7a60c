/** Analyzers: those that ArangoDB brings along, and those that users defined, which are documents in `_analyzers`, by name. What they do is `aql`'s. */
import { isAnalyzerType, normalizeProperties } from '#aql';
import { ArangoError } from '#base';
import { equalValues, type Value } from '#values';
import type { Collection } from './collection.ts';
import type { Database } from './database.ts';
import { ANALYZERS, type AnalyzerDescription } from './find-analyzer.ts';

/** In the order in which ArangoDB shows them. */
const FEATURES = ['frequency', 'position', 'offset', 'norm'];
const TEXT_FEATURES = ['frequency', 'position', 'norm'];

const IDENTITY = { name: 'identity', type: 'identity', properties: {}, features: ['frequency', 'norm'] };

/** In the order in which ArangoDB lists them. */
const BUILT_IN: readonly AnalyzerDescription[] = [
  ...['es', 'nl'].map(textAnalyzer),
  IDENTITY,
  ...['de', 'no', 'pt', 'ru', 'en', 'it', 'fi', 'sv', 'zh', 'fr'].map(textAnalyzer),
];

function textAnalyzer(locale: string): AnalyzerDescription {
  const properties = { locale, case: 'lower', stopwords: [], accent: false, stemming: locale !== 'zh' };
  return { name: `text_${locale}`, type: 'text', properties, features: TEXT_FEATURES };
}

const NAME = /^[a-z][\w-]{0,253}$/i;

/** The analyzers of a database. Names may be preceded by the database's name and `::`. */
export class Analyzers {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that came along, then those of users, and then those of `_system`, by name. */
  list(): AnalyzerDescription[] {
    return [...BUILT_IN, ...this.#database.storedAnalyzers()];
  }

  /** Throws 11 for one of another database that is not `_system`. */
  find(name: string): AnalyzerDescription | undefined {
    const builtIn = BUILT_IN.find((analyzer) => analyzer.name === name);
    if (builtIn !== undefined) return builtIn;
    const full = this.#fullName(name);
    const own = this.#database.name;
    if (!full.startsWith(`${own}::`) && !full.startsWith('_system::')) {
      const others = own === '_system' ? '' : ' or system database';
      throw forbidden(`Analyzer '${full}' is not accessible. Only analyzers from current database ('${own}')${others} are available`);
    }
    return this.#database.storedAnalyzer(full);
  }

  /** Throws 1202 and 11. */
  get(name: string): AnalyzerDescription {
    const found = this.find(name);
    if (found === undefined) throw notFound(`unable to find analyzer: ${this.#fullName(name)}`);
    return found;
  }

  /**
   * Throws 10 for a bad name, for features that need others, for properties that the type does not take, and for a name that another
   * analyzer has; 9 for an unknown type; 11 for another database.
   */
  save(wanted: AnalyzerDescription): { readonly analyzer: AnalyzerDescription; readonly isNew: boolean } {
    const { type } = wanted;
    const name = this.#localName(wanted.name);
    if (!NAME.test(name)) throw invalid(`invalid characters in analyzer name '${name}'`);
    if (!isAnalyzerType(type)) throw new ArangoError('ERROR_NOT_IMPLEMENTED', { message: `Not implemented analyzer type '${type}'.` });
    const features = FEATURES.filter((feature) => wanted.features.includes(feature));
    checkFeatures(type, features);
    const full = `${this.#database.name}::${name}`;
    const properties = normalizeProperties(type, wanted.properties);
    if (properties === undefined) {
      const given = JSON.stringify(wanted.properties);
      throw invalid(
        `Failure initializing an arangosearch analyzer instance for name '${full}' type '${type}'. Properties '${given}' was rejected by analyzer. Please check documentation for corresponding analyzer type.`,
      );
    }
    const present = this.#isBuiltIn(name) ? this.get(name) : this.#database.storedAnalyzer(full);
    if (present === undefined) {
      this.#collection().insert({ _key: name, name, type, properties, features });
      return { analyzer: { name: full, type, properties, features }, isNew: true };
    }
    const isSame =
      present.type === type &&
      equalValues(normalizeProperties(type, present.properties) ?? null, properties) &&
      equalValues(present.features, features);
    if (!isSame) {
      throw invalid(
        `name collision detected while registering an arangosearch analyzer name '${full}' type '${type}' properties '${JSON.stringify(wanted.properties)}'`,
      );
    }
    return { analyzer: present, isNew: false };
  }

  /** Gives the name with the database's. Throws 10 for a bad name, 1202, and 11 for one that came along or is another database's. */
  remove(name: string): string {
    const local = this.#localName(name);
    if (!NAME.test(local)) throw invalid(`Invalid characters in analyzer name '${local}'.`);
    if (this.#isBuiltIn(name)) throw forbidden('built-in analyzers cannot be removed');
    const full = `${this.#database.name}::${local}`;
    if (this.#database.storedAnalyzer(full) === undefined)
      throw notFound(`failure to find analyzer while removing arangosearch analyzer '${full}'`);
    this.#collection().remove({ _key: local });
    return full;
  }

  #collection(): Collection {
    return this.#database.findCollection(ANALYZERS) ?? this.#database.createCollection({ name: ANALYZERS, isSystem: true });
  }

  #isBuiltIn(name: string): boolean {
    return BUILT_IN.some((analyzer) => analyzer.name === name);
  }

  #fullName(name: string): string {
    if (name.startsWith('::')) return `_system${name}`;
    return name.includes('::') ? name : `${this.#database.name}::${name}`;
  }

  /** Throws 11 for one of another database. */
  #localName(name: string): string {
    const parting = name.lastIndexOf('::');
    if (parting === -1) return name;
    if (name.slice(0, parting) !== this.#database.name) throw forbidden('Database in analyzer name does not match current database');
    return name.slice(parting + 2);
  }
}

/** What a feature needs beside it. */
const NEEDED: readonly (readonly [feature: string, needed: string])[] = [
  ['offset', 'position'],
  ['position', 'frequency'],
];

function checkFeatures(type: string, features: readonly Value[]): void {
  for (const [feature, needed] of NEEDED) {
    if (features.includes(feature) && !features.includes(needed))
      throw invalid(`missing feature '${needed}' required when '${feature}' feature is specified`);
  }
  if (type === 'wildcard' && features.includes('offset')) throw invalid("Unsupported feature 'offset' for analyzers of type 'wildcard'");
}

const invalid = (message: string): ArangoError => new ArangoError('ERROR_BAD_PARAMETER', { message });
const forbidden = (message: string): ArangoError => new ArangoError('ERROR_FORBIDDEN', { message });
const notFound = (message: string): ArangoError => new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND', { message });

export type { AnalyzerDescription } from './find-analyzer.ts';
