/**
 * Where the values of options come from: command line over environment over configuration file over the table's defaults.
 *
 * Nothing is guessed. What cannot be understood ends the start with a message that says what was found and what was wanted; what
 * arangod has and foxden does not need is accepted with a line in the log.
 */
import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { readConfigFile, type Setting } from './config-file.ts';
import { IGNORED, IGNORED_SECTIONS, OPTIONS, RENAMED, type Config, type OptionName, type OptionRow } from './options.ts';

export interface ConfigSources {
  /** Without node and the script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export type Reading =
  | { readonly do: 'start'; readonly config: Config; readonly notices: readonly string[] }
  /** `section` is empty for an overview, `all` for everything. */
  | { readonly do: 'help'; readonly section: string }
  | { readonly do: 'version'; readonly asJson: boolean }
  /** Start nothing, only say whether the options are right. */
  | { readonly do: 'check'; readonly config: Config };

export const DEFAULT_CONFIG = Object.fromEntries(Object.entries(OPTIONS).map(([name, row]) => [name, row.default])) as unknown as Config;

type RawValue = Config[OptionName];

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** Throws `ConfigError`. */
export function readConfig({ args, env, cwd }: ConfigSources): Reading {
  const { settings: fromArgs, command } = readArguments(args);
  if (command !== undefined && command !== 'check') return command;
  const notices: string[] = [];
  const fromEnvironment = readEnvironment(env, notices);
  const first = new Values(env, notices);
  first.apply(fromEnvironment);
  first.apply(fromArgs);
  const file = findFile(first, cwd);

  const values = new Values(env, notices);
  values.apply(file === undefined ? [] : readConfigFile(file));
  values.apply(fromEnvironment);
  values.apply(fromArgs);
  const config = values.config();
  return command === 'check' ? { do: 'check', config } : { do: 'start', config, notices: [...new Set(notices)] };
}

/** Options that were given, one source over another: what a later one says of an option replaces what an earlier one said. */
class Values {
  readonly #given = new Map<OptionName, RawValue>();
  readonly #env: ConfigSources['env'];
  readonly #notices: string[];

  constructor(env: ConfigSources['env'], notices: string[]) {
    this.#env = env;
    this.#notices = notices;
  }

