/** How `foxx-manager` is told what to do: arangosh's options, from the command line over a configuration file, and the words after them. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readConfigFile } from '#base';
import { Failure } from '../failure.ts';

const DEFAULTS = {
  'server.endpoint': 'tcp://127.0.0.1:8529',
  'server.database': '_system',
  'server.username': 'root',
  'server.password': '',
  'store.url': 'https://github.com/arangodb/foxx-apps/archive/master.zip',
};

export type ManagerOptions = typeof DEFAULTS;

export interface ManagerCall {
  readonly options: ManagerOptions;
  readonly words: readonly string[];
  readonly wantsHelp: boolean;
}

/** Throws `Failure`. */
export function readManagerCall(args: readonly string[]): ManagerCall {
  const text = { type: 'string' } as const;
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      ...Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, text])),
      configuration: { ...text, short: 'c' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const given = Object.fromEntries(
    Object.keys(DEFAULTS).flatMap((name) => (typeof values[name] === 'string' ? [[name, values[name]]] : [])),
  );
  const file = values['configuration'] ?? (existsSync('foxx-manager.conf') ? 'foxx-manager.conf' : 'none');
  return {
    options: { ...DEFAULTS, ...(typeof file === 'string' && file !== 'none' ? settingsOf(file) : {}), ...given },
    words: positionals,
    wantsHelp: values['help'] === true,
  };
}

function parse(config: NonNullable<Parameters<typeof parseArgs>[0]>): {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
} {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new Failure(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Settings of other programs in the file are theirs. */
function settingsOf(file: string): Partial<ManagerOptions> {
  return Object.fromEntries(readConfigFile(file).flatMap(({ name, value }) => (name in DEFAULTS ? [[name, value]] : [])));
}
