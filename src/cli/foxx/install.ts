/** `foxx install`, `replace` and `upgrade`: three commands of one shape, which differ in what they do to what is there. */
import type { Client } from '../client.ts';
import { command, optional, repeated, required } from '../command.ts';
import { Failure } from '../failure.ts';
import { info, json } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { readSource } from '../source.ts';
import { withService } from '../with-server.ts';
import { ACTIVATION_OPTIONS, activationQuery, withActivation, type ActivationGiven } from './activation.ts';

const ARGUMENTS = {
  mount: required('Where the service is mounted'),
  source: optional("Folder, file or URL of the service; @ for a zip on stdin [default: '.']"),
};

const OPTIONS = {
  ...SERVER_OPTIONS,
  setup: { describe: "Run the new service's setup script (--no-setup: do not)", type: 'boolean', default: true },
  development: { describe: 'Mount it in development mode', alias: 'dev', type: 'boolean', default: false },
  legacy: { describe: 'Mount it as a service for ArangoDB 2.8 or earlier', type: 'boolean', default: false },
  remote: { describe: 'Let the server fetch the source, from its own disk or by URL', alias: 'R', type: 'boolean', default: false },
  cfg: repeated({ describe: 'A configuration value, as name=JSON; may be repeated', alias: 'c' }),
  dep: repeated({ describe: 'A dependency, as name=/mount; may be repeated, also with one name', alias: 'd' }),
  ...ACTIVATION_OPTIONS,
  raw: { describe: "Print the server's answer as JSON", type: 'boolean', default: false },
} as const;

const FORCE = { describe: 'Install the service if there is none yet', alias: 'f', type: 'boolean', default: false } as const;

export const installCommand = command({
  name: 'install',
  aliases: ['i'],
  summary: 'Install a service at a mount path',
  arguments: ARGUMENTS,
  options: OPTIONS,
  examples: [
    ['install /hello', 'Install the current folder at /hello'],
    ['install --dev /hello ./hello', 'Install a folder in development mode'],
    ['install /hello https://example.com/hello.zip', 'Fetch a bundle here and install it'],
    ['install /hello -R https://example.com/hello.zip', 'Let the server fetch it'],
    ['install /hello -c currency=\'"EUR"\' -d mailer=/mail', 'Set configuration and dependencies at once'],
    ['install /hello @ < hello.zip', 'Install a bundle from stdin'],
  ],
  run: (given) => submit(given, 'Installed', { method: 'POST', path: '/_api/foxx', options: {} }),
});

export const replaceCommand = command({
  name: 'replace',
  summary: 'Replace a mounted service with another',
  about: 'Replaces the service at a mount path: its teardown script runs, its configuration and dependencies are forgotten.',
  arguments: ARGUMENTS,
  options: {
    ...OPTIONS,
    teardown: { describe: "Run the old service's teardown script (--no-teardown: do not)", type: 'boolean', default: true },
    force: FORCE,
  },
  examples: [['replace /hello ./hello', 'Put the service of a folder in its place']],
  run: (given) =>
    submit(given, 'Replaced', { method: 'PUT', path: '/_api/foxx/service', options: { teardown: given.teardown, force: given.force } }),
});

export const upgradeCommand = command({
  name: 'upgrade',
  summary: 'Upgrade a mounted service to another version',
  about: 'Upgrades the service at a mount path: its configuration and dependencies are kept, its teardown script does not run.',
  arguments: ARGUMENTS,
  options: {
    ...OPTIONS,
    teardown: { describe: "Run the old service's teardown script", type: 'boolean', default: false },
    force: FORCE,
  },
  examples: [
    ['upgrade /hello', 'Upgrade it to what is in the current folder'],
    ['upgrade /hello --activation atomic --gate tests', 'On all coordinators together, if its tests pass'],
  ],
  run: (given) =>
    submit(given, 'Upgraded', { method: 'PATCH', path: '/_api/foxx/service', options: { teardown: given.teardown, force: given.force } }),
});

type Given = Parameters<typeof withService>[0] &
  ActivationGiven & {
    readonly source?: string | undefined;
    readonly setup: boolean;
    readonly development: boolean;
    readonly legacy: boolean;
    readonly remote: boolean;
    readonly cfg: readonly string[] | undefined;
    readonly dep: readonly string[] | undefined;
    readonly raw: boolean;
  };

interface Submission {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly options: Readonly<Record<string, boolean>>;
}

async function submit(given: Given, done: string, { method, path, options }: Submission): Promise<void> {
  const { mount, source = '.', setup, development, legacy } = given;
  if (given.remote && (given.source === undefined || source === '@')) {
    throw new Failure('Please specify a URL or file path when using --remote.');
  }
  const activation = activationQuery(given);
  const form = {
    configuration: JSON.stringify(readConfiguration(given.cfg ?? [])),
    dependencies: JSON.stringify(readDependencies(given.dep ?? [])),
    source: given.remote ? JSON.stringify(source) : await readSource(source),
  };
  const query = { mount, setup, development, legacy, ...options, ...activation };
  const answer = await withService({ ...given, mount, source }, (client: Client) =>
    withActivation(() => client.json<unknown>({ method, path, query, form })),
  );
  if (given.raw) json(answer);
  else info(`${done} service at "${mount}".`);
}

/** `name=JSON`; an empty value is null. */
function readConfiguration(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, value] = split(pair, 'Configuration options must be specified as name=value pairs.');
      try {
        return [name, value === '' ? null : (JSON.parse(value) as unknown)];
      } catch (cause) {
        throw new Failure(`Configuration option "${name}" is invalid. Value must be valid JSON: "${value}".`, { cause });
      }
    }),
  );
}

/** `name=/mount`; a name that comes again has a list. */
function readDependencies(pairs: readonly string[]): Readonly<Record<string, string | readonly string[]>> {
  const mounts = new Map<string, string[]>();
  for (const pair of pairs) {
    const [name, value] = split(pair, 'Dependency options must be specified as name=/path pairs.');
    mounts.set(name, [...(mounts.get(name) ?? []), value]);
  }
  return Object.fromEntries([...mounts].map(([name, list]) => [name, list.length === 1 ? (list[0] ?? '') : list]));
}

function split(pair: string, rule: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at <= 0) throw new Failure(`${rule} Option "${pair}" is invalid.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
