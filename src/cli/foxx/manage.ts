/** What is mounted and how: `foxx list`, `show`, `uninstall`, `set-dev`, `set-prod`, `scripts`, `run`. */
import { command, optional, required } from '../command.ts';
import { ServerError } from '../failure.ts';
import { bold, columns, detail, gray, info, json } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { parseJson, readJsonInput } from '../source.ts';
import { withServer, withService } from '../with-server.ts';

const MOUNT = { mount: required('Where the service is mounted') };
const RAW = { raw: { describe: "Print the server's answer as JSON", type: 'boolean', default: false } } as const;

interface ServiceEntry {
  readonly mount: string;
  readonly name?: string;
  readonly version?: string;
  readonly legacy: boolean;
  readonly development: boolean;
}

interface ServiceDetails extends ServiceEntry {
  readonly path: string;
  readonly checksum: string;
}

export const listCommand = command({
  name: 'list',
  aliases: ['ls'],
  summary: 'List mounted services',
  arguments: {},
  options: {
    ...SERVER_OPTIONS,
    ...RAW,
    all: { describe: 'Also those of the system, at /_…', alias: 'a', type: 'boolean', default: false },
  },
  examples: [
    ['list', 'The services of the default server'],
    ['list -a -D mydb', 'All services of another database'],
  ],
  run: (given) =>
    withServer(given, async (client) => {
      const services = await client.json<readonly ServiceEntry[]>({ path: '/_api/foxx', query: { excludeSystem: !given.all } });
      if (given.raw) json(services);
      else if (services.length > 0) info(columns(services.map((service) => [titleOf(service), stateOf(service)])));
      else if (given.verbose > 0) detail('No services available.');
    }),
});

function titleOf({ mount, development }: ServiceEntry): string {
  return development ? bold(mount) : mount;
}

function stateOf({ name, version, legacy, development }: ServiceEntry): string {
  const label = [name, version].filter((part) => part !== undefined && part !== '').join('@');
  return [label, legacy ? gray('(legacy)') : '', development ? bold('[DEV]') : ''].filter((part) => part !== '').join(' ');
}

export const showCommand = command({
  name: 'show',
  aliases: ['info'],
  summary: 'Show a mounted service',
  arguments: MOUNT,
  options: { ...SERVER_OPTIONS, ...RAW },
  examples: [['show /hello', 'Name, version, folder and checksum of the service at /hello']],
  run: (given) =>
    withService(given, async (client) => {
      const service = await client.json<ServiceDetails>({ path: '/_api/foxx/service', query: { mount: given.mount } });
      if (given.raw) {
        json(service);
        return;
      }
      const marks = [service.legacy ? gray(' (legacy)') : '', service.development ? bold(' [DEV]') : ''].join('');
      info(`Mount: ${service.mount}${marks}`);
      if (service.name !== undefined) info(`Name: ${service.name}`);
      if (service.version !== undefined) info(`Version: ${service.version}`);
      info(`Path: ${service.path}`);
      info(`Checksum: ${service.checksum}`);
    }),
});

export const uninstallCommand = command({
  name: 'uninstall',
  aliases: ['remove', 'purge'],
  summary: 'Uninstall a mounted service',
  arguments: MOUNT,
  options: {
    ...SERVER_OPTIONS,
    teardown: { describe: 'Run its teardown script (--no-teardown: do not)', type: 'boolean', default: true },
  },
  examples: [['uninstall --no-teardown /hello', 'Remove the service and leave its collections']],
  run: (given) =>
    withServer(given, async (client) => {
      const { mount, teardown, verbose } = given;
      try {
        await client.send({ method: 'DELETE', path: '/_api/foxx/service', query: { mount, teardown } });
        if (verbose > 0) detail(`Service "${mount}" successfully removed.`);
      } catch (error) {
        // What is not there need not be removed, as with foxx-cli.
        if (!(error instanceof ServerError) || error.errorNum !== 3009) throw error;
        if (verbose > 0) detail(`Service "${mount}" not found.\nNothing to uninstall.`);
      }
    }),
});

export const setDevelopmentCommand = command({
  name: 'set-dev',
  aliases: ['set-development'],
  summary: 'Switch a service to development mode',
  about: 'Switches a service to development mode: its files on the server are read again for each request, and errors show their stack.',
  arguments: MOUNT,
  options: SERVER_OPTIONS,
  examples: [['set-dev /hello', 'From now on edits of the files show at once']],
  run: (given) => setMode(given, 'POST'),
});

export const setProductionCommand = command({
  name: 'set-prod',
  aliases: ['set-production'],
  summary: 'Switch a service to production mode',
  about: "Switches a service to production mode: the server's files become the new bundle, and are read once.",
  arguments: MOUNT,
  options: SERVER_OPTIONS,
  examples: [['set-prod /hello', 'The edits become what is installed']],
  run: (given) => setMode(given, 'DELETE'),
});

async function setMode(given: Parameters<typeof withService>[0], method: 'POST' | 'DELETE'): Promise<void> {
  await withService(given, (client) => client.send({ method, path: '/_api/foxx/development', query: { mount: given.mount } }));
}

export const scriptsCommand = command({
  name: 'scripts',
  summary: "List a service's scripts",
  arguments: MOUNT,
  options: { ...SERVER_OPTIONS, ...RAW },
  examples: [['scripts /hello', 'Names and titles']],
  run: (given) =>
    withService(given, async (client) => {
      const scripts = await client.json<Readonly<Record<string, string>>>({ path: '/_api/foxx/scripts', query: { mount: given.mount } });
      if (given.raw) json(scripts);
      else if (Object.keys(scripts).length > 0) info(columns(Object.entries(scripts)));
      else if (given.verbose > 0) detail('No scripts available.');
    }),
});

export const runCommand = command({
  name: 'run',
  aliases: ['script'],
  summary: "Run one of a service's scripts",
  arguments: {
    ...MOUNT,
    name: required('The script'),
    options: optional('JSON that the script gets as its argument; @ to read it from stdin'),
  },
  options: { ...SERVER_OPTIONS, ...RAW },
  examples: [
    ['run /hello send-mail', 'Run it without an argument'],
    ['run /hello send-mail \'{"to": "fox@example.com"}\'', 'Run it with one'],
  ],
  run: (given) => {
    const { mount, name, options } = given;
    return withService({ ...given, script: name }, async (client) => {
      const argument = options === '@' ? await readJsonInput() : options === undefined ? undefined : parseJson(options);
      const call = argument === undefined ? {} : { json: argument };
      json(
        await client.json<unknown>({ method: 'POST', path: `/_api/foxx/scripts/${encodeURIComponent(name)}`, query: { mount }, ...call }),
      );
    });
  },
});
