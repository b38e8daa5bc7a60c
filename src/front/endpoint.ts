/**
 * Where to listen, as `--server.endpoint` says it: `tcp://127.0.0.1:8529`, `ssl://[::1]:8530`, `unix:///run/foxden.sock`.
 */
import { ConfigError, type Config } from '#base';

export type Endpoint =
  | { readonly type: 'tcp'; readonly host: string; readonly port: number; readonly isSecure: boolean }
  | { readonly type: 'unix'; readonly path: string };

const DEFAULT_PORT = 8529;

/** Throws `ConfigError`. */
export function parseEndpoint(text: string): Endpoint {
  const wrong = new ConfigError(
    `--server.endpoint: found "${text}", wanted tcp://host:port, ssl://host:port or unix:///path (port 0 takes any free one)`,
  );
  const [, scheme = '', rest = ''] = /^(?:(?:http|vst)\+)?(\w+):\/\/(.*)$/i.exec(text.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'unix':
      if (!rest.startsWith('/')) throw wrong;
      return { type: 'unix', path: rest };
    case 'tcp':
    case 'http':
    case 'ssl':
    case 'https': {
      const [, bracketed, plain, port] = /^(?:\[([\da-f:.%\w]+)\]|([^/:[\]]+))(?::(\d+))?\/?$/i.exec(rest) ?? [];
      const host = bracketed ?? plain;
      const number = port === undefined ? DEFAULT_PORT : Number(port);
      if (host === undefined || number > 65_535) throw wrong;
      return { type: 'tcp', host: host === '*' ? '0.0.0.0' : host, port: number, isSecure: /^(ssl|https)$/i.test(scheme) };
    }
    default:
      throw wrong;
  }
}

/** What a client puts before a path. */
export function endpointUrl(endpoint: Endpoint, port: number): string {
  if (endpoint.type === 'unix') return `unix://${endpoint.path}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${endpoint.isSecure ? 'https' : 'http'}://${host}:${port}`;
}

/** Only processes of this machine come in there. */
function isOfThisMachine(endpoint: Endpoint): boolean {
  return endpoint.type === 'unix' || /^(localhost|127(\.\d+){3}|::1)$/i.test(endpoint.host);
}

/** Throws `ConfigError` where the options would let in whoever comes by over the network. */
export function checkExposure(config: Config): void {
  if (config['server.authentication']) return;
  const exposed = config['server.endpoint'].find((text) => !isOfThisMachine(parseEndpoint(text)));
  if (exposed === undefined) return;
  throw new ConfigError(
    `--server.authentication false would let in everybody who reaches ${exposed}: ` +
      'listen at tcp://127.0.0.1:8529 or at a unix:// socket only, or keep authentication on',
  );
}
