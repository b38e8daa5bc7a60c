/** `require('@arangodb/analyzers')`: the analyzers of the database as objects with methods. */
import { Analyzers, type AnalyzerDescription } from '#database';
import type { Value, ValueObject } from '#values';
import type { Environment } from '../environment.ts';
import { toValue } from './plain-value.ts';

class Analyzer {
  readonly #description: AnalyzerDescription;

  constructor(description: AnalyzerDescription) {
    this.#description = description;
  }

  name(): string {
    return this.#description.name;
  }

  type(): string {
    return this.#description.type;
  }

  properties(): ValueObject {
    return this.#description.properties;
  }

  features(): readonly Value[] {
    return this.#description.features;
  }
}

export function createAnalyzers({ db }: Environment): object {
  const analyzers = (): Analyzers => db._analyzers();
  return {
    /** Throws 10 for a name that another analyzer has. */
    save(name: string, type: string, properties: object = {}, features: readonly string[] = []): Analyzer {
      return new Analyzer(analyzers().save({ name, type, properties: toValue(properties) as ValueObject, features }).analyzer);
    },
    /** null when there is none. */
    analyzer(name: string): Analyzer | null {
      const found = analyzers().find(name);
      return found === undefined ? null : new Analyzer(found);
    },
    toArray: (): Analyzer[] =>
      analyzers()
        .list()
        .map((description) => new Analyzer(description)),
    /** Throws 1202. */
    remove(name: string, _force = false): void {
      analyzers().remove(name);
    },
  };
}
