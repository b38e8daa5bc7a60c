/** /_api/foxx: installing services and everything that can be done with them. Shapes and defaults are those of foxx.md §4.2–4.5. */
import { ArangoError, isArangoError, type HttpAnswer } from '#base';
import {
  ActivationError,
  bundleOfBytes,
  bundleOfSource,
  type CoordinatorState,
  GateError,
  idiomaticReport,
  REPORTERS,
  rivalWarning,
  type InstallOptions,
  type Reporter,
  type ServiceDescription,
} from '#services';
import type { ValueObject } from '#values';
import { accepts } from '../accept.ts';
import { readMultipart } from '../multipart.ts';
import { answerEmpty, answerFailure, answerJson } from '../respond.ts';
import { del, get, patch, post, put, type Access, type ApiRequest, type Handler, type Route } from '../routes.ts';
import { findOffered } from './foxx-offers.ts';

interface GivenSource extends Pick<InstallOptions, 'configuration' | 'dependencies' | 'isAtomic' | 'isTested'> {
  readonly bundle: Uint8Array;
}

const ALL_ROUTES: readonly Route[] = [
  /** `coordinators` is foxden's own, where there are several. */
  get('/_api/foxx', 'read', ({ context: { services }, ownDatabase: database, query }) => {
    const summaries = services.list(database, { excludeSystem: query.flag('excludeSystem') });
    const standing = standingOf(services.distribution.coordinatorsOf(database));
    return answerJson(
      200,
      summaries.map((summary) => ({ ...summary, ...standing(summary.mount) })),
    );
  }),

  post('/_api/foxx', 'manage', async (request) => {
    const { context, ownDatabase: database, query } = request;
    const mount = query.get('mount');
    await context.services.lifecycle.checkVacant(database, mount);
    const { bundle, ...given } = await readSource(request);
    const options = { ...given, ...flags(request, ['development', 'setup', 'legacy', 'force']), by: request.user };
    try {
      return answerJson(201, await context.services.lifecycle.install(database, mount, bundle, options));
    } catch (error) {
      return answerActivationError(error);
    }
  }),

  /** foxden's own. */
  instanceRoute(get, '/_api/foxx/versions', 'read', ({ context, ownDatabase: database }, mount) =>
    answerJson(200, context.services.lifecycle.versions(database, mount)),
  ),

  /** foxden's own. */
  instanceRoute(post, '/_api/foxx/rollback', 'manage', async (request, mount) => {
    const { context, ownDatabase: database, query } = request;
    const version = query.find('version') || undefined;
    const options = { version, ...activationOf(request), ...flags(request, ['development', 'setup', 'teardown']), by: request.user };
    try {
      return answerJson(200, await context.services.lifecycle.rollback(database, mount, options));
    } catch (error) {
      return answerActivationError(error);
    }
  }),

  instanceRoute(get, '/_api/foxx/service', 'read', ({ context: { services }, ownDatabase: database }, mount) =>
    answerJson(200, { ...services.describe(database, mount), ...standingOf(services.distribution.coordinatorsOf(database))(mount) }),
  ),

  patch('/_api/foxx/service', 'manage', (request) => supersede(request, 'upgrade')),
  put('/_api/foxx/service', 'manage', (request) => supersede(request, 'replace')),

  instanceRoute(del, '/_api/foxx/service', 'manage', async (request, mount) => {
    await request.context.services.lifecycle.uninstall(request.ownDatabase, mount, flags(request, ['teardown', 'force']));
    return answerEmpty(204);
  }),

  ...optionRoutes('configuration'),
  ...optionRoutes('dependencies'),

  /** `reload` (`always`, `changed`) is foxden's own. */
  instanceRoute(post, '/_api/foxx/development', 'manage', async ({ context, ownDatabase: database, query }, mount) => {
    const reload = query.find('reload');
    if (reload !== undefined && reload !== 'always' && reload !== 'changed') {
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `query parameter "reload" must be "always" or "changed" and is "${reload}"`);
    }
    return answerJson(200, await context.services.developmentMode.set(database, mount, true, { reload }));
  }),
  instanceRoute(del, '/_api/foxx/development', 'manage', async (request, mount) =>
    answerJson(200, await request.context.services.developmentMode.set(request.ownDatabase, mount, false, flags(request, ['force']))),
  ),

  /** foxden's own: edits of the files from afar, some of them (PATCH) or all (PUT). A form: `source`, a zip, and `removed`, a JSON array of paths. */
  patch('/_api/foxx/development', 'manage', (request) => edit(request, { isWhole: false })),
  put('/_api/foxx/development', 'manage', (request) => edit(request, { isWhole: true })),

  instanceRoute(get, '/_api/foxx/scripts', 'read', ({ context, ownDatabase: database }, mount) =>
    answerJson(200, context.services.scripts(database, mount)),
  ),

  post('/_api/foxx/scripts/:name', 'manage', async (request) => {
    const { context, ownDatabase: database, params } = request;
    const mount = mountOf(request);
    const body = request.findJson();
    try {
      const result = await context.services.runScript(database, mount, params.name, body === undefined ? [] : [body]);
      return answerJson(200, result ?? null);
    } catch (error) {
      const thrown = statusOfThrown(error);
      if (thrown !== undefined) return answerFailure(thrown.statusCode, thrown.message);
      throw asManagementError(error, mount);
    }
  }),

  instanceRoute(post, '/_api/foxx/tests', 'manage', (request, mount) => {
    const { context, ownDatabase: database, query } = request;
    const reporter = reporterOf(query.find('reporter'));
    const filter = query.find('filter') || undefined;
    const isIdiomatic = query.findFlag('idiomatic');
    const answer = (reported: unknown): HttpAnswer => {
      const own = isIdiomatic === false ? undefined : idiomaticReport(reporter, reported);
      const isWanted = own !== undefined && (isIdiomatic === true || accepts(request.header('accept'), own.type, 'application/json'));
      return isWanted ? { status: 200, headers: { 'content-type': own.type }, body: own.text } : answerJson(200, reported);
    };
    const reported = context.services.runTests(database, mount, { reporter, filter });
    return reported instanceof Promise ? reported.then(answer) : answer(reported);
  }),

  /** `version` (2, 2.0, 3, 3.1) is foxden's own. */
  instanceRoute(get, '/_api/foxx/swagger', 'read', ({ context, ownDatabase: database, query }, mount) => {
    const version = query.find('version') ?? '2.0';
    if (!/^(2(\.0)?|3(\.1(\.\d)?)?)$/.test(version))
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `query parameter "version" must be 2.0 or 3.1 and is "${version}"`);
    const { services } = context;
    return answerJson(200, version.startsWith('3') ? services.openApi(database, mount) : services.documentation(database, mount));
  }),
  instanceRoute(get, '/_api/foxx/openapi', 'read', ({ context, ownDatabase: database }, mount) =>
    answerJson(200, context.services.openApi(database, mount)),
  ),

  /** `replace` counts as given with any value, as in ArangoDB. */
  post('/_api/foxx/commit', 'manage', async ({ context, ownDatabase: database, query }) => {
    await context.services.distribution.commit(database, { replace: query.flag('replace') });
    return answerEmpty(204);
  }),

  instanceRoute(post, '/_api/foxx/download', 'read', ({ context, ownDatabase: database }, mount) => {
    const { name, bundle } = context.services.download(database, mount);
    return {
      status: 200,
      headers: { 'content-type': 'application/zip', 'content-disposition': `attachment; filename="${name}"` },
      body: bundle,
    };
  }),

  instanceRoute(get, '/_api/foxx/readme', 'read', ({ context, ownDatabase: database }, mount) => {
    const readme = context.services.readme(database, mount);
    if (readme === undefined) return answerEmpty(204);
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: readme };
  }),

  get('/_api/foxx/_local/status', 'read', ({ context: { cluster } }) => answerJson(200, { ready: cluster.isCurrent })),

  /** Of the bundles on this coordinator's disk, by mount; of all, or of those that are asked for. */
  get('/_api/foxx/_local/checksums', 'read', ({ context: { services }, ownDatabase: database, query }) => {
    const mount = query.find('mount');
    return answerJson(200, services.distribution.localChecksums(database, mount === undefined ? undefined : [mount]));
  }),

  post('/_api/foxx/_local/heal', 'manage', ({ context, ownDatabase: database }) => {
    context.services.distribution.heal([database]);
    return answerEmpty(204);
  }),
];

