/** `--server` and the options beside it: which server a command talks to, and as whom. The same in `foxx` and `foxden`. */
import { readFileSync } from 'node:fs';
import type { InferredOptionTypes } from 'yargs';
import { Client, type ServerAddress } from './client.ts';
import { single } from './command.ts';
import { Failure } from './failure.ts';
import { readRcFile, type SavedServer } from './rc-file.ts';

export const SERVER_OPTIONS = {
  server: single({ describe: "URL of the server, or a name given with 'foxx server set'", alias: 'H', default: 'default' }),
  username: single({ describe: 'User to sign in as', alias: 'u' }),
  password: { describe: 'Ask for the password', alias: 'P', type: 'boolean', default: false },
  'password-file': single({ describe: 'Read the password from a file', alias: 'p' }),
  token: { describe: 'Ask for a bearer token to sign in with', alias: 'T', type: 'boolean', default: false },
  database: single({ describe: 'Database to use', alias: 'D' }),
} as const;

export type ServerGiven = InferredOptionTypes<typeof SERVER_OPTIONS>;

const EXCLUDING: readonly (readonly [keyof ServerGiven, keyof ServerGiven])[] = [
  ['password', 'token'],
  ['password-file', 'token'],
  ['password', 'password-file'],
  ['username', 'token'],
];

/** A client of the server that the options name; `given.server` may be a URL or a name of the rc file. */
export async function connect(given: ServerGiven): Promise<Client> {
  const { name: _, ...server } = await resolveServer(given);
  return new Client({ ...server, url: server.url.replace(/^\/\//, 'http://') });
}

export async function resolveServer(given: ServerGiven): Promise<ServerAddress & { readonly name?: string }> {
  for (const [one, other] of EXCLUDING) {
    if (given[one] && given[other]) {
      throw new Failure(`Can not use both ${camel(one)} and ${camel(other)} as authentication for the same server.`);
    }
  }
  const saved = findServer(given.server);
  const url = saved.url ?? 'http://localhost:8529';
  const base = { ...saved, url, database: given.database ?? saved.database ?? '_system' };
  if (given.token) return { ...without(base, 'username', 'password'), token: await ask('Token') };

  const isNamed = given.username !== undefined;
  const signedIn: ServerAddress = isNamed || given.password || given['password-file'] !== undefined ? { ...base, token: undefined } : base;
  const username = given.username ?? saved.username;
  const password = given.password
    ? await ask('Password')
    : given['password-file'] === undefined
      ? isNamed
        ? ''
        : saved.password
      : readPassword(given['password-file']);
  if (signedIn.token !== undefined || hasCredentials(url)) {
    return { ...signedIn, ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
  }
  return { ...signedIn, username: username ?? 'root', password: password ?? '' };
}

function findServer(given: string): SavedServer & { readonly name?: string } {
  if (given.startsWith('//')) return { url: `http:${given}` };
  if (/^(?:unix|(?:https?|tcp|ssl|tls)(?:\+unix)?):\/\//.test(given)) return { url: given };
  const { server } = readRcFile();
  const saved = Object.hasOwn(server, given) ? server[given] : undefined;
  if (saved === undefined && given !== 'default') throw new Failure(`Not a valid server: "${given}".`);
  return { ...saved, name: given };
}

function hasCredentials(url: string): boolean {
  return /^[a-z]+:\/\/[^/@]+@/i.test(url);
}

function without<Value extends object, Name extends keyof Value>(value: Value, ...names: readonly Name[]): Omit<Value, Name> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name as Name))) as Omit<Value, Name>;
}

function readPassword(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/[\r\n]/g, '');
  } catch (cause) {
    throw new Failure(`Error reading password file "${path}".`, { cause });
  }
}

/** Asks at the terminal, without showing what is typed. */
async function ask(message: string): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  return password({ message, mask: true });
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
