/**
 * ArangoDB's shell for the recorded transcripts: each script runs as a script of a service, so what it sees of the database is what
 * services see, and each visible statement's value is taken down as the shell would have printed it.
 *
 * The recordings come from one long-lived shell a page: variables outlive the script that sets them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'acorn';
import { isArangoError, type LogEntry } from '#base';
import type { Database, Databases } from '#database';
import { runScript, type ServiceSource } from '#modules';
import { sourceOf, writeFileIn } from '../support/load-service.ts';

/** What stands before the lines that the service of the tests prints. */
const MOUNT = '/test ';

/** What the shell showed: a value as JSON, or what is printed otherwise. */
export type Chunk = { readonly json: unknown } | { readonly text: string };

interface Statement {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly kind?: string;
  readonly expression?: Span;
  readonly declarations?: readonly { readonly id: Span; readonly init: Span | null }[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Something with a form of its own, as a line of text. */
interface Printable {
  _PRINT(context: { output: string }): void;
}

export class Shell {
  readonly #source: ServiceSource;
  readonly #datasets: string;
  readonly #variables: Record<string, unknown> = {};
  readonly #logged: LogEntry[];
  #chunks: Chunk[] = [];
  #isVisible = false;
  /** The shell shows nothing more of a script once a statement of it has failed. */
  #hasFailed = false;
  #scripts = 0;

  /** `logged` is where lines go that services print. */
  constructor(databases: Databases, database: Database, folder: string, datasets: string, logged: LogEntry[]) {
    this.#logged = logged;
    const base = sourceOf(folder, { database });
    this.#source = { ...base, host: { ...base.host, databases } };
    this.#datasets = datasets;
  }

  /** Runs a script; lines whose numbers are in `hiddenLines` print nothing. What a statement throws is printed, and the next one runs. */
  run(script: string, hiddenLines: readonly number[]): readonly Chunk[] {
    this.#chunks = [];
    this.#hasFailed = false;
    const path = `script${this.#scripts++}.js`;
    writeFileIn(this.#source.basePath, path, instrument(script, new Set(hiddenLines)));
    runScript(this.#source, path, [this.#scope(), this.#step]);
    return this.#chunks;
  }

  readonly #step = (isVisible: boolean, evaluate: () => unknown): unknown => {
    this.#isVisible = isVisible && !this.#hasFailed;
    this.#logged.length = 0;
    try {
      const value = evaluate();
      this.#showPrinted();
      this.#show(value);
      return value;
    } catch (error) {
      if (!isArangoError(error)) throw error;
      this.#say(`[ArangoError ${error.errorNum}: ${error.message}]`);
      this.#hasFailed ||= this.#isVisible;
      return undefined;
    } finally {
      this.#isVisible = false;
    }
  };

  #showPrinted(): void {
    const lines = this.#logged.filter(({ level, message }) => level === 'info' && message.startsWith(MOUNT));
    const texts = lines.map(({ message }) => message.slice(MOUNT.length));
    if (texts.length > 0 && texts.every((text) => /^-?\d+$/.test(text))) for (const text of texts) this.#show(Number(text));
    else if (texts.length > 0) this.#say(texts.join('\n'));
  }

  #show(value: unknown): void {
    if (value === undefined || !this.#isVisible) return;
    if (hasPrintable(value)) this.#say(printed(value).split('\n\n')[0] ?? '');
    if (isCursor(value)) this.#chunks.push({ json: value.toArray() });
    else if (hasPrintable(value)) return;
    else if (typeof value === 'string') this.#say(value);
    else this.#chunks.push({ json: JSON.parse(JSON.stringify(value)) as unknown });
  }

  /** Lines of text in a row are one chunk. */
  #say(text: string): void {
    if (!this.#isVisible) return;
    const last = this.#chunks.at(-1);
    if (last !== undefined && 'text' in last) this.#chunks[this.#chunks.length - 1] = { text: `${last.text}\n${text}` };
    else this.#chunks.push({ text });
  }

  /** What the scripts may name: variables of earlier ones, and the shell's own. */
  #scope(): object {
    const print = (...values: readonly unknown[]): void => values.forEach((value) => this.#show(value));
    const own: Record<string, unknown> = {
      print,
      assert: (condition: unknown) => assert(condition, 'an assertion of the script'),
      addIgnoreCollection: () => undefined,
      removeIgnoreCollection: () => undefined,
      removeIgnoreView: () => undefined,
      formatPlan: (plan: { readonly estimatedCost: number; readonly nodes: readonly { readonly type: string }[] }) => ({
        estimatedCost: plan.estimatedCost,
        nodes: plan.nodes.map(({ type }) => type),
      }),
      __examples: (load: (name: string) => unknown) => this.#exampleGraphs(load),
      __print: print,
    };
    for (const [name, value] of Object.entries(own)) this.#variables[name] ??= value;
    // `var x` inside `with` sets the attribute of the object that has it: and this one has all that is no global.
    return new Proxy(this.#variables, {
      has: (variables, name) => typeof name === 'string' && (Object.hasOwn(variables, name) || !RESERVED.has(name)),
      get: (variables, name) => (typeof name === 'string' && Object.hasOwn(variables, name) ? variables[name] : undefined),
    });
  }

  #exampleGraphs(load: (name: string) => unknown): object {
    const graphs = load('@arangodb/general-graph') as Record<'_create' | '_drop' | '_graph', (...args: readonly unknown[]) => unknown>;
    const { db } = load('@arangodb') as { readonly db: Record<string, { save(document: unknown): unknown }> };
    return {
      loadGraph: (name: string) => {
        const data = JSON.parse(readFileSync(join(this.#datasets, `${FILES[name] ?? name}.json`), 'utf8')) as ExampleGraph;
        for (const { edgeDefinitions, orphanCollections } of data.graphs) graphs._create(name, edgeDefinitions, orphanCollections);
        for (const [collection, documents] of Object.entries(data.documents)) {
          for (const document of documents) db[collection]?.save(document);
        }
        return graphs._graph(name);
      },
      dropGraph: (name: string) => void graphs._drop(name, true),
    };
  }
}

interface ExampleGraph {
  readonly graphs: readonly { readonly name: string; readonly edgeDefinitions: unknown; readonly orphanCollections: unknown }[];
  readonly documents: Readonly<Record<string, readonly unknown[]>>;
}

/** Data sets whose files have other names than the graphs. */
const FILES: Readonly<Record<string, string>> = {};

/** Names that are the service's or JavaScript's own. */
const RESERVED = new Set([
  ...Object.getOwnPropertyNames(globalThis).filter((name) => name !== 'print'),
  '__shell',
  '__require',
  '__step',
  'require',
  'module',
  'exports',
  'db',
  'arguments',
  'undefined',
  'examples',
  'internal',
  'aql',
]);

/** Each statement as a step of its own, with its value if it is an expression. */
function instrument(script: string, hidden: ReadonlySet<number>): string {
  const { body } = parse(script, { ecmaVersion: 'latest' }) as unknown as { readonly body: readonly Statement[] };
  const steps = body.map((statement) => {
    const line = script.slice(0, statement.start).split('\n').length - 1;
    const isVisible = !hidden.has(line);
    const { expression } = statement;
    const text = script.slice(statement.start, statement.end);
    if (statement.type === 'ExpressionStatement' && expression !== undefined) {
      return `__step(${isVisible}, () => (${script.slice(expression.start, expression.end)}\n));`;
    }
    if (statement.type === 'FunctionDeclaration') return text;
    if (statement.type === 'VariableDeclaration') {
      // In a function of its own the variable would be the function's.
      return (statement.declarations ?? [])
        .map(({ id, init }) => {
          const value = init === null ? 'undefined' : script.slice(init.start, init.end);
          return `__step(${isVisible}, () => void ((${script.slice(id.start, id.end)}) = (${value}\n)));`
            .replace('((', '(')
            .replace(') = ', ' = ');
        })
        .join('\n');
    }
    // The shell shows what a loop or condition came to.
    return `__step(${isVisible}, () => eval(${JSON.stringify(text)}));`;
  });
  return `
const [__shell, __step] = module.context.argv;
const { db, aql } = require('@arangodb');
const internal = require('internal');
const __require = require;
with (__shell) (function (require, print, examples) {
${steps.join('\n')}
})((name) => name === '@arangodb/graph-examples/example-graph' ? __shell.__examples(__require) : __require(name), __shell.__print, __shell.__examples(__require));
`;
}

function isCursor(value: unknown): value is { toArray(): unknown } {
  return typeof value === 'object' && value !== null && 'isArangoResultSet' in value && isPrintable(value);
}

function hasPrintable(value: unknown): boolean {
  return isPrintable(value) || (Array.isArray(value) && value.some(isPrintable));
}

function isPrintable(value: unknown): value is Printable {
  return typeof value === 'object' && value !== null && '_PRINT' in value && typeof value._PRINT === 'function';
}

function printed(value: unknown): string {
  if (Array.isArray(value)) return `[\n${value.map(printed).join(',\n')}\n]`;
  if (!isPrintable(value)) return JSON.stringify(value);
  const context = { output: '' };
  value._PRINT(context);
  return context.output;
}