/** Nothing where there is only one coordinator. A service that is being worked on in several places says so. */
function standingOf(
  coordinatorsOf: (mount: string) => readonly CoordinatorState[],
): (mount: string) => { readonly coordinators?: readonly CoordinatorState[]; readonly warnings?: readonly string[] } {
  return (mount) => {
    const coordinators = coordinatorsOf(mount);
    if (coordinators.length === 0) return {};
    const edits = coordinators.flatMap(({ edits: each }) => each ?? []);
    const rivals = coordinators.filter((each) => each.edits !== undefined).map(({ id }) => id);
    return { coordinators, ...(new Set(edits).size > 1 ? { warnings: [rivalWarning(mount, rivals)] } : {}) };
  };
}

/** With `--foxx.api false` every path answers 3099. */
export const foxxApi: readonly Route[] = ALL_ROUTES.map((route) => ({
  ...route,
  handle: (request) => {
    if (!request.context.server.isFoxxApiOn) throw new ArangoError('ERROR_SERVICE_API_DISABLED');
    return route.handle(request);
  },
}));

/** A route for one mount: a failure to find the service is told in ArangoDB's words, under the number it has. */
function instanceRoute(
  define: typeof get,
  path: string,
  access: Access,
  handle: (request: ApiRequest, mount: string) => HttpAnswer | Promise<HttpAnswer>,
): Route {
  const wrapped: Handler = (request) => {
    const mount = mountOf(request);
    const fail = (error: unknown): never => {
      throw asManagementError(error, mount);
    };
    try {
      const answer = handle(request, mount);
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (error) {
      return fail(error);
    }
  };
  return define(path, access, wrapped);
}

function mountOf({ query }: ApiRequest): string {
  const mount = query.get('mount');
  if (!/\/[^/]/.test(mount))
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `query parameter "mount" must be a mount path and is "${mount}"`);
  return mount;
}

