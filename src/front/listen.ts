/**
 * Opens the endpoints: sockets that listen, with or without encryption.
 */
import { constants as crypto } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createSecureServer,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import { ConfigError, log, readTlsFiles, type Config, type TlsFiles } from '#base';
import { endpointUrl, type Endpoint } from './endpoint.ts';

export interface Listener {
  readonly url: string;
  /** Accepts nothing more. */
  close(): void;
  /** Reads certificates and keys again, for connections that come from now on. */
  reloadTls(): void;
}

export interface Arrival {
  readonly socket: Socket;
  readonly isSecure: boolean;
  /** Both sides have agreed on it (ALPN). */
  readonly isHttp2: boolean;
}

const BACKLOG = 1024;

/** Versions by arangod's numbers; 9 and others: whatever both sides have. */
const PROTOCOLS: Readonly<Record<number, SecureVersion>> = { 4: 'TLSv1', 5: 'TLSv1.2', 6: 'TLSv1.3' };

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What may change while a server listens. */
function certificates({ keyfile, authorities }: TlsFiles): SecureContextOptions {
  return { cert: keyfile, key: keyfile, ...(authorities === undefined ? {} : { ca: authorities }) };
}

function connectionOptions(config: Config): SecureContextOptions {
  const version = PROTOCOLS[config['ssl.protocol']];
  return {
    honorCipherOrder: true,
    secureOptions: crypto.SSL_OP_NO_RENEGOTIATION,
    ecdhCurve: config['ssl.ecdh-curve'],
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
    ...(config['ssl.cipher-list'] === '' ? {} : { ciphers: config['ssl.cipher-list'] }),
  };
}

type OnSocket = (socket: TLSSocket) => void;

/** A server over TLS, and how it is given other certificates. Connections that stand keep theirs. */
function createTlsServer(config: Config, options: object, onSocket: OnSocket): { readonly server: Server; readonly reload: () => void } {
  let contexts = new Map<string, SecureContext>();
  const readContexts = (files: TlsFiles): void => {
    contexts = new Map(
      Array.from(files.byServerName, ([name, keyfile]) => [
        name,
        createSecureContext({ ...connectionOptions(config), ...certificates({ ...files, keyfile }) }),
      ]),
    );
  };
  const files = readTlsFiles(config);
  readContexts(files);
  const server = createSecureServer(
    {
      ...options,
      ...connectionOptions(config),
      ...certificates(files),
      ALPNProtocols: config['ssl.prefer-http1-in-alpn'] ? ['http/1.1', 'h2'] : ['h2', 'http/1.1'],
      requestCert: config['ssl.require-peer-certificate'],
      rejectUnauthorized: config['ssl.require-peer-certificate'],
      SNICallback: (name, done) => done(null, contexts.get(name.toLowerCase())),
    },
    onSocket,
  );
  const reload = (): void => {
    const changed = readTlsFiles(config);
    readContexts(changed);
    server.setSecureContext({ ...connectionOptions(config), ...certificates(changed) });
  };
  return { server, reload };
}

interface Created {
  readonly server: Server;
  readonly reload: (() => void) | undefined;
}

function createListener(endpoint: Endpoint, config: Config, onArrival: (arrival: Arrival) => void): Created {
  // A client may close its side and still wait for the answer.
  const options = { allowHalfOpen: true, noDelay: true };
  if (endpoint.type === 'unix' || !endpoint.isSecure) {
    const server = createServer(options, (socket) => onArrival({ socket, isSecure: false, isHttp2: false }));
    return { server, reload: undefined };
  }
  try {
    const { server, reload } = createTlsServer(config, options, (socket) =>
      onArrival({ socket, isSecure: true, isHttp2: socket.alpnProtocol === 'h2' }),
    );
    server.on('tlsClientError', (error: Error) => log.debug('security', `a client failed to set up encryption: ${error.message}`));
    return { server, reload };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`the ssl options are not usable: ${messageOf(cause)}`, { cause });
  }
}

/** A socket file that nobody listens to is left from a process that was killed. */
async function removeStale(path: string): Promise<void> {
  const isUsed = await new Promise<boolean>((resolve) => {
    const attempt = connect(path, () => {
      attempt.destroy();
      resolve(true);
    });
    attempt.on('error', (error) => resolve('code' in error && error.code !== 'ECONNREFUSED'));
  });
  if (!isUsed) unlinkSync(path);
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not',
  ENOTFOUND: 'there is no such host',
};

async function bind(server: Server, endpoint: Endpoint): Promise<void> {
  if (endpoint.type === 'unix') await removeStale(endpoint.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    if (endpoint.type === 'unix') server.listen({ path: endpoint.path, backlog: BACKLOG });
    else server.listen({ host: endpoint.host, port: endpoint.port, backlog: BACKLOG });
  });
}

/** Throws `ConfigError` when it cannot listen there. */
export async function listen(endpoint: Endpoint, config: Config, onArrival: (arrival: Arrival) => void): Promise<Listener> {
  const { server, reload } = createListener(endpoint, config, onArrival);
  server.maxConnections = config['http.maximal-connections'];
  try {
    await bind(server, endpoint);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const where = endpointUrl(endpoint, endpoint.type === 'tcp' ? endpoint.port : 0);
    throw new ConfigError(`cannot listen at ${where}: ${REASONS[code] ?? messageOf(cause)}`, { cause });
  }
  server.on('error', (error) => log.error('http', 'a connection could not be accepted', error));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: endpointUrl(endpoint, port),
    close: () => void server.close(),
    reloadTls: () => reloadOrKeep(reload),
  };
}

/** What was well-formed a moment ago may be half written now: then all stays as it is. */
function reloadOrKeep(reload: (() => void) | undefined): void {
  try {
    reload?.();
  } catch (error) {
    log.error('security', 'the certificates could not be reloaded, and the old ones stay', error);
  }
}
