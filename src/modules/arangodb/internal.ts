/**
 * `require('internal')`, as far as services use it: ArangoDB's drawer for what has no module of its own.
 */
import { format, inspect } from 'node:util';
import { ARANGODB_VERSION, clock } from '#base';
import type { Environment } from '../environment.ts';
import * as crypto from './crypto.ts';
import { errors, ServiceArangoError } from './errors.ts';
import { requestAndWait } from './outbound.ts';
import { forbidden, formsOfUrl } from '../policy.ts';
import { createExternal } from './external.ts';

/** Seconds and bytes at which the server's own histograms are cut; exporters of its statistics need them. */
const DISTRIBUTIONS = {
  connectionTimeDistribution: [0.1, 1.0, 60.0],
  requestTimeDistribution: [0.01, 0.05, 0.1, 0.2, 0.5, 1.0],
  bytesSentDistribution: [250, 1000, 2000, 5000, 10_000],
  bytesReceivedDistribution: [250, 1000, 2000, 5000, 10_000],
};

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Holds the thread. */
function wait(seconds: number): void {
  Atomics.wait(sleeper, 0, 0, Math.max(0, seconds) * 1000);
}

export function createInternal(environment: Environment): object {
  const { db, source, policy } = environment;
  return {
    ...crypto,
    ...DISTRIBUTIONS,
    db,
    errors,
    ArangoError: ServiceArangoError,
    version: ARANGODB_VERSION,
    platform: process.platform,
    get env() {
      return environment.process.env;
    },
    /** Seconds since 1970. */
    time: () => clock.now() / 1000,
    wait,
    sleep: wait,
    /** What was written is in the journal when a call returns. */
    wal: { flush: () => true, properties: () => ({}) },
    print: (...values: readonly unknown[]) => environment.print(...values),
    output: (...values: readonly unknown[]) => environment.print(...values),
    sprintf: format,
    printf: (...values: readonly unknown[]) => environment.print(format(...values)),
    inspect,
    log: (level: string, text: string) => environment.console.topic(`general=${level}`, text),
    isArangod: () => true,
    getPid: () => {
      if (policy.isHardened) throw forbidden('learn the number of the process (--javascript.harden)');
      return process.pid;
    },
    options: () => policy.options,
    ...createExternal(policy),
    threadNumber: 0,
    trustedProxies: () => source.host.trustedProxies ?? null,
    authenticationEnabled: () => source.host.isAuthenticationOn ?? false,
    base64Encode: (text: string) => Buffer.from(text).toString('base64'),
    base64Decode: (text: string) => Buffer.from(text, 'base64').toString('utf8'),
    download: (url: string, body?: string, options?: DownloadOptions) => {
      if (!policy.mayConnect(formsOfUrl(url))) throw forbidden(`connect to "${url}"`);
      return download(url, body, options);
    },
  };
}

interface DownloadOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout?: number;
  readonly followRedirects?: boolean;
  readonly maxRedirects?: number;
  readonly returnBodyAsBuffer?: boolean;
}

/** What `@arangodb/request` is made of in ArangoDB; services that are older call it themselves. */
function download(url: string, body?: string, options: DownloadOptions = {}): object {
  const result = requestAndWait({
    url,
    method: (options.method ?? 'GET').toUpperCase(),
    headers: options.headers ?? {},
    body: body === undefined || body === '' ? undefined : Buffer.from(body),
    timeoutMs: (options.timeout ?? 300) * 1000,
    maxRedirects: options.followRedirects === false ? 0 : (options.maxRedirects ?? 10),
    verifiesCertificates: false,
  });
  if (result.is === 'failed') return { code: 500, message: result.message, headers: {} };
  const received = Buffer.from(result.body);
  return {
    code: result.status,
    message: '',
    headers: result.headers,
    body: options.returnBodyAsBuffer ? received : received.toString('utf8'),
  };
}