/** The management API answers 400 for a service that is not there, where other places answer 404. */
function asManagementError(error: unknown, mount: string): unknown {
  if (!isArangoError(error) || error.errorNum !== 3009) return error;
  const answer = new ArangoError(
    'ERROR_SERVICE_NOT_FOUND',
    { message: `No service installed at mount path "${mount}".` },
    { cause: error },
  );
  answer.code = 400;
  return answer;
}

/** What a script threw with a status of its own, such as `res.throw` makes it. */
function statusOfThrown(error: unknown): { readonly statusCode: number; readonly message: string } | undefined {
  if (!isArangoError(error) || error.errorNum !== 3103 || !(error.cause instanceof Error)) return undefined;
  const { message, statusCode } = error.cause as Error & { readonly statusCode?: unknown };
  const isStatus = typeof statusCode === 'number' && Number.isInteger(statusCode) && statusCode >= 400 && statusCode < 600;
  return isStatus ? { statusCode, message } : undefined;
}

function reporterOf(text = 'default'): Reporter {
  const found = REPORTERS.find((reporter) => reporter === text);
  if (found !== undefined) return found;
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `query parameter "reporter" must be one of ${REPORTERS.join(', ')} and is "${text}"`);
}

async function supersede(request: ApiRequest, operation: 'upgrade' | 'replace'): Promise<HttpAnswer> {
  const { context, ownDatabase: database } = request;
  const mount = mountOf(request);
  const { lifecycle } = context.services;
  const chosen = flags(request, ['development', 'setup', 'teardown', 'legacy', 'force']);
  try {
    if (chosen.force !== true) await lifecycle.checkMounted(database, mount);
    const { bundle, ...given } = await readSource(request);
    const options = { ...given, ...chosen, by: request.user };
    const description: ServiceDescription = await lifecycle[operation](database, mount, bundle, options);
    return answerJson(200, description);
  } catch (error) {
    return answerActivationError(asManagementError(error, mount));
  }
}

