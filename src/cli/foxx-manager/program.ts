/**
 * The program `foxx-manager`, as it was with ArangoDB 2: its commands, and the very lines that it prints, for scripts that read them. Errors
 * are their message alone on stdout, and exit code 1.
 *
 * `update` refreshes the store without arguments, and upgrades a service with two, as the old manual has it.
 */
import { Client } from '../client.ts';
import { describeFailure, Failure, ServerError } from '../failure.ts';
import { info, json } from '../output.ts';
import { readAppInfo } from './app-info.ts';
import { readManagerCall } from './options.ts';
import { newestVersion } from '#offers';
import { Store } from './store.ts';
import { managerTable } from './table.ts';

interface Session {
  readonly client: Client;
  readonly store: Store;
  /** Those after the command. */
  readonly words: readonly string[];
}

interface ManagerCommand {
  readonly usage: string;
  /** Not in the list of `help`. */
  readonly isHidden?: boolean;
  run(session: Session): Promise<void>;
}

interface Manifest {
  readonly author?: string;
  readonly description?: string;
}

interface Described {
  readonly mount: string;
  readonly name?: string;
  readonly version?: string;
  readonly development: boolean;
  readonly manifest: Manifest;
}

const COMMANDS: Readonly<Record<string, ManagerCommand>> = {
  available: { usage: 'lists all services of the local copy of the store', run: listAvailable },
  configuration: { usage: 'shows the configuration of a service', run: showConfiguration },
  configure: { usage: 'sets the configuration of a service', run: configure },
  dependencies: { usage: 'shows the dependencies of a service', run: showDependencies },
  development: { usage: 'activates development mode for a service', run: (session) => setMode(session, { isDevelopment: true }) },
  help: { usage: 'shows this help', run: async () => printUsage() },
  info: { usage: 'shows what the store knows of a service', run: showInfo },
  install: { usage: 'installs a service at a mount point', run: (session) => install(session, 'install', 'installed') },
  installed: { usage: 'alias for the list command', run: (session) => list(session, () => true) },
  list: { usage: 'lists all mounted services', run: (session) => list(session, () => true) },
  listDevelopment: {
    usage: 'lists the services in development mode',
    isHidden: true,
    run: (session) => list(session, ({ development }) => development),
  },
  production: { usage: 'activates production mode for a service', run: (session) => setMode(session, { isDevelopment: false }) },
  replace: {
    usage: 'replaces a service (WARNING: its teardown runs, its data may go)',
    run: (session) => install(session, 'replace', 'replaced'),
  },
  run: { usage: 'runs a script of a service', run: runScript },
  search: { usage: 'searches the local copy of the store', run: search },
  'set-dependencies': { usage: 'sets the dependencies of a service', run: setDependencies },
  setup: { usage: 'runs the setup script of a service', run: (session) => runLifecycle(session, 'setup') },
  teardown: { usage: 'runs the teardown script (WARNING: its data may go)', run: (session) => runLifecycle(session, 'teardown') },
  tests: { usage: 'runs the tests of a service', run: runTests },
  uninstall: { usage: 'removes a service (WARNING: its data may go)', run: uninstall },
  update: { usage: 'refreshes the local copy of the store', run: update },
  upgrade: { usage: 'upgrades a service', run: (session) => install(session, 'upgrade', 'upgraded') },
};

export async function foxxManager(args: readonly string[]): Promise<void> {
  let client: Client | undefined;
  try {
    const { options, words, wantsHelp } = readManagerCall(args);
    const [name, ...rest] = words;
    const found = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (wantsHelp) printUsage();
    else if (name === undefined) printUsage('Expecting a command, please try:');
    else if (found === undefined) printUsage(`Unknown command '${name}', please try:`);
    else {
      client = new Client({
        url: options['server.endpoint'],
        database: options['server.database'],
        username: options['server.username'],
        password: options['server.password'],
      });
      await found.run({ client, store: new Store(options['store.url']), words: rest });
    }
  } catch (error) {
    info(error instanceof ServerError ? error.message || describeFailure(error) : describeFailure(error));
    process.exitCode = 1;
  } finally {
    client?.close();
  }
}

