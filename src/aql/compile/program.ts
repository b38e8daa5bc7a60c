/**
 * The source text of a compiled query in the making.
 *
 * Nothing that a user wrote becomes source text: values are constants that are passed in, or literals made by `literal`; names are made
 * here. So a query cannot smuggle code into its own program.
 */
import type { Value } from '#values';
import * as library from './library.ts';

export type LibraryName = keyof typeof library;

export class Program {
  /** Says where each row is. */
  readonly isProfiled: boolean;
  readonly #functions: string[] = [];
  readonly #used = new Set<LibraryName>();
  readonly #constants = new Map<unknown, string>();
  #names = 0;

  constructor({ isProfiled = false } = {}) {
    this.isProfiled = isProfiled;
  }

  /** A name that nothing else has. */
  name(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }

  /** The name under which the program finds an object that is made before it runs. */
  constant(value: unknown): string {
    let name = this.#constants.get(value);
    if (name === undefined) {
      name = `c${this.#constants.size}`;
      this.#constants.set(value, name);
    }
    return name;
  }

  /** A function of the library. */
  use(name: LibraryName): string {
    this.#used.add(name);
    return name;
  }

  add(functionText: string): void {
    this.#functions.push(functionText);
  }

  /** The text, which shows in stack traces and in `profile`, and what it needs to run. */
  get text(): string {
    return [
      '"use strict";',
      `const { ${[...this.#used].toSorted().join(', ')} } = library;`,
      `const [${[...this.#constants.values()].join(', ')}] = constants;`,
      ...this.#functions,
    ].join('\n');
  }

  /** Runs the text; `result` is an expression in its terms. */
  load(result: string): unknown {
    // oxlint-disable-next-line typescript/no-implied-eval -- this is the compiler; see above what may become text
    const make = new Function('library', 'constants', `${this.text}\nreturn ${result};`) as (
      library: unknown,
      constants: unknown,
    ) => unknown;
    return make(library, [...this.#constants.keys()]);
  }
}

/** A value as source text. Each evaluation of an array or object makes a new one. */
export function literal(value: Value): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '(-0)' : value < 0 ? `(${value})` : String(value);
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    default:
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((each: Value) => literal(each)).join(', ')}]`;
      // A computed name, so that `__proto__` is a name like any other.
      return `({ ${Object.entries(value)
        .map(([name, each]) => `[${JSON.stringify(name)}]: ${literal(each)}`)
        .join(', ')} })`;
  }
}

/** Lines of one function in the making. Blocks that are opened are closed by `close` in reverse order. */
export class Body {
  readonly #lines: (string | Body)[] = [];
  readonly #closers: string[] = [];
  readonly #indent: number;

  constructor(indent = 1) {
    this.#indent = indent;
  }

  line(text: string): void {
    this.#lines.push('  '.repeat(this.#indent + this.#closers.length) + text);
  }

  /** Opens a block; `closer` ends it. */
  open(text: string, closer = '}'): void {
    this.line(text);
    this.#closers.push(closer);
  }

  /** Closes the innermost blocks until `depth` are left. */
  close(depth = 0): void {
    while (this.#closers.length > depth) {
      const closer = this.#closers.pop() ?? '';
      this.line(closer);
    }
  }

  /** A place here that can be written to later, for what must be declared before a loop. */
  slot(): Body {
    const slot = new Body(this.#indent + this.#closers.length);
    this.#lines.push(slot);
    return slot;
  }

  get depth(): number {
    return this.#closers.length;
  }

  get text(): string {
    return this.#lines
      .map((line) => (typeof line === 'string' ? line : line.text))
      .filter((text) => text !== '')
      .join('\n');
  }
}
