/** `foxx versions` and `foxx rollback`: what was mounted before, and the way back to it. */
import { command, optional, required } from '../command.ts';
import { Failure, ServerError } from '../failure.ts';
import { bold, info, json, table } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { withService } from '../with-server.ts';
import { ACTIVATION_OPTIONS, activationQuery, withActivation } from './activation.ts';

const RAW = { raw: { describe: "Print the server's answer as JSON", alias: 'json', type: 'boolean', default: false } } as const;

interface ListedVersion {
  readonly id: number;
  readonly name?: string;
  readonly version?: string;
  readonly checksum?: string;
  readonly current: boolean;
  readonly development: boolean;
  readonly operation?: string;
  readonly at?: string;
  readonly by?: string;
  readonly restores?: number;
}

export const versionsCommand = command({
  name: 'versions',
  aliases: ['history'],
  summary: 'List the versions of a mounted service that are kept',
  about: 'Lists the version of a service that is mounted, and those before it that it can be rolled back to.',
  arguments: { mount: required('Where the service is mounted') },
  options: { ...SERVER_OPTIONS, ...RAW },
  examples: [
    ['versions /hello', 'The newest first: that is the one that is mounted'],
    ['versions /hello --json', 'The same with configuration and dependencies'],
  ],
  run: (given) =>
    withService(given, async (client) => {
      const versions = await client.json<readonly ListedVersion[]>({ path: '/_api/foxx/versions', query: { mount: given.mount } });
      if (given.raw) json(versions);
      else info(table(['Version', 'Service', 'Checksum', 'Since', 'By', 'How'], versions.map(rowOf)));
    }),
});

function rowOf(listed: ListedVersion): readonly string[] {
  const { id, name, version, checksum = '', current, development, at = '', by = '' } = listed;
  const label = [name, version].filter((part) => part !== undefined && part !== '').join('@');
  const title = current ? bold(`${id} *`) : String(id);
  return [title, development ? `${label} ${bold('[DEV]')}` : label, checksum, at, by, wayOf(listed)];
}

function wayOf({ operation = '', restores }: ListedVersion): string {
  return restores === undefined ? operation : `${operation} to ${restores}`;
}

export const rollbackCommand = command({
  name: 'rollback',
  summary: 'Go back to a former version of a mounted service',
  about: [
    'Puts a former version of a service into its place: its bundle, configuration, dependencies and mode, as they were.',
    'Without a version it is the last one, so doing it again goes forward again.',
  ].join('\n'),
  arguments: {
    mount: required('Where the service is mounted'),
    to: optional('Its number in `foxx versions`, or the version of its manifest [default: the last one]'),
  },
  options: {
    ...SERVER_OPTIONS,
    ...ACTIVATION_OPTIONS,
    ...RAW,
    setup: { describe: "Run that version's setup script (--no-setup: do not)", type: 'boolean', default: true },
    teardown: { describe: "Run the present version's teardown script", type: 'boolean', default: false },
  },
  examples: [
    ['rollback /hello', 'Back to the version before'],
    ['rollback /hello 1.2.0', 'Back to a certain one'],
    ['rollback /hello --activation atomic --gate tests', 'On all coordinators together, if its tests pass'],
  ],
  run: async (given) => {
    const { mount, to: version, setup, teardown } = given;
    const query = { mount, version, setup, teardown, ...activationQuery(given) };
    const service = await withService(given, (client) =>
      withActivation(() => client.json<ListedVersion>({ method: 'POST', path: '/_api/foxx/rollback', query }).catch(tellRefusal)),
    );
    if (given.raw) json(service);
    else
      info(
        `Rolled back service at "${mount}" to ${[service.name, service.version].filter((part) => part !== undefined).join('@') || service.checksum}.`,
      );
  },
});

/** That a version or its bundle is not there: the server says what is. */
function tellRefusal(error: unknown): never {
  if (error instanceof ServerError && (error.errorNum === 3014 || error.errorNum === 3002))
    throw new Failure(error.message, { cause: error });
  throw error;
}