function printUsage(title = 'The following commands are available:'): void {
  const lines = Object.keys(COMMANDS)
    .toSorted()
    .flatMap((name) => {
      const { usage = '', isHidden = false } = COMMANDS[name] ?? {};
      return isHidden ? [] : [` ${name.padEnd(18)} ${usage}`];
    });
  info(
    [
      title,
      '',
      ...lines,
      '',
      'Options: --server.endpoint, --server.database, --server.username, --server.password, --configuration <file>',
    ].join('\n'),
  );
}

async function install({ client, store, words }: Session, operation: 'install' | 'replace' | 'upgrade', done: string): Promise<void> {
  const [appInfo = wanted('an application'), mount = wanted('a mount point'), ...rest] = words;
  const { options, pairs } = readOptions(rest);
  const configuration = { ...(options['configuration'] as object | undefined), ...pairs };
  const used = Object.keys(configuration).length === 0 ? options : { ...options, configuration };
  const source = await readAppInfo(appInfo, { ...options, ...pairs }, store);
  const form = { source, ...(appInfo === 'EMPTY' ? {} : { configuration: JSON.stringify(configuration) }) };
  const { setup, teardown, force } = used as Readonly<Record<string, string | boolean | undefined>>;
  const target = {
    install: { method: 'POST', path: '/_api/foxx' },
    replace: { method: 'PUT', path: '/_api/foxx/service' },
    upgrade: { method: 'PATCH', path: '/_api/foxx/service' },
  } as const;
  const service = await client.json<Described>({ ...target[operation], query: { mount, setup, teardown, force }, form });
  info(`${titleOf(service)} ${done} successfully at mount point ${mount}`);
  info(`options used: ${JSON.stringify(used)}`);
}

async function uninstall({ client, words }: Session): Promise<void> {
  const [mount = wanted('a mount point'), ...rest] = words;
  const { pairs } = readOptions(rest);
  const service = await describe(client, mount);
  const teardown = pairs['teardown'] !== false && pairs['teardown'] !== 'false';
  await client.send({ method: 'DELETE', path: '/_api/foxx/service', query: { mount, teardown } });
  info(`${titleOf(service)} uninstalled successfully from mount point ${mount}`);
}

async function list({ client, words }: Session, isWanted: (service: Described) => boolean): Promise<void> {
  const [prefix = ''] = words;
  const found = await client.json<readonly { readonly mount: string }[]>({ path: '/_api/foxx' });
  const services = await Promise.all(found.filter(({ mount }) => mount.startsWith(prefix)).map(({ mount }) => describe(client, mount)));
  const rows = services
    .filter(isWanted)
    .toSorted((left, right) => (left.mount < right.mount ? -1 : 1))
    .map(({ mount, name = '', version = '', development, manifest: { author = '', description = '' } }) => [
      mount,
      name,
      author,
      description,
      version,
      String(development),
    ]);
  info(managerTable(['Mount', 'Name', 'Author', 'Description', 'Version', 'Development'], rows, 'application(s)'));
}

async function setMode({ client, words }: Session, { isDevelopment }: { readonly isDevelopment: boolean }): Promise<void> {
  const [mount = wanted('a mount point')] = words;
  const service = await client.json<Described>({
    method: isDevelopment ? 'POST' : 'DELETE',
    path: '/_api/foxx/development',
    query: { mount },
  });
  info(`Activated ${isDevelopment ? 'development' : 'production'} mode for ${titleOf(service)} on mount point ${mount}`);
}

async function configure({ client, words }: Session): Promise<void> {
  const [mount = wanted('a mount point'), ...rest] = words;
  const { options, pairs } = readOptions(rest);
  const values = { ...options, ...(options['configuration'] as object | undefined), ...pairs };
  await client.send({ method: 'PATCH', path: '/_api/foxx/configuration', query: { mount }, json: values });
  info(`Reconfigured ${titleOf(await describe(client, mount))} on mount point ${mount}`);
}

async function showConfiguration({ client, words }: Session): Promise<void> {
  const [mount = wanted('a mount point')] = words;
  info('Configuration options:');
  json(await client.json<unknown>({ path: '/_api/foxx/configuration', query: { mount } }));
}

async function setDependencies({ client, words }: Session): Promise<void> {
  const [mount = wanted('a mount point'), ...rest] = words;
  const { options, pairs } = readOptions(rest);
  await client.send({ method: 'PATCH', path: '/_api/foxx/dependencies', query: { mount }, json: { ...options, ...pairs } });
  info(`Reconfigured dependencies of ${titleOf(await describe(client, mount))} on mount point ${mount}`);
}

