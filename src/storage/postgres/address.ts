/**
 * Where a PostgreSQL server is: URLs as libpq has them, with several hosts and their settings after the question mark. The driver knows
 * one host only, so the choice among several is made here (`connect.ts`).
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { ConfigError } from '#base';

export interface Host {
  readonly host: string;
  readonly port: number;
}

export interface Address {
  /** In the order in which they are tried. */
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly sslMode: SslMode;
  readonly sslRootCertificate: string | undefined;
  readonly sslCertificate: string | undefined;
  readonly sslKey: string | undefined;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
  /** `any`: whichever host answers; otherwise only one that takes writes. */
  readonly session: 'read-write' | 'any';
}

export type SslMode = (typeof SSL_MODES)[number];

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const DEFAULT_PORT = 5432;
const DEFAULT_CONNECT_TIMEOUT_SECONDS = 5;

/** Throws `ConfigError` for what is no address of a PostgreSQL server. */
export function parseAddress(url: string): Address {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url);
  if (parts === null) throw unusable('wanted postgres://user:password@host:port/database');
  const [, credentials = '', places = '', database = '', query = ''] = parts;
  const colon = credentials.indexOf(':');
  const settings = new URLSearchParams(query);
  const user = decode(colon < 0 ? credentials : credentials.slice(0, colon)) || settings.get('user') || process.env['PGUSER'] || 'postgres';
  const hosts = parseHosts(places === '' ? (settings.get('host') ?? 'localhost') : places, settings.get('port'));
  return {
    hosts,
    user,
    password: (colon < 0 ? undefined : decode(credentials.slice(colon + 1))) ?? settings.get('password') ?? process.env['PGPASSWORD'],
    database: decode(database) || settings.get('dbname') || user,
    sslMode: oneOf(settings, 'sslmode', SSL_MODES, 'prefer'),
    sslRootCertificate: settings.get('sslrootcert') ?? undefined,
    sslCertificate: settings.get('sslcert') ?? undefined,
    sslKey: settings.get('sslkey') ?? undefined,
    connectTimeoutMs: seconds(settings, 'connect_timeout', DEFAULT_CONNECT_TIMEOUT_SECONDS) * 1000,
    applicationName: settings.get('application_name') ?? 'foxden',
    session: oneOf(settings, 'target_session_attrs', ['read-write', 'primary', 'any'], 'read-write') === 'any' ? 'any' : 'read-write',
  };
}

function parseHosts(places: string, ports: string | null): Host[] {
  const portList = ports?.split(',') ?? [];
  return places.split(',').map((place, i) => {
    const [, bracketed, plain = '', port = portList[i] ?? portList[0] ?? String(DEFAULT_PORT)] =
      /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(place) ?? [];
    const host = decode(bracketed ?? plain);
    const number = Number(port);
    if (host === '' || !Number.isInteger(number) || number < 1 || number > 65_535) throw unusable(`"${place}" is not host:port`);
    return { host, port: number };
  });
}

const LOOPBACK = /^(?:localhost|127\.[\d.]+|::1|\/.*)$/;

/** As far as the names of the hosts tell. */
export function isOnThisMachine({ hosts }: Address): boolean {
  return hosts.every(({ host }) => LOOPBACK.test(host));
}

/** What the driver is to do about TLS, in the order in which it is tried; false: without. */
export function tlsAttempts({ sslMode, ...address }: Address, host: string): readonly (false | ConnectionOptions)[] {
  const files = {
    ...(address.sslRootCertificate === undefined ? {} : { ca: read(address.sslRootCertificate) }),
    ...(address.sslCertificate === undefined ? {} : { cert: read(address.sslCertificate) }),
    ...(address.sslKey === undefined ? {} : { key: read(address.sslKey) }),
    servername: host,
  };
  const unchecked = { ...files, rejectUnauthorized: false };
  switch (sslMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, unchecked];
    case 'prefer':
      return [unchecked, false];
    case 'require':
      // As libpq: with a root certificate, `require` looks at the certificate.
      return [address.sslRootCertificate === undefined ? unchecked : { ...files, checkServerIdentity: () => undefined }];
    case 'verify-ca':
      return [{ ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }];
    case 'verify-full':
      return [{ ...files, rejectUnauthorized: true }];
  }
}

/** The address without what is secret, for logs and errors. */
export function describeAddress({ hosts, user, database }: Address): string {
  return `postgres://${user}@${hosts.map(({ host, port }) => `${host}:${port}`).join(',')}/${database}`;
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`--storage.url: cannot read ${path}`, { cause });
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new ConfigError(`--storage.url: found "${text}", which is not percent-encoded`, { cause });
  }
}

function oneOf<Name extends string>(settings: URLSearchParams, name: string, names: readonly Name[], otherwise: Name): Name {
  const given = settings.get(name);
  if (given === null) return otherwise;
  const found = names.find((one) => one === given);
  if (found === undefined) throw unusable(`${name}=${given}, known are ${names.join(', ')}`);
  return found;
}

function seconds(settings: URLSearchParams, name: string, otherwise: number): number {
  const given = settings.get(name);
  const number = Number(given ?? otherwise);
  if (!(number >= 0)) throw unusable(`${name}=${given}, wanted a number of seconds`);
  return number === 0 ? otherwise : number;
}

function unusable(what: string): ConfigError {
  return new ConfigError(`--storage.url: ${what}`);
}
