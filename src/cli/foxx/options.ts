/** `foxx config` and `foxx deps`: what a service asks for and what it was given. Two commands of one shape. */
import { command, many, required } from '../command.ts';
import { Failure } from '../failure.ts';
import { bold, complain, gray, info, json, red } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { readJsonInput } from '../source.ts';
import { withService } from '../with-server.ts';

interface Entry {
  readonly title: string;
  readonly description?: string;
  readonly required: boolean;
  readonly current?: unknown;
  readonly warning?: string;
  /** Of a configuration option. */
  readonly type?: string;
  /** Of a dependency. */
  readonly name?: string;
  readonly version?: string;
  readonly multiple?: boolean;
}

type Entries = Readonly<Record<string, Entry>>;

const OPTIONS = {
  ...SERVER_OPTIONS,
  force: { describe: 'Forget the values that are not given', alias: 'f', type: 'boolean', default: false },
  raw: { describe: 'Print JSON', type: 'boolean', default: false },
  minimal: { describe: 'Print names and values only', type: 'boolean', default: false },
} as const;

export const configCommand = command({
  name: 'config',
  aliases: ['configuration', 'cfg'],
  summary: "Show or change a service's configuration",
  arguments: { mount: required('Where the service is mounted'), options: many('Values to set, as name=value; @ for JSON on stdin') },
  options: OPTIONS,
  examples: [
    ['config /hello', 'What it can be configured with, and how it is'],
    ['config /hello currency=EUR', 'Change one value and keep the others'],
    ['config /hello -f', 'Forget all values'],
  ],
  run: (given) =>
    manage(given, 'configuration', ({ type = '', required: isRequired, current }) => [
      `Type: ${type}${isRequired ? '' : ` ${gray('(optional)')}`}`,
      `Value: ${shown(current)}`,
    ]),
});

export const depsCommand = command({
  name: 'deps',
  aliases: ['dependencies', 'dep'],
  summary: "Show or change a service's dependencies",
  arguments: { mount: required('Where the service is mounted'), options: many('Mounts to set, as name=/mount; @ for JSON on stdin') },
  options: OPTIONS,
  examples: [
    ['deps /hello', 'What it depends on, and where that is'],
    ['deps /hello mailer=/mail', 'Set one of them'],
  ],
  run: (given) =>
    manage(given, 'dependencies', ({ name = '*', version = '*', required: isRequired, multiple, current }) => [
      `Depends: ${name}@${version}${isRequired ? '' : ` ${gray('(optional)')}`}${multiple === true ? ` ${red('(multi)')}` : ''}`,
      `Mount: ${shown(current)}`,
    ]),
});

type Given = Parameters<typeof withService>[0] & {
  readonly options: readonly string[];
  readonly force: boolean;
  readonly raw: boolean;
  readonly minimal: boolean;
};

async function manage(given: Given, what: 'configuration' | 'dependencies', describe: (entry: Entry) => readonly string[]): Promise<void> {
  const { mount, force, raw, minimal } = given;
  const values = await readValues(given.options, { mayRepeat: what === 'dependencies' });
  const wanted = values ?? (force ? {} : undefined);
  const entries = await withService(given, (client) => {
    const call = wanted === undefined ? {} : ({ method: force ? 'PUT' : 'PATCH', json: wanted } as const);
    return client.json<Entries>({ path: `/_api/foxx/${what}`, query: { mount, minimal: false }, ...call });
  });
  if (raw) json(minimal ? minimalOf(entries, { isChange: wanted !== undefined }) : entries);
  else if (minimal) printMinimal(entries);
  else printAll(entries, describe);
}

async function readValues(pairs: readonly string[], { mayRepeat }: { readonly mayRepeat: boolean }): Promise<unknown> {
  if (pairs.length === 0) return undefined;
  if (pairs.length === 1 && pairs[0] === '@') return readJsonInput();
  const values = new Map<string, string | readonly string[]>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at <= 0) throw new Failure(`Values must be specified as name=value pairs. "${pair}" is none.`);
    const name = pair.slice(0, at);
    const value = pair.slice(at + 1);
    const before = values.get(name);
    values.set(name, before === undefined || !mayRepeat ? value : [before, value].flat());
  }
  return Object.fromEntries(values);
}

function minimalOf(entries: Entries, { isChange }: { readonly isChange: boolean }): unknown {
  const values = Object.fromEntries(Object.entries(entries).map(([name, { current }]) => [name, current]));
  if (!isChange) return values;
  const warnings = Object.fromEntries(
    Object.entries(entries).flatMap(([name, { warning }]) => (warning === undefined ? [] : [[name, warning]])),
  );
  return Object.keys(warnings).length === 0 ? { values } : { values, warnings };
}

function printMinimal(entries: Entries): void {
  for (const [name, { warning, current }] of Object.entries(entries)) {
    if (warning !== undefined) complain(`${name}: ${warning}`);
    info(`${name}: ${shown(current)}`);
  }
}

function printAll(entries: Entries, describe: (entry: Entry) => readonly string[]): void {
  const blocks = Object.entries(entries).map(([name, entry]) => {
    const lines = [
      bold(entry.title),
      `Key: ${name}`,
      ...describe(entry),
      entry.description ?? '',
      entry.warning === undefined ? '' : red(entry.warning),
    ];
    return lines.filter((line) => line !== '').join('\n');
  });
  if (blocks.length > 0) info(blocks.join('\n\n'));
}

function shown(current: unknown): string {
  if (current === undefined) return gray('N/A');
  return typeof current === 'string' ? current : JSON.stringify(current);
}