async function showDependencies({ client, words }: Session): Promise<void> {
  const [mount = wanted('a mount point')] = words;
  info('Dependencies:');
  json(await client.json<unknown>({ path: '/_api/foxx/dependencies', query: { mount } }));
}

async function runLifecycle({ client, words }: Session, script: 'setup' | 'teardown'): Promise<void> {
  const [mount = wanted('a mount point')] = words;
  await client.send({ method: 'POST', path: `/_api/foxx/scripts/${script}`, query: { mount } });
}

/** One argument is sent as it is; several as an array, since a script gets one. */
async function runScript({ client, words }: Session): Promise<void> {
  const [mount = wanted('a mount point'), name = wanted('a script'), ...rest] = words;
  const values = rest.map(parse);
  const call = values.length === 0 ? {} : { json: values.length === 1 ? values[0] : values };
  json(await client.json<unknown>({ method: 'POST', path: `/_api/foxx/scripts/${encodeURIComponent(name)}`, query: { mount }, ...call }));
}

async function runTests({ client, words }: Session): Promise<void> {
  const [mount = wanted('a mount point'), options = '{}'] = words;
  const { reporter, filter } = parse(options) as { readonly reporter?: string; readonly filter?: string };
  json(await client.json<unknown>({ method: 'POST', path: '/_api/foxx/tests', query: { mount, reporter, filter, idiomatic: false } }));
}

async function update(session: Session): Promise<void> {
  if (session.words.length > 0) return install(session, 'upgrade', 'installed');
  const entries = await session.store.update();
  info(`Updated local repository: ${entries.length} application(s)`);
}

async function listAvailable({ store }: Session): Promise<void> {
  const rows = (await store.entries()).map((entry) => [
    entry.name,
    entry.author ?? '',
    entry.description ?? '',
    newestVersion(entry) ?? '',
  ]);
  info(managerTable(['Name', 'Author', 'Description', 'Latest'], rows, 'application(s)'));
}

async function search({ store, words }: Session): Promise<void> {
  const text = words.join(' ').toLowerCase();
  const isFound = (...parts: readonly (string | undefined)[]): boolean => parts.some((part) => part?.toLowerCase().includes(text) === true);
  const found = (await store.entries()).filter(({ name, author, description, keywords = [] }) =>
    isFound(name, author, description, ...keywords),
  );
  const rows = found.map(({ name, author = '', description = '' }) => [name, author, description]);
  info(managerTable(['Name', 'Author', 'Description'], rows, 'application(s)'));
}

async function showInfo({ store, words }: Session): Promise<void> {
  const [name = wanted('a name')] = words;
  const { author = '', description = '', versions } = await store.get(name);
  info(`Name:        ${name}\nAuthor:      ${author}\nSystem:      false\nDescription: ${description}\n\nVersions:`);
  for (const version of Object.keys(versions).toSorted()) info(`${version}: foxx-manager install ${name}:${version} <mount>`);
}

async function describe(client: Client, mount: string): Promise<Described> {
  return client.json<Described>({ path: '/_api/foxx/service', query: { mount } });
}

function titleOf({ name = '', version = '' }: Described): string {
  return `Application ${name} version ${version}`;
}

/** `name=value` words, of which numbers become numbers, and one JSON object. */
function readOptions(words: readonly string[]): {
  readonly options: Readonly<Record<string, unknown>>;
  readonly pairs: Readonly<Record<string, unknown>>;
} {
  const pairs: Record<string, unknown> = {};
  let options: Readonly<Record<string, unknown>> = {};
  for (const word of words) {
    const pair = /^([-_a-zA-Z0-9]*)=(.*)$/s.exec(word);
    if (pair === null) options = { ...options, ...(parse(word) as object) };
    else pairs[pair[1] ?? ''] = asValue(pair[2] ?? '');
  }
  return { options, pairs };
}

function asValue(text: string): unknown {
  if (text !== '' && Number.isFinite(Number(text))) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Failure(`Options must be valid JSON, not: ${text}`, { cause });
  }
}

function wanted(what: string): never {
  throw new Failure(`Expecting ${what}`);
}
