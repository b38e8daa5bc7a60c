/** `require('@arangodb/analyzers')`: the analyzers of the database as objects with methods. */
import { ArangoError } from '#base';
import { Analyzers, type AnalyzerDescription } from '#database';
import type { Value, ValueObject } from '#values';
import type { Environment } from '../environment.ts';
import { toValue } from './plain-value.ts';
import type { PrintContext } from './print.ts';

class Analyzer {
  readonly #description: AnalyzerDescription;

  constructor(description: AnalyzerDescription) {
    this.#description = description;
    // The shell of ArangoDB has the plain name here: whoever makes a text of it gets that, too.
    const name = (): string => description.name;
    name.toString = name;
    Object.defineProperty(this, 'name', { value: name });
  }

  declare readonly name: () => string;

  type(): string {
    return this.#description.type;
  }

  properties(): ValueObject {
    return this.#description.properties;
  }

  features(): readonly Value[] {
    return this.#description.features;
  }

  toJSON(): AnalyzerDescription {
    return this.#description;
  }

  toString(): string {
    return `[ArangoAnalyzer "${this.#description.name}" (type ${this.#description.type})]`;
  }

  _PRINT(context: PrintContext): void {
    context.output += this.toString();
  }
}

const FEATURES = new Set(['frequency', 'norm', 'position', 'offset']);

export function createAnalyzers({ db }: Environment): object {
  const analyzers = (): Analyzers => db._analyzers();
  return {
    /** Throws 9, 10 and 11 as `Analyzers.save` does, and 10 for a call that is wrong. */
    save(name: unknown, type: unknown, properties: unknown = {}, features: unknown = []): Analyzer {
      if (typeof name !== 'string' || typeof type !== 'string') throw wrongUse('save(<name>, <type>[, <properties>[, <features>]])');
      const given = (typeof properties === 'string' ? JSON.parse(properties) : (properties ?? {})) as unknown;
      if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new TypeError('<properties> must be an object');
      if (!Array.isArray(features)) throw new TypeError('<features> must be an array');
      if (!features.every((feature) => typeof feature === 'string')) throw new TypeError('<feature> must be a string');
      if (!features.every((feature) => FEATURES.has(feature))) throw new TypeError('<feature> not supported');
      return new Analyzer(analyzers().save({ name, type, properties: toValue(given) as ValueObject, features }).analyzer);
    },
    /** null when there is none. Throws 11 for one of another database. */
    analyzer(name: unknown): Analyzer | null {
      const found = analyzers().find(nameOf(name, 'analyzer(<name>)'));
      return found === undefined ? null : new Analyzer(found);
    },
    toArray: (): Analyzer[] =>
      analyzers()
        .list()
        .map((description) => new Analyzer(description)),
    /** Throws 10, 11 and 1202. */
    remove(name: unknown, _force = false): void {
      analyzers().remove(nameOf(name, 'remove(<name> [, <force>])'));
    },
  };
}

/** The name of an analyzer, or the method that tells it. */
function nameOf(name: unknown, usage: string): string {
  if (typeof name === 'string') return name;
  if (typeof name === 'function') return String(name);
  throw wrongUse(usage);
}

function wrongUse(usage: string): ArangoError {
  return new ArangoError('ERROR_BAD_PARAMETER', { message: `usage: ${usage}` });
}
