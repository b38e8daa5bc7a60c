/**
 * What services may do besides answering: the options `--javascript.…` that restrict them, read once for a thread.
 *
 * Services of a thread share one JavaScript realm, so this keeps out mistakes and curiosity, and is no sandbox for hostile code. What can
 * be taken from the thread as a whole (variables of the environment, sockets) is taken from it, and so from hostile code, too.
 */
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { ArangoError, OPTIONS, type Config } from '#base';
import { isWithin } from './loader/resolve.ts';

export interface ServicePolicy {
  /** `--javascript.startup-options-…`: what `internal.options()` tells. */
  readonly options: Readonly<Record<string, unknown>>;
  mayReadVariable(name: string): boolean;
  /** Of a service's own folder, of temporary files and of what the lists allow. */
  mayUseFile(path: string, ownFolder: string): boolean;
  /** All forms in which a list may name it; it is enough that one is allowed, and one that is denied. */
  mayConnect(forms: readonly string[]): boolean;
  /** `--javascript.module-directory`: where modules are that are nowhere else. */
  readonly moduleFolders: readonly string[];
  readonly restrictsFiles: boolean;
  readonly restrictsConnections: boolean;
  readonly allowsProcessControl: boolean;
  readonly allowsPortTesting: boolean;
  readonly allowsUserFunctions: boolean;
  /** `--javascript.harden` */
  readonly isHardened: boolean;
}

/** Throws an Error for what is no regular expression. */
export function policyOf(config: Config): ServicePolicy {
  const environment = listed(config, 'javascript.environment-variables-allowlist', 'javascript.environment-variables-denylist');
  const endpoints = listed(config, 'javascript.endpoints-allowlist', 'javascript.endpoints-denylist');
  const files = listed(config, 'javascript.files-allowlist', 'javascript.files-denylist');
  const options = listed(config, 'javascript.startup-options-allowlist', 'javascript.startup-options-denylist');
  const secretOptions = findSecretOptions();
  const secrets = new Set([...secretOptions.flatMap(variablesOf), 'ARANGO_ROOT_PASSWORD', 'FOXDEN_ROOT_PASSWORD']);
  const temporary = realPath(config['temp.path'] || tmpdir());
  return {
    options: Object.fromEntries(
      Object.entries(config).filter(([name]) => !secretOptions.includes(name) && options.allows([name])),
    ) as ServicePolicy['options'],
    mayReadVariable: (name) => !secrets.has(name) && environment.allows([name]),
    mayUseFile: (path, ownFolder) => {
      const real = realPath(path);
      const isOwn = [realPath(ownFolder), temporary].some((folder) => real === folder || isWithin(folder, real));
      return isOwn || files.allows([real, `${real}/`]);
    },
    mayConnect: (forms) => endpoints.allows(forms),
    moduleFolders: config['javascript.module-directory'].map((folder) => resolve(folder)),
    restrictsFiles: files.isGiven,
    restrictsConnections: endpoints.isGiven,
    allowsProcessControl: config['javascript.allow-external-process-control'],
    allowsPortTesting: config['javascript.allow-port-testing'],
    allowsUserFunctions: config['javascript.user-defined-functions'],
    isHardened: config['javascript.harden'],
  };
}

export function forbidden(what: string): ArangoError {
  return new ArangoError('ERROR_FORBIDDEN', `not allowed to ${what}`);
}

/** How lists may name what a URL leads to: the URL, and the endpoint in ArangoDB's way. */
export function formsOfUrl(url: string): readonly string[] {
  const { protocol, hostname, port, href } = new URL(url);
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  return [href, `${isSecure ? 'ssl' : 'tcp'}://${hostname}:${port === '' ? (isSecure ? 443 : 80) : port}`];
}

type ListOption = {
  [Name in keyof Config]: Config[Name] extends readonly string[] ? Name : never;
}[keyof Config];

/** Both lists are regular expressions without anchors. An empty list of what is allowed allows everything that is not denied. */
function listed(
  config: Config,
  allowlist: ListOption,
  denylist: ListOption,
): { isGiven: boolean; allows: (forms: readonly string[]) => boolean } {
  const [allowed, denied] = [allowlist, denylist].map((name) =>
    config[name].filter((pattern) => pattern !== '').map((pattern) => new RegExp(pattern)),
  );
  const matches = (patterns: readonly RegExp[] = [], forms: readonly string[]): boolean =>
    patterns.some((pattern) => forms.some((form) => pattern.test(form)));
  return {
    isGiven: (allowed?.length ?? 0) + (denied?.length ?? 0) > 0,
    allows: (forms) => (allowed?.length === 0 || matches(allowed, forms)) && !matches(denied, forms),
  };
}

function findSecretOptions(): string[] {
  return Object.entries(OPTIONS).flatMap(([name, row]) => ('isSecret' in row ? [name] : []));
}

function variablesOf(option: string): string[] {
  const rest = option.replaceAll(/[.-]/g, '_').toUpperCase();
  return [`FOXDEN_${rest}`, `ARANGO_${rest}`];
}

/** Where a path leads once all links are followed, also when the last parts of it are not there yet. */
function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}
