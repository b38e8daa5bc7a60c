/**
 * The certificates and keys of encrypted endpoints, as their options name them: read at the start, and again when somebody asks for it. The
 * front serves with them; the HTTP API tells their digests.
 */
import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from './config-error.ts';
import type { Config } from './options.ts';

export interface TlsFiles {
  /** Certificates and private key, in PEM. */
  readonly keyfile: Buffer;
  /** The authorities whose client certificates are accepted. */
  readonly authorities: Buffer | undefined;
  /** Other keyfiles, by the names of servers that clients ask for. */
  readonly byServerName: ReadonlyMap<string, Buffer>;
}

/** Throws `ConfigError` when a file cannot be read, or holds no certificate with its key. */
export function readTlsFiles(config: Config): TlsFiles {
  if (config['ssl.keyfile'] === '')
    throw new ConfigError('an ssl:// endpoint wants --ssl.keyfile, a PEM file with certificate and private key');
  const keyfile = readKeyfile(config['ssl.keyfile'], '--ssl.keyfile');
  const cafile = config['ssl.cafile'];
  const byServerName = config['ssl.server-name-indication'].map((setting): readonly [string, Buffer] => {
    const [, name, path] = /^([^=]+)=(.+)$/.exec(setting) ?? [];
    if (name === undefined || path === undefined)
      throw new ConfigError(`--ssl.server-name-indication: found "${setting}", wanted name=keyfile`);
    return [name.trim().toLowerCase(), readKeyfile(path.trim(), '--ssl.server-name-indication')];
  });
  return {
    keyfile,
    authorities: cafile === '' ? undefined : readFile(cafile, '--ssl.cafile'),
    byServerName: new Map(byServerName),
  };
}

function readFile(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`${option}: the file ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function readKeyfile(path: string, option: string): Buffer {
  const pem = readFile(path, option);
  try {
    createSecureContext({ cert: pem, key: pem });
  } catch (cause) {
    throw new ConfigError(`${option}: the file ${path} is no PEM file with certificate and private key: ${messageOf(cause)}`, { cause });
  }
  return pem;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface PemSummary {
  readonly sha256: string;
  readonly certificates: readonly string[];
  readonly privateKeySha256?: string;
}

/** What may be told of a file: its certificates, and digests of all else. */
export function summarizePem(pem: Buffer): PemSummary {
  const text = pem.toString();
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const hasKey = /-----BEGIN (?:\w+ )*PRIVATE KEY-----/.test(text);
  const key = hasKey ? createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }) : undefined;
  return {
    sha256: digest(pem),
    certificates: certificates.map((certificate) => `${certificate}\n`),
    ...(key === undefined ? {} : { privateKeySha256: digest(key) }),
  };
}

function digest(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