/** Which coordinators failed and why, or which tests: beside the error itself. Throws any other error again. */
function answerActivationError(error: unknown): HttpAnswer {
  const told =
    error instanceof ActivationError ? { failures: error.failures } : error instanceof GateError ? { tests: error.tests } : undefined;
  if (told === undefined) throw error;
  const { code, errorNum, errorMessage } = error as ActivationError | GateError;
  return answerJson(code, { error: true, code, errorNum, errorMessage, ...told });
}

/** `activation` (`atomic`) and `gate` (`tests`) of the query, or else as they were given with the source. */
function activationOf(
  { query }: ApiRequest,
  given: { readonly activation?: unknown; readonly gate?: unknown } = {},
): Pick<InstallOptions, 'isAtomic' | 'isTested'> {
  const isChosen = (name: 'activation' | 'gate', value: string): boolean => {
    const found = query.find(name) ?? given[name] ?? '';
    if (found !== '' && found !== value)
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `"${name}" must be "${value}" and is ${JSON.stringify(found)}`);
    return found === value;
  };
  const isAtomic = isChosen('activation', 'atomic');
  const isTested = isChosen('gate', 'tests');
  if (isTested && !isAtomic) throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', '"gate" needs "activation" to be "atomic", and it is not');
  return { isAtomic, isTested };
}

/** The answer has `problem` when the service cannot be loaded as it is now. Stacks are for whoever may change the code anyway. */
async function edit(request: ApiRequest, { isWhole }: { readonly isWhole: boolean }): Promise<HttpAnswer> {
  const { context, ownDatabase: database } = request;
  const mount = mountOf(request);
  const parts = readMultipart(request.http.body, request.header('content-type') ?? '');
  const removed = pathsOf(parts.get('removed')?.data.toString('utf8') ?? '[]');
  try {
    const problem = await context.services.developmentMode.edit(database, mount, { files: parts.get('source')?.data, removed, isWhole });
    const described = problem === undefined ? {} : { problem: { message: problem.message, stack: problem.stack ?? '' } };
    const warnings = context.services.developmentMode.warnings(database, mount);
    const warned = warnings.length === 0 ? {} : { warnings };
    return answerJson(200, { ...context.services.describe(database, mount), ...described, ...warned });
  } catch (error) {
    throw asManagementError(error, mount);
  }
}

function pathsOf(text: string): readonly string[] {
  let paths: unknown;
  try {
    paths = JSON.parse(text);
  } catch {
    paths = undefined; // told below, with the text as it is
  }
  if (Array.isArray(paths) && paths.every((path) => typeof path === 'string')) return paths;
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `"removed" must be a JSON array of paths and is ${text.slice(0, 200)}`);
}

function optionRoutes(kind: 'configuration' | 'dependencies'): readonly Route[] {
  const path = `/_api/foxx/${kind}`;
  const read = ({ context, ownDatabase: database }: ApiRequest, mount: string): ValueObject =>
    context.services.settings[kind](database, mount);
  const change =
    (isReplace: boolean) =>
    (request: ApiRequest, mount: string): HttpAnswer | Promise<HttpAnswer> => {
      const { context, ownDatabase: database, query } = request;
      const values = bareValues(request.jsonObject());
      const set = kind === 'configuration' ? 'setConfiguration' : 'setDependencies';
      const answer = (warnings: Readonly<Record<string, string>>): HttpAnswer => {
        const all = read(request, mount);
        if (!query.flag('minimal', true)) return answerJson(200, withWarnings(all, warnings));
        return answerJson(200, { values: currentValues(all), ...(Object.keys(warnings).length > 0 ? { warnings } : {}) });
      };
      const changed = context.services.settings[set](database, mount, values, { isReplace });
      return changed instanceof Promise ? changed.then(answer) : answer(changed);
    };
  return [
    instanceRoute(get, path, 'read', (request, mount) => {
      const all = read(request, mount);
      return answerJson(200, request.query.flag('minimal') ? currentValues(all) : all);
    }),
    instanceRoute(patch, path, 'manage', change(false)),
    instanceRoute(put, path, 'manage', change(true)),
  ];
}

