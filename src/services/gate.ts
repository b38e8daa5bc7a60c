/**
 * The gate before an activation: a version runs its own tests where it was unpacked, while the one before it serves.
 *
 * Tests that ask their service over HTTP would get the answers of the version that is served. So requests below the mount are answered by
 * the version under test, in the same thread; all others go their usual way.
 */
import { ArangoError, type HttpAnswer, type HttpRequest } from '#base';
import { loadService, runTests, unknownPath, type LoadedService, type ServiceSource } from '#modules';
import type { ValueObject } from '#values';

/** In the form of the reporter `default`. */
export interface TestReport extends ValueObject {
  readonly stats: { readonly tests: number; readonly failures: number } & ValueObject;
  readonly failures: readonly ({ readonly fullTitle: string } & ValueObject)[];
}

/** Tests of a version have failed; it is not activated. */
export class GateError extends ArangoError {
  readonly tests: TestReport;

  constructor(mount: string, tests: TestReport) {
    const { stats, failures } = tests;
    const titles = failures.map(({ fullTitle }) => `Test: ${fullTitle}`);
    const message = [
      `${stats.failures} of ${stats.tests} tests of the new version failed, and it was not activated`,
      `Mount: ${mount}`,
      ...titles,
    ].join('\n');
    super('ERROR_MODULE_FAILURE', { message });
    this.tests = tests;
  }
}

export interface GateOptions {
  /** Who a request comes from; undefined: nobody, where somebody is needed. */
  readonly callerOf: (request: HttpRequest) => { readonly user: string | undefined } | undefined;
  /** The mount that a path of the service's database belongs to, as things are. */
  readonly mountAbove: (path: string) => string | undefined;
}

/** Runs the tests, a promise when one is asynchronous, and reports their result. Throws `GateError` when one has failed. */
export function runGate(source: ServiceSource, options: GateOptions, report: (tests: TestReport) => void): void | Promise<void> {
  let loaded: LoadedService | undefined;
  const { host } = source;
  const request = (asked: HttpRequest): HttpAnswer =>
    (loaded === undefined ? undefined : answer(asked, source, loaded, options)) ?? host.request(asked);
  const tested = { ...source, host: { ...host, request } };
  const close = (): void => loaded?.close();
  const judge = (result: unknown): void => {
    const tests = result as TestReport;
    report(tests);
    if (tests.stats.failures > 0) throw new GateError(source.mount, tests);
  };
  const run = (): unknown => runTests(tested, { reporter: 'default' });
  let result: unknown;
  try {
    loaded = loadService(tested);
    result = loaded.ready === undefined ? run() : loaded.ready.then(run);
    if (!(result instanceof Promise)) return judge(result);
  } finally {
    if (!(result instanceof Promise)) close();
  }
  return result.then(judge).finally(close);
}

/** The answer of the version under test; undefined for requests that are not for it. */
function answer(
  http: HttpRequest,
  { database, mount }: ServiceSource,
  loaded: LoadedService,
  { callerOf, mountAbove }: GateOptions,
): HttpAnswer | undefined {
  const [, name = '_system', path = '/', query = ''] = /^(?:\/_db\/([^/?]+))?(\/[^?]*)(?:\?(.*))?$/s.exec(http.url) ?? [];
  const isBelow = path === mount || path.startsWith(`${mount}/`);
  if (!isBelow || decodeURIComponent(name) !== database.name || (mountAbove(path)?.length ?? 0) > mount.length) return undefined;
  const caller = callerOf(http);
  const request = { http, path: path.slice(mount.length) || '/', query, user: caller?.user, isAuthorized: caller !== undefined };
  const answered = loaded.handle(request) ?? unknownPath(request);
  if (!(answered instanceof Promise)) return answered;
  throw new ArangoError(
    'ERROR_NOT_IMPLEMENTED',
    'a handler that answers later cannot be waited for by the tests of a version that is not active yet',
  );
}
