/**
 * `foxden shell`: JavaScript with `db`, and AQL as it is, in the manner of arangosh. What is not JavaScript and begins like a query is a query.
 * Without a terminal it runs what comes on stdin, so that scripts can be piped in.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Recoverable, start, type REPLServer } from 'node:repl';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { createContext, Script, type Context } from 'node:vm';
import { foxdenVersion } from '#base';
import { command, repeated, single } from '../../command.ts';
import { describeFailure, Failure, ServerError } from '../../failure.ts';
import { complain, gray, info, json, table } from '../../output.ts';
import { resolveServer, SERVER_OPTIONS } from '../../server-options.ts';
import { BlockingClient } from './blocking-client.ts';
import { ShellCollection, ShellCursor, ShellDatabase, withCollections } from './db.ts';

const QUERY = /^\s*(?:FOR|RETURN|LET|INSERT|UPDATE|REPLACE|REMOVE|UPSERT|WITH)\b/i;

const HELP = [
  'db._databases(), db._useDatabase("name")       the databases, and another one',
  'db._collections(), db._create("name")          the collections, and a new one',
  'db.name.insert({…}), .document(key), .all()    documents; also update, replace, remove, byExample, count',
  'db.name.ensureIndex({type, fields})            indexes; also indexes, dropIndex',
  'db._query("FOR …", {bind: 1})                  a query; or type it as it is:  FOR d IN name LIMIT 3 RETURN d',
  'db._explain("FOR …"), db._executeTransaction() its plan; a transaction',
  'print(value), exit                             Ctrl+D ends the shell, too',
].join('\n');

export const shellCommand = command({
  name: 'shell',
  summary: 'A shell with db and AQL, in the manner of arangosh',
  arguments: {},
  options: {
    ...SERVER_OPTIONS,
    execute: repeated({ describe: 'Run this and end; may be repeated', alias: 'e' }),
    file: single({ describe: 'Run a JavaScript file and end' }),
    json: { describe: 'Print results as JSON', type: 'boolean', default: false },
  },
  examples: [
    ['shell', 'Type and see'],
    ["shell -D shop -e 'FOR c IN customers LIMIT 3 RETURN c'", 'Run a query'],
    ['shell --file migrate.js', 'Run a script'],
  ],
  run: async (given) => {
    const { name: _, ...server } = await resolveServer(given);
    const client = new BlockingClient(server);
    const db = new ShellDatabase(client, server.database);
    try {
      const shell = new Shell(db, { isJson: given.json });
      const scripts = [...(given.execute ?? []), ...(given.file === undefined ? [] : [readScript(given.file)])];
      if (scripts.length > 0) for (const script of scripts) shell.run(script);
      else if (process.stdin.isTTY) await shell.interact(server.url);
      else shell.run(await text(process.stdin));
    } finally {
      await client.close();
    }
  },
});

function readScript(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure(`The file ${path} cannot be read.`, { cause });
  }
}

class Shell {
  readonly #db: ShellDatabase;
  readonly #isJson: boolean;
  readonly #globals: Readonly<Record<string, unknown>>;

  constructor(db: ShellDatabase, { isJson }: { readonly isJson: boolean }) {
    this.#db = db;
    this.#isJson = isJson;
    const print = (...values: readonly unknown[]): void =>
      info(values.map((value) => (typeof value === 'string' ? value : this.#shown(value))).join(' '));
    this.#globals = { db: withCollections(db), print, print_plain: print, help: () => info(HELP), console };
  }

  /** Runs a script; what its last expression is, is printed. */
  run(script: string): void {
    const value = this.#evaluate(script, createContext({ ...this.#globals }), 'script');
    if (value === undefined) return;
    if (this.#isJson) json(value instanceof ShellCursor ? value.toArray() : value);
    else info(this.#shown(value));
  }

  async interact(url: string): Promise<void> {
    info(`foxden ${foxdenVersion()}, connected to ${url}, ArangoDB ${this.#db._version()}\n${gray('help() says what there is.')}\n`);
    const repl: REPLServer = start({
      prompt: `${this.#db._name()}> `,
      ignoreUndefined: true,
      writer: (value: unknown) => this.#shown(value),
      eval: (script, context, file, done) => {
        try {
          done(null, this.#evaluate(script, context, file));
        } catch (error) {
          // A line that is no whole statement yet is not wrong: the next line belongs to it.
          if (error instanceof Error && isUnfinished(error)) return done(new Recoverable(error), undefined);
          complain(error instanceof ServerError || error instanceof Failure ? describeFailure(error) : inspect(error));
          done(null, undefined);
        }
        repl.setPrompt(`${this.#db._name()}> `);
      },
    });
    Object.assign(repl.context, this.#globals);
    repl.setupHistory(process.env['FOXDEN_HISTORY'] ?? join(homedir(), '.foxden_history'), () => undefined);
    await new Promise((resolve) => repl.once('exit', resolve));
  }

  #evaluate(script: string, context: Context, filename: string): unknown {
    if (/^\s*(?:exit|quit)\s*;?\s*$/.test(script)) process.exit(0);
    let compiled: Script;
    try {
      compiled = new Script(script, { filename });
    } catch (error) {
      if (QUERY.test(script)) return this.#db._query(script.replace(/;\s*$/, ''));
      throw error;
    }
    return compiled.runInContext(context);
  }

  #shown(value: unknown): string {
    if (value instanceof ShellCollection) return value.toString();
    if (value instanceof ShellCursor) return shownResults(value.toArray());
    return inspect(value, { depth: 6, colors: process.stdout.isTTY, maxArrayLength: 200, breakLength: 120 });
  }
}

/** Objects of the same few attributes are a table; anything else is JSON, a line each. */
function shownResults(results: readonly unknown[]): string {
  const names = [...new Set(results.flatMap((each) => (isPlainObject(each) ? Object.keys(each) : [])))];
  const isTable = names.length > 0 && names.length <= 8 && results.every(isPlainObject);
  const total = gray(`${results.length} result${results.length === 1 ? '' : 's'}`);
  if (!isTable) return [...results.map((each) => JSON.stringify(each)), total].join('\n');
  const rows = results.map((each) => names.map((name) => cellOf(each[name])));
  return `${table(names, rows)}\n${total}`;
}

function cellOf(value: unknown): string {
  const shown = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  return shown.length > 60 ? `${shown.slice(0, 59)}…` : shown;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUnfinished(error: Error): boolean {
  return (
    error.name === 'SyntaxError' && /^(?:Unexpected end of input|Unterminated template|missing \) after argument list)/.test(error.message)
  );
}
