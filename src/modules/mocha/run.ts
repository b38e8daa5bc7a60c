/**
 * Runs tests with mocha, in the thread of the service and, as far as they are synchronous, without giving the thread back: a service
 * may run its tests from a script and use the result.
 *
 * mocha waits between tests and hooks by a function that it lets be replaced. The one here keeps a list of what is to go on and works it
 * off itself.
 */
import { loadPackage } from '../loader/bundled.ts';

export interface TestError {
  readonly message?: string;
  readonly stack?: string;
  readonly [detail: string]: unknown;
}

export interface TestResult {
  readonly title: string;
  readonly fullTitle: string;
  readonly durationMs: number | undefined;
  readonly outcome: 'pass' | 'fail' | 'pending';
  /** Empty for what passed. */
  readonly error: TestError;
}

export interface SuiteResult {
  readonly title: string;
  readonly suites: SuiteResult[];
  readonly tests: TestResult[];
}

export interface RunResult {
  readonly root: SuiteResult;
  /** In the order in which they ended. */
  readonly tests: readonly TestResult[];
  readonly suiteCount: number;
  readonly total: number;
  readonly start: Date;
  readonly end: Date;
}

export interface RunOptions {
  readonly files: readonly string[];
  /** Only tests whose full title has this text. */
  readonly filter?: string | undefined;
  /** Loads a test file, with these names as globals; returns what it exports, as a promise when it awaits something first. */
  readonly load: (file: string, globals: Readonly<Record<string, unknown>>) => unknown;
}

// What is used of mocha.

interface MochaRunnable {
  readonly title: string;
  readonly duration?: number;
  readonly parent: MochaSuite;
  readonly type: string;
  fullTitle(): string;
}

interface MochaSuite {
  readonly title: string;
  readonly root: boolean;
  readonly parent?: MochaSuite;
  readonly suites: readonly MochaSuite[];
  emit(event: string, ...values: readonly unknown[]): void;
}

interface MochaRunner {
  readonly total: number;
  grep(pattern: RegExp, isInverted: boolean): void;
  on(event: string, listener: (runnable: MochaRunnable, error?: unknown) => void): void;
  run(done: () => void): void;
  dispose(): void;
}

interface Mocha {
  readonly suite: MochaSuite;
}

interface MochaLibrary {
  new (options: object): Mocha;
  readonly interfaces: { readonly exports: (suite: MochaSuite) => void };
  readonly Runner: {
    new (suite: MochaSuite, options: object): MochaRunner;
    immediately: (action: () => void) => void;
  };
}

/** The other names that functional tests go by. */
const ALIASES: Readonly<Record<string, string>> = {
  suite: 'describe',
  test: 'it',
  suiteSetup: 'before',
  suiteTeardown: 'after',
  setup: 'beforeEach',
  teardown: 'afterEach',
};

/** A promise only when a test is asynchronous. */
export function runMocha({ files, filter, load }: RunOptions): RunResult | Promise<RunResult> {
  const Library = loadPackage('mocha') as MochaLibrary;
  const mocha = new Library({ ui: 'bdd', timeout: 0, bail: false });
  Library.interfaces.exports(mocha.suite);
  const loadFrom = (index: number): Promise<void> | undefined => {
    for (const [offset, file] of files.slice(index).entries()) {
      const globals: Record<string, unknown> = {};
      mocha.suite.emit('pre-require', globals, file, mocha);
      delete globals['run'];
      for (const [alias, name] of Object.entries(ALIASES)) globals[alias] = globals[name];
      const finish = (exported: unknown): void => {
        if (typeof exported === 'object' && exported !== null) mocha.suite.emit('require', exported, file, mocha);
        mocha.suite.emit('post-require', globals, file, mocha);
      };
      const loaded = load(file, globals);
      if (loaded instanceof Promise) return loaded.then(finish).then(() => loadFrom(index + offset + 1));
      finish(loaded);
    }
    return undefined;
  };
  const later = loadFrom(0);
  return later === undefined ? runSuite(Library, mocha, filter) : later.then(() => runSuite(Library, mocha, filter));
}

function runSuite(Library: MochaLibrary, mocha: Mocha, filter: string | undefined): RunResult | Promise<RunResult> {
  const runner = new Library.Runner(mocha.suite, { cleanReferencesAfterRun: false });
  if (filter !== undefined && filter !== '') runner.grep(new RegExp(filter.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)), false);
  const record = recordRun(runner);
  return drive(Library, runner, () => record(mocha.suite));
}

function drive(Library: MochaLibrary, runner: MochaRunner, finish: () => RunResult): RunResult | Promise<RunResult> {
  const waiting: (() => void)[] = [];
  let isWorking = false;
  const work = (): void => {
    if (isWorking) return;
    isWorking = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
    } finally {
      isWorking = false;
    }
  };
  const before = Library.Runner.immediately;
  Library.Runner.immediately = (action) => {
    waiting.push(action);
    // While an asynchronous test is waited for, nobody works the list off.
    if (!isWorking) queueMicrotask(work);
  };
  let isDone = false;
  let onDone = (): void => {
    isDone = true;
  };
  runner.run(() => {
    Library.Runner.immediately = before;
    runner.dispose();
    onDone();
  });
  work();
  if (isDone) return finish();
  return new Promise((resolve) => {
    onDone = () => resolve(finish());
  });
}

function recordRun(runner: MochaRunner): (root: MochaSuite) => RunResult {
  const results = new Map<MochaRunnable, TestResult>();
  const { total } = runner;
  const start = new Date();
  let suiteCount = 0;
  const note = (outcome: TestResult['outcome']) => (runnable: MochaRunnable, error?: unknown) => {
    results.set(runnable, {
      title: runnable.title,
      fullTitle: runnable.fullTitle(),
      durationMs: runnable.duration,
      outcome,
      error: error === undefined ? {} : describeError(error),
    });
  };
  runner.on('suite', (suite) => {
    if (!(suite as unknown as MochaSuite).root) suiteCount++;
  });
  runner.on('pass', note('pass'));
  runner.on('fail', note('fail'));
  runner.on('pending', note('pending'));
  return (root) => {
    const build = (suite: MochaSuite): SuiteResult => ({
      title: suite.title,
      suites: suite.suites.map(build).filter(({ suites, tests }) => suites.length > 0 || tests.length > 0),
      tests: [...results].filter(([{ parent }]) => parent === suite).map(([, result]) => result),
    });
    return { root: build(root), tests: [...results.values()], suiteCount, total, start, end: new Date() };
  };
}

/** What an assertion library put on its error goes along, as far as it is JSON. */
function describeError(error: unknown): TestError {
  if (!(error instanceof Error)) return { message: String(error) };
  const details: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(error)) {
    if (isJson(value)) details[name] = value;
  }
  return { ...details, name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // cycles, bigints
  }
}
