/**
 * Configuration files in arangod's format: `key = value` lines, `[section]` lines, `#` at the beginning of a line, `@include file`.
 */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { ConfigError } from './config-error.ts';

export interface Setting {
  /** `server.endpoint` */
  readonly name: string;
  readonly value: string;
  /** For messages: `foxden.conf:3`. */
  readonly origin: string;
}

/** The settings of a file and those it includes, in their order. */
export function readConfigFile(path: string, including: readonly string[] = []): Setting[] {
  const settings: Setting[] = [];
  let section = '';
  for (const [index, raw] of read(path, including).split(/\r?\n/).entries()) {
    const line = raw.trim();
    const origin = `${path}:${index + 1}`;
    if (line === '' || line.startsWith('#')) continue;
    const include = /^@include\s+"?([^"]+?)"?$/.exec(line)?.[1];
    const header = /^\[\s*([\w-]*)\s*\]$/.exec(line)?.[1];
    const [, key, value] = /^([\w.-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (include !== undefined) {
      settings.push(...readConfigFile(included(include, path), [...including, path]));
    } else if (header !== undefined) {
      section = header;
    } else if (key !== undefined && value !== undefined) {
      const name = section === '' || key.includes('.') ? key : `${section}.${key}`;
      settings.push({ name, value: value.replace(/^"(.*)"$/, '$1'), origin });
    } else {
      throw new ConfigError(`${origin}: found ${JSON.stringify(line)}, wanted "key = value", "[section]", "@include file" or "# comment"`);
    }
  }
  return settings;
}

function included(name: string, from: string): string {
  const file = name.endsWith('.conf') ? name : `${name}.conf`;
  return isAbsolute(file) ? file : resolve(dirname(from), file);
}

function read(path: string, including: readonly string[]): string {
  if (including.includes(path)) throw new ConfigError(`${path} includes itself, by way of ${including.join(', ')}`);
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    const by = including.at(-1);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`the configuration file ${path} cannot be read${by === undefined ? '' : ` (included by ${by})`}: ${reason}`, {
      cause,
    });
  }
}