/** The manual wraps the values in `options`; clients send them bare. */
function bareValues(body: ValueObject): ValueObject {
  const { options, ...others } = body;
  const isWrapped = options !== null && typeof options === 'object' && !Array.isArray(options) && Object.keys(others).length === 0;
  return isWrapped ? (options as ValueObject) : body;
}

function currentValues(all: ValueObject): ValueObject {
  const set = Object.entries(all).filter(([, entry]) => (entry as ValueObject)['current'] !== undefined);
  return Object.fromEntries(set.map(([name, entry]) => [name, (entry as ValueObject)['current'] ?? null]));
}

/** A warning for a name that the manifest does not have gets an entry of its own. */
function withWarnings(all: ValueObject, warnings: Readonly<Record<string, string>>): ValueObject {
  const merged: Record<string, ValueObject> = { ...(all as Readonly<Record<string, ValueObject>>) };
  for (const [name, warning] of Object.entries(warnings)) merged[name] = { ...merged[name], warning };
  return merged;
}

function flags<Name extends string>({ query }: ApiRequest, names: readonly Name[]): { readonly [Flag in Name]?: boolean } {
  const given: { [Flag in Name]?: boolean } = {};
  for (const name of names) {
    const value = query.findFlag(name);
    if (value !== undefined) given[name] = value;
  }
  return given;
}

/** Reads the body of an install: a zip, JavaScript, JSON that names a source, or a form with parts. */
async function readSource(request: ApiRequest): Promise<GivenSource> {
  const { body, headers } = request.http;
  const type = headers['content-type'] ?? '';
  const options = { allowsRemote: request.context.server.allowsRemoteInstall };
  if (/^multipart\/form-data/i.test(type)) {
    const parts = readMultipart(body, type);
    const source = parts.get('source');
    if (source === undefined) throw missingSource();
    const isText = source.filename === undefined && source.type === undefined;
    const bundle = isText ? await bundleOfSource(unquote(source.data.toString('utf8')), options) : bundleOfBytes(source.data);
    const text = (name: string): string | undefined => parts.get(name)?.data.toString('utf8');
    return {
      bundle,
      ...parsedOptions({ configuration: text('configuration'), dependencies: text('dependencies') }),
      ...activationOf(request, { activation: text('activation'), gate: text('gate') }),
    };
  }
  if (/^application\/json/i.test(type)) {
    const given = request.jsonObject();
    const { source, configuration, dependencies, activation, gate } = given;
    const activated = activationOf(request, { activation, gate });
    const offered = findOffered(request.context, given);
    if (offered === undefined && (typeof source !== 'string' || source === '')) throw missingSource();
    const bundle = await (offered ?? bundleOfSource(source as string, options));
    return { bundle, ...parsedOptions({ configuration, dependencies }), ...activated };
  }
  if (body.length === 0) throw missingSource();
  return { bundle: bundleOfBytes(body), ...activationOf(request) };
}

function missingSource(): ArangoError {
  return new ArangoError('ERROR_HTTP_BAD_PARAMETER', 'the request has no "source" of the service');
}

/** arangojs sends a path as JSON text. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text; // not JSON, so the path itself begins with a quote
  }
}

function parsedOptions(given: {
  readonly configuration: unknown;
  readonly dependencies: unknown;
}): Pick<GivenSource, 'configuration' | 'dependencies'> {
  const parsed: { configuration?: ValueObject; dependencies?: ValueObject } = {};
  for (const name of ['configuration', 'dependencies'] as const) {
    const value = given[name];
    if (value === undefined || value === null || value === '') continue;
    parsed[name] = (typeof value === 'string' ? parseOptions(value) : value) as ValueObject;
  }
  return parsed;
}

function parseOptions(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArangoError(
      'ERROR_SERVICE_OPTIONS_MALFORMED',
      { message: `failed to parse service options\nDetails: ${String(cause)}` },
      { cause },
    );
  }
}
