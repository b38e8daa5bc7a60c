/**
 * The secrets that tokens are signed with, where options name some: one in clear text, one in a file, or a folder of files, of which the
 * first by name signs and all are valid, so that a secret can be changed without anybody having to log in anew.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type Config } from '#base';
import type { Cluster } from '#cluster';

/** A note under which all threads count how often the secrets were reloaded. */
const GENERATION = 'token secrets';

export class TokenSecrets {
  readonly #config: Config;
  readonly #cluster: Cluster;
  #secrets: readonly Uint8Array[];
  #generation: bigint;

  /** Throws `ConfigError` when they cannot be read. */
  constructor(config: Config, cluster: Cluster) {
    this.#config = config;
    this.#cluster = cluster;
    this.#generation = cluster.note(GENERATION);
    this.#secrets = readSecrets(config);
  }

  /** The first signs. Empty: no option names one. */
  current(): readonly Uint8Array[] {
    const generation = this.#cluster.note(GENERATION);
    if (generation !== this.#generation) {
      this.#secrets = readSecrets(this.#config);
      this.#generation = generation;
    }
    return this.#secrets;
  }

  /** Has all threads read the files again. Throws `ConfigError`, and everything stays as it is. */
  reload(): void {
    readSecrets(this.#config);
    this.#cluster.withLock(GENERATION, () => this.#cluster.setNote(GENERATION, this.#cluster.note(GENERATION) + 1n), { isLocal: true });
  }

  /** Digests, by which an operator recognises a secret. */
  digests(): readonly string[] {
    return this.current().map((secret) => createHash('sha256').update(secret).digest('hex'));
  }
}

function readSecrets(config: Config): readonly Uint8Array[] {
  const folder = config['server.jwt-secret-folder'];
  if (folder !== '') {
    const names = attempt('--server.jwt-secret-folder', () => readdirSync(folder)).filter((name) => !name.startsWith('.'));
    if (names.length === 0) throw new ConfigError(`--server.jwt-secret-folder: there is no file in ${folder}`);
    return names.toSorted().map((name) => readSecret(join(folder, name), '--server.jwt-secret-folder'));
  }
  const keyfile = config['server.jwt-secret-keyfile'];
  if (keyfile !== '') return [readSecret(keyfile, '--server.jwt-secret-keyfile')];
  const secret = config['server.jwt-secret'];
  return secret === '' ? [] : [Buffer.from(secret)];
}

function readSecret(path: string, option: string): Uint8Array {
  const secret = attempt(option, () => readFileSync(path, 'utf8')).trim();
  if (secret === '') throw new ConfigError(`${option}: the file ${path} is empty`);
  return Buffer.from(secret);
}

function attempt<Result>(option: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new ConfigError(`${option}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
