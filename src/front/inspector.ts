/**
 * `--inspect`: the one address at which debuggers find all workers.
 *
 * Each worker opens Node's inspector at a port of its own that nobody is told. What is asked here is answered with a list of the workers,
 * and a debugger's connection is led to the worker it names. So it is known which workers have a debugger: no limit of time holds for
 * those, for a request that stands at a breakpoint takes as long as somebody looks at it.
 *
 * Whoever reaches this address can run any code in the server, as with Node's own inspector. Pages of the web cannot: a `Host` header
 * that is a name other than localhost is refused, here and by Node.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { ConfigError } from '#base';

interface Target {
  readonly id: string;
  readonly port: number;
  readonly clients: Set<Socket>;
}

export interface InspectAddress {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 9229;

/** `host:port`, `port` or `host`. Throws `ConfigError`. */
export function parseInspectAddress(text: string): InspectAddress {
  const [, bracketed, plain, afterHost, alone] = /^(?:\[([\da-f:]+)\]|(?!\d+$)([^:[\]\s]+))?(?::(\d+))?$|^(\d+)$/i.exec(text) ?? [];
  const host = bracketed ?? plain ?? DEFAULT_HOST;
  const port = Number(alone ?? afterHost ?? DEFAULT_PORT);
  const isUnderstood = text !== '' && (bracketed ?? plain ?? afterHost ?? alone) !== undefined;
  if (!isUnderstood || port > 65_535) throw new ConfigError(`--inspect: found "${text}", wanted host:port, host or port`);
  return { host, port };
}

export class Inspector {
  readonly #address: InspectAddress;
  readonly #server: Server;
  /** By number of the worker. */
  readonly #targets = new Map<number, Target>();

  constructor(address: InspectAddress) {
    this.#address = address;
    this.#server = createServer((request, response) => {
      const answer = this.#describe(request);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json; charset=UTF-8' });
      response.end(answer === undefined ? '' : JSON.stringify(answer, null, 2));
    });
    this.#server.on('upgrade', (request, socket, head) => this.#lead(request, socket as Socket, head));
  }

  /** Gives the address: `127.0.0.1:9229`. */
  async listen(): Promise<string> {
    const { host, port } = this.#address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    this.#server.unref();
    return `${isIP(host) === 6 ? `[${host}]` : host}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A worker has opened its inspector: `ws://127.0.0.1:40123/<id>`. */
  add(worker: number, url: string): void {
    const { port, pathname } = new URL(url);
    this.#targets.set(worker, { id: pathname.slice(1), port: Number(port), clients: new Set() });
  }

  remove(worker: number): void {
    for (const client of this.#targets.get(worker)?.clients ?? []) client.destroy();
    this.#targets.delete(worker);
  }

  isAttached(worker: number): boolean {
    return (this.#targets.get(worker)?.clients.size ?? 0) > 0;
  }

  /** Lets go of all debuggers, so that workers that stand at a breakpoint go on, and can end. */
  close(): void {
    for (const worker of this.#targets.keys()) this.remove(worker);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #describe({ url = '', headers }: IncomingMessage): unknown {
    const { host } = headers;
    if (host === undefined || !isSafeHost(host)) return undefined;
    switch (url.replace(/\/$/, '')) {
      case '/json/version':
        return { Browser: `node.js/${process.version}`, 'Protocol-Version': '1.1' };
      case '/json':
      case '/json/list':
        return [...this.#targets]
          .toSorted(([left], [right]) => left - right)
          .map(([worker, { id }]) => ({
            description: 'node.js instance',
            devtoolsFrontendUrl: `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${host}/${id}`,
            id,
            title: `foxden worker ${worker}`,
            type: 'node',
            url: 'file://',
            webSocketDebuggerUrl: `ws://${host}/${id}`,
          }));
      default:
        return undefined;
    }
  }

  /** The rest is between the debugger and Node's inspector, byte by byte. */
  #lead(request: IncomingMessage, client: Socket, head: Buffer): void {
    const target = [...this.#targets.values()].find(({ id }) => request.url === `/${id}`);
    if (target === undefined) {
      client.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const worker = connect(target.port, '127.0.0.1', () => {
      const headers = request.rawHeaders.flatMap((name, index, all) => (index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : []));
      worker.write(`GET ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      worker.write(head);
      worker.pipe(client).pipe(worker);
    });
    target.clients.add(client);
    const end = (): void => {
      target.clients.delete(client);
      client.destroy();
      worker.destroy();
    };
    for (const socket of [client, worker]) socket.on('close', end).on('error', end);
  }
}

function isSafeHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || /^localhost6?$/i.test(name);
}
