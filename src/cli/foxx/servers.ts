/** `foxx server …`: names for servers, kept in `.foxxrc`. */
import { command, commandGroup, required } from '../command.ts';
import { Failure } from '../failure.ts';
import { columns, gray, info } from '../output.ts';
import { readRcFile, writeRcFile } from '../rc-file.ts';
import { resolveServer, SERVER_OPTIONS } from '../server-options.ts';

const { server: _server, ...CREDENTIALS } = SERVER_OPTIONS;

const list = command({
  name: 'list',
  aliases: ['ls'],
  summary: 'List the servers with a name',
  arguments: {},
  options: {},
  examples: [['server list -v', 'With their URLs']],
  run: ({ verbose }) => {
    const servers = Object.entries(readRcFile().server);
    if (servers.length === 0) return;
    info(verbose > 0 ? columns(servers.map(([name, { url = '' }]) => [name, url])) : servers.map(([name]) => name).join('\n'));
  },
});

const remove = command({
  name: 'remove',
  aliases: ['rm'],
  summary: "Forget a server's name",
  arguments: { name: required('The name') },
  options: {},
  examples: [['server remove dev', 'Forget it']],
  run: ({ name }) => {
    const content = readRcFile();
    if (!Object.hasOwn(content.server, name)) return;
    const { [name]: _, ...server } = content.server;
    writeRcFile({ ...content, server });
  },
});

const set = command({
  name: 'set',
  aliases: ['add'],
  summary: 'Give a server a name',
  about: 'Gives a server a name, under which --server finds it. Credentials are kept with it.',
  arguments: { name: required('The name'), server: required('Its URL') },
  options: CREDENTIALS,
  examples: [
    ['server set dev http://localhost:8529', 'As root, without a password'],
    ['server set dev //localhost:8529 -D mydb -u fox -P', 'Another database and user; asks for the password'],
    ['server set dev unix:///tmp/foxden.sock', 'By a socket'],
  ],
  run: async (given) => {
    const { name } = given;
    if (name.startsWith('/')) throw new Failure(`The server name must not start with a slash: "${name}".`);
    const { name: _, ...saved } = await resolveServer(given);
    const content = readRcFile();
    writeRcFile({ ...content, server: { ...content.server, [name]: withoutUndefined(saved) } });
  },
});

const show = command({
  name: 'show',
  aliases: ['info'],
  summary: 'Show what a name stands for',
  arguments: { name: required('The name') },
  options: {},
  examples: [['server show dev -v', 'With password and token']],
  run: ({ name, verbose }) => {
    const { server } = readRcFile();
    const names = Object.keys(server).toSorted();
    if (names.length === 0) throw new Failure('No servers defined.');
    const found = Object.hasOwn(server, name) ? server[name] : undefined;
    if (found === undefined) throw new Failure(`No such server: "${name}". Known servers: ${names.join(', ')}`);
    const secret = (text: string): string => (verbose === 0 ? gray('(hidden)') : text === '' ? gray('(empty)') : text);
    info(`URL: ${found.url ?? ''}`);
    if (found.database !== undefined) info(`Database: ${found.database}`);
    if (found.version !== undefined) info(`Version: ${found.version}`);
    if (found.username !== undefined) info(`Username: ${found.username}`);
    if (found.password !== undefined) info(`Password: ${secret(found.password)}`);
    if (found.token !== undefined) info(`Token: ${secret(found.token)}`);
  },
});

function withoutUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
}

export const serverCommand = commandGroup('server', ['remote'], 'Names for servers', [list, remove, set, show]);
