/** `require('@arangodb/analyzers')`: analyzers that users define are documents in `_analyzers`; those that come along are `identity` and `text_…`. */
import { isDeepStrictEqual } from 'node:util';
import { ArangoError } from '#base';
import type { ValueObject } from '#values';
import type { Environment } from '../environment.ts';
import type { ArangoCollection } from './collection.ts';
import { toValue } from './plain-value.ts';

interface Stored {
  readonly type: string;
  readonly properties: ValueObject;
  readonly features: readonly string[];
}

class Analyzer {
  readonly #name: string;
  readonly #stored: Stored;

  constructor(name: string, stored: Stored) {
    this.#name = name;
    this.#stored = stored;
  }

  name(): string {
    return this.#name;
  }

  type(): string {
    return this.#stored.type;
  }

  properties(): ValueObject {
    return this.#stored.properties;
  }

  features(): readonly string[] {
    return this.#stored.features;
  }
}

const FEATURES = ['frequency', 'norm', 'position'];
const LANGUAGES = ['de', 'en', 'es', 'fi', 'fr', 'it', 'nl', 'no', 'pt', 'ru', 'sv', 'zh'];
const BUILT_IN: ReadonlyMap<string, Stored> = new Map<string, Stored>([
  ['identity', { type: 'identity', properties: {}, features: ['frequency', 'norm'] }],
  ...LANGUAGES.map((locale): [string, Stored] => [
    `text_${locale}`,
    { type: 'text', properties: { locale, case: 'lower', stopwords: [], accent: false, stemming: true }, features: FEATURES },
  ]),
]);

export function createAnalyzers({ db }: Environment): object {
  const store = (): ArangoCollection => db._collection('_analyzers') ?? db._createDocumentCollection('_analyzers', { isSystem: true });
  const local = (name: string): string => (name.startsWith(`${db._name()}::`) ? name.slice(db._name().length + 2) : name);
  const open = (name: string, { type, properties, features }: Stored): Analyzer =>
    new Analyzer(BUILT_IN.has(name) ? name : `${db._name()}::${name}`, { type, properties, features });
  const find = (given: string): Analyzer | null => {
    const name = local(given);
    const builtIn = BUILT_IN.get(name);
    if (builtIn !== undefined) return open(name, builtIn);
    return store().exists(name) === false ? null : open(name, store().document(name) as unknown as Stored);
  };
  return {
    /** `(name, type, properties?, features?)`. Throws 10 for a name that another analyzer has. */
    save(given: string, type: string, properties: object = {}, features: readonly string[] = []): Analyzer {
      const name = local(given);
      const wanted = { type, properties: toValue(properties) as ValueObject, features };
      const present = find(name);
      if (present !== null) {
        const isSame = isDeepStrictEqual(
          [present.type(), present.properties(), present.features()],
          [type, wanted.properties, [...features]],
        );
        if (!isSame) throw new ArangoError('ERROR_BAD_PARAMETER', `the analyzer '${name}' is there with other properties`);
        return present;
      }
      store().insert({ _key: name, name, ...wanted });
      return open(name, wanted);
    },
    /** null when there is none. */
    analyzer: find,
    toArray: (): Analyzer[] => [
      ...[...BUILT_IN].map(([name, stored]) => open(name, stored)),
      ...store()
        .toArray()
        .map((document) => open((document as unknown as { readonly _key: string })._key, document as unknown as Stored)),
    ],
    /** Throws 1202. */
    remove: (name: string, _force = false): void => void store().remove(local(name)),
  };
}