  get<Name extends OptionName>(name: Name): Config[Name] {
    return (this.#given.get(name) ?? OPTIONS[name].default) as Config[Name];
  }

  /** The settings of one source. */
  apply(settings: readonly Setting[]): void {
    const lists = new Map<OptionName, string[]>();
    for (const setting of settings) {
      const name = this.#resolve(setting);
      if (name === undefined) continue;
      const value = substitute(setting.value, this.#env);
      if (OPTIONS[name].type === 'strings') {
        const list = lists.get(name) ?? [];
        lists.set(name, list);
        list.push(value);
        this.#given.set(name, list);
      } else {
        this.#given.set(name, parseValue(OPTIONS[name], value, describe(setting)));
      }
    }
  }

  #resolve(setting: Setting): OptionName | undefined {
    const name = RENAMED[setting.name] ?? setting.name;
    if (isOption(name)) return name;
    const section = name.includes('.') ? name.slice(0, name.indexOf('.')) : undefined;
    if (!IGNORED.has(name) && (section === undefined || !IGNORED_SECTIONS.has(section))) throw unknownOption(name, setting.origin);
    this.#notices.push(`option --${name} has no effect in foxden`);
    return undefined;
  }

  config(): Config {
    return { ...DEFAULT_CONFIG, ...(Object.fromEntries(this.#given) as Partial<Config>) };
  }
}

function describe({ name, origin }: Setting): string {
  return origin === '' ? `--${name}` : `${origin}: ${name}`;
}

// The command line

interface Arguments {
  readonly settings: readonly Setting[];
  readonly command: Extract<Reading, { do: 'help' | 'version' }> | 'check' | undefined;
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

function findCommand(name: string): Arguments['command'] {
  if (name === 'version' || name === 'version-json') return { do: 'version', asJson: name === 'version-json' };
  if (name === 'check-configuration') return 'check';
  const section = /^help(?:-(.+))?$/.exec(name);
  return section === null ? undefined : { do: 'help', section: section[1] ?? '' };
}

function isBooleanOption(name: string): boolean {
  const known = RENAMED[name] ?? name;
  return isOption(known) && OPTIONS[known].type === 'boolean';
}

function findBareValue(name: string): string | undefined {
  const known = RENAMED[name] ?? name;
  const row: OptionRow | undefined = isOption(known) ? OPTIONS[known] : undefined;
  return row?.type === 'string' ? row.bare : undefined;
}

function readArguments(args: readonly string[]): Arguments {
  const settings: Setting[] = [];
  let command: Arguments['command'];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? '';
    const [, name, , inline] = /^--?([\w.-]+)(=(.*))?$/s.exec(argument) ?? [];
    if (name === undefined || (!argument.startsWith('--') && name !== 'c' && name !== 'h')) {
      if (argument.startsWith('-') && argument !== '-') throw unknownOption(argument.replace(/^-+/, ''), '');
      settings.push({ name: 'database.directory', value: argument, origin: '' });
      continue;
    }
    const found = inline === undefined ? findCommand(name === 'h' ? 'help' : name) : undefined;
    if (found !== undefined) {
      command ??= found;
    } else if (inline !== undefined) {
      settings.push({ name, value: inline, origin: '' });
    } else if (findBareValue(name) !== undefined) {
      settings.push({ name, value: findBareValue(name) ?? '', origin: '' });
    } else if (name.startsWith('no-') && isBooleanOption(name.slice(3))) {
      settings.push({ name: name.slice(3), value: 'false', origin: '' });
    } else {
      const next = args[i + 1];
      const takesNext = next !== undefined && (isBooleanOption(name) ? next.toLowerCase() in BOOLEANS : takesValue(name, next));
      if (takesNext) i++;
      else if (isOption(RENAMED[name] ?? name) && !isBooleanOption(name)) throw new ConfigError(`--${name} wants a value`);
      settings.push({ name, value: takesNext ? next : 'true', origin: '' });
    }
  }
  return { settings, command };
}

/** Of an option that has no effect it is not known whether it has a value; an argument that is no option is taken for one. */
function takesValue(name: string, next: string): boolean {
  return isOption(RENAMED[name] ?? name) || !next.startsWith('-');
}

// The environment

/** `server.maximal-queue-size` is FOXDEN_SERVER_MAXIMAL_QUEUE_SIZE. */
function variableName(option: string): string {
  return option.replace(/[.-]/g, '_').toUpperCase();
}

const PREFIXES = ['ARANGO_', 'FOXDEN_'] as const;

/** What ArangoDB's container image understands besides options. */
const SPECIAL: Readonly<Record<string, (value: string) => readonly (readonly [OptionName, string])[]>> = {
  ROOT_PASSWORD: (value) => [['database.password', value]],
  ROOT_PASSWORD_FILE: (path) => [['database.password', readFileSync(path, 'utf8').replace(/\r?\n$/, '')]],
  NO_AUTH: (value) => (value === '' ? [] : [['server.authentication', String(!(BOOLEANS[value.toLowerCase()] ?? true))]]),
};

function readEnvironment(env: ConfigSources['env'], notices: string[]): Setting[] {
  const options = new Map(Object.keys(OPTIONS).map((name) => [variableName(name), name as OptionName]));
  const settings: Setting[] = [];
  for (const prefix of PREFIXES) {
    for (const [variable, value] of Object.entries(env)) {
      if (value === undefined || !variable.startsWith(prefix)) continue;
      const rest = variable.slice(prefix.length);
      const name = options.get(rest);
      if (name !== undefined) {
        const values = OPTIONS[name].type === 'strings' ? value.split(/[\n,]/).map((each) => each.trim()) : [value];
        settings.push(...values.filter((each) => each !== '').map((each) => ({ name, value: each, origin: variable })));
      } else if (Object.hasOwn(SPECIAL, rest)) {
        const pairs = SPECIAL[rest]?.(value) ?? [];
        settings.push(...pairs.map(([option, each]) => ({ name: option, value: each.replaceAll('@', '@@'), origin: variable })));
      } else if (prefix === 'FOXDEN_') {
        notices.push(`the environment variable ${variable} is no option of foxden`);
      }
    }
  }
  return settings;
}

/** `@NAME@` is a variable of the environment, `@@` an at sign. */
function substitute(value: string, env: ConfigSources['env']): string {
  return value.replace(/@(\w*)@/g, (_, name: string) => (name === '' ? '@' : (env[name] ?? '')));
}

// The configuration file

function findFile(values: Values, cwd: string): string | undefined {
  const given = values.get('configuration');
  if (given.toLowerCase() === 'none') return undefined;
  if (given !== '') return resolve(cwd, given);
  const directory = values.get('database.directory');
  const candidates = [join(cwd, 'foxden.conf'), ...(directory === '' ? [] : [resolve(cwd, directory, 'foxden.conf')])];
  return candidates.find((path) => existsSync(path));
}

// Values

const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** A number with one of arangod's suffixes; of a size in bytes, `%` is a share of the machine's memory. */
function parseNumber(text: string, unit: string | undefined): number | undefined {
  const [, digits, suffix = ''] = /^(-?\d+(?:\.\d+)?)\s*([a-z]*|%)$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  if (suffix === '%') return unit === 'bytes' ? Math.floor((Number(digits) / 100) * totalmem()) : undefined;
  const factor = FACTORS[suffix.toLowerCase()];
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** "a whole number of bytes from 1 to 5, like 64KiB" */
function wantedNumber({ type, unit, minimum, maximum }: OptionRow & { type: 'integer' | 'number' }): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const of = unit === undefined ? '' : ` of ${unit}`;
  const range = [minimum === undefined ? '' : ` from ${minimum}`, maximum === undefined ? '' : ` up to ${maximum}`].join('');
  return `${kind}${of}${range}${unit === 'bytes' ? ', like 64KiB, 128MB or 5%' : ''}`;
}

function parseValue(row: OptionRow, text: string, where: string): RawValue {
  const wrong = (wanted: string): ConfigError => new ConfigError(`${where}: found ${JSON.stringify(text)}, wanted ${wanted}`);
  switch (row.type) {
    case 'boolean': {
      const value = BOOLEANS[text.toLowerCase()];
      if (value === undefined) throw wrong('true or false');
      return value;
    }
    case 'integer':
    case 'number': {
      const value = parseNumber(text, row.unit);
      const isFit =
        value !== undefined &&
        (row.type === 'number' || Number.isSafeInteger(value)) &&
        value >= (row.minimum ?? -Infinity) &&
        value <= (row.maximum ?? Infinity);
      if (!isFit) throw wrong(wantedNumber(row));
      return value;
    }
    case 'string':
      if (row.values !== undefined && !row.values.includes(text)) throw wrong(`one of ${row.values.join(', ')}`);
      return text;
    case 'strings':
      return [text];
  }
}

// Unknown options

/** How many characters must be put in, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function withoutSection(option: string): string {
  return option.slice(option.lastIndexOf('.') + 1);
}

function unknownOption(name: string, origin: string): ConfigError {
  const close = Object.keys(OPTIONS)
    .map((option) => ({ option, far: withoutSection(option) === withoutSection(name) ? 1 : distance(option, name.toLowerCase()) }))
    .filter(({ option, far }) => far <= Math.max(2, option.length / 4))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3);
  const suggestion =
    close.length === 0 ? 'Use --help-all to see all options.' : `Did you mean ${close.map(({ option }) => `--${option}`).join(' or ')}?`;
  return new ConfigError(`${origin === '' ? '' : `${origin}: `}unknown option '--${name}'. ${suggestion}`);
}
