/** Foxx services in tests: written into a temporary folder, loaded, and asked without a server between. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { replaceLogSink, type ArangoError, type HttpAnswer, type HttpRequest, type LogEntry } from '#base';
import type { Database } from '#database';
import { openTemporaryDatabases, type TemporaryDatabases } from '../../src/database/temporary-databases.suite.ts';
import {
  createFunctionCompiler,
  loadService,
  runScript,
  type LoadedService,
  type Manifest,
  type ServiceHost,
  type ServiceSource,
} from '#modules';

/** Path to text, or to what becomes JSON. */
export type Files = Readonly<Record<string, unknown>>;

export function writeFiles(t: TestContext, files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-service-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) writeFileIn(folder, path, content);
  return folder;
}

export function writeFileIn(folder: string, path: string, content: unknown): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
}

/** What is logged during a test, which then is not printed. */
export function captureLog(t: TestContext): LogEntry[] {
  const entries: LogEntry[] = [];
  t.after(replaceLogSink((entry) => entries.push(entry)));
  return entries;
}

/** A database for services that use none: every use fails. */
export const noDatabase: Database = new Proxy({} as Database, {
  get(_, name) {
    if (name === 'name') return '_system';
    throw new Error(`the test has no database, and "${String(name)}" of it was used`);
  },
});

const noHost: ServiceHost = {
  endpoints: ['http://127.0.0.1:8529'],
  exportsOf: (mount) => {
    throw new Error(`the test has no other services, and asked for ${mount}`);
  },
  request: () => {
    throw new Error('the test has no server');
  },
};

export function sourceOf(folder: string, options: Partial<ServiceSource> = {}, manifest: Partial<Manifest> = {}): ServiceSource {
  return {
    database: noDatabase,
    mount: '/test',
    basePath: folder,
    manifest: { main: 'index.js', configuration: {}, dependencies: {}, scripts: {}, tests: [], ...manifest },
    configuration: {},
    dependencies: {},
    isDevelopment: false,
    isLegacy: false,
    host: noHost,
    ...options,
  };
}

export function loadFiles(
  t: TestContext,
  files: Files,
  options: Partial<ServiceSource> = {},
  manifest: Partial<Manifest> = {},
): TestService {
  return new TestService(loadService(sourceOf(writeFiles(t, files), options, manifest)));
}

/** One that defines routes: `body` is the body of a function that has `router`, `joi` and the like in scope. */
export function loadRoutes(
  t: TestContext,
  body: string,
  options: Partial<ServiceSource> = {},
  manifest: Partial<Manifest> = {},
): TestService {
  const head =
    "'use strict'; const createRouter = require('@arangodb/foxx/router'); const joi = require('joi'); const router = createRouter(); const context = module.context;";
  return loadFiles(t, { 'index.js': `${head}\n${body}\ncontext.use(router);` }, options, manifest);
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  readonly user?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  readonly body: string;
  readonly json: unknown;
}

export class TestService {
  readonly loaded: LoadedService;

  constructor(loaded: LoadedService) {
    this.loaded = loaded;
  }

  /** Undefined when the service has no such path. */
  find(method: string, target: string, ask: Ask = {}): Answered | undefined {
    const answer = this.#handle(method, target, ask);
    if (answer instanceof Promise) throw new Error(`${method} ${target} answers asynchronously`);
    return answer && readAnswer(answer);
  }

  /** Fails where the service has no such path, or answers asynchronously. */
  ask(method: string, target: string, ask: Ask = {}): Answered {
    const answer = this.find(method, target, ask);
    if (answer === undefined) throw new Error(`the service has no ${target}`);
    return answer;
  }

  async askAsync(method: string, target: string, ask: Ask = {}): Promise<Answered> {
    const answer = await this.#handle(method, target, ask);
    if (answer === undefined) throw new Error(`the service has no ${target}`);
    return readAnswer(answer);
  }

  get(target: string, ask: Ask = {}): Answered {
    return this.ask('GET', target, ask);
  }

  post(target: string, body?: unknown, ask: Ask = {}): Answered {
    return this.ask('POST', target, { ...ask, body });
  }

  #handle(method: string, target: string, ask: Ask): ReturnType<LoadedService['handle']> {
    const [path = '/', query = ''] = target.split(/\?(.*)/s);
    return this.loaded.handle({
      http: httpRequest(method, `/_db/_system/test${target}`, ask),
      path,
      query,
      user: ask.user,
      isAuthorized: ask.user !== undefined,
    });
  }
}

export function httpRequest(method: string, url: string, { headers = {}, body }: Ask = {}): HttpRequest {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const type: Record<string, string> = body === undefined || isRaw ? {} : { 'content-type': 'application/json' };
  return {
    method,
    url,
    headers: { host: 'localhost:8529', ...type, ...headers },
    body: body === undefined ? new Uint8Array() : Buffer.from(isRaw ? body : JSON.stringify(body)),
    remoteAddress: '10.0.0.7',
    remotePort: 5000,
    localAddress: '127.0.0.1',
    localPort: 8529,
    isSecure: false,
  };
}

function readAnswer({ status, headers, body }: HttpAnswer): Answered {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  return {
    status,
    headers,
    body: text,
    get json() {
      return JSON.parse(text) as unknown;
    },
  };
}

/** `_system` in a store that is gone when the test is over. */
export function openDatabase(t: TestContext): TemporaryDatabases {
  const opened: TemporaryDatabases = openTemporaryDatabases({
    compileFunction: createFunctionCompiler((name) => opened.databases.get(name), []),
  });
  t.after(() => opened.close());
  return opened;
}

/** What the body of a function gives that runs as a script of a service, with `db` and other names of `@arangodb` in scope. */
export function runCode(t: TestContext, code: string, options: Partial<ServiceSource> = {}): unknown {
  const head = `const { db, aql, query, errors, ArangoError } = require('@arangodb'); const context = module.context;`;
  const folder = writeFiles(t, { 'script.js': `${head}\nmodule.exports = (function () {\n${code}\n})();` });
  return runScript(sourceOf(folder, options), 'script.js', []);
}

/** What an action throws. */
export function failureOf(action: () => unknown): ArangoError {
  try {
    action();
  } catch (error) {
    return error as ArangoError;
  }
  throw new Error('it did not fail');
}

/** The error number that code fails with, its own or that of its cause; undefined when it does not fail. */
export function errorNumOf(action: () => unknown): number | undefined {
  try {
    action();
  } catch (error) {
    const { cause, errorNum } = error as ArangoError;
    return (cause as ArangoError | undefined)?.errorNum ?? errorNum;
  }
  return undefined;
}
