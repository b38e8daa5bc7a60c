/**
 * Cursors, stream transactions, jobs and tasks live in the coordinator that made them, and their ids say which. A request for one that comes to
 * another coordinator, behind a load balancer, is passed on over HTTP, as ArangoDB does it.
 */
import { ArangoError, describeError, type HttpAnswer, type HttpRequest } from '#base';
import type { Cluster, Member } from '#cluster';
import { coordinatorOfHeldId } from '#database';

/** Marks a request that was passed on: it goes no further. */
const FORWARDED = 'x-foxden-forwarded';
/** What ArangoDB calls it. */
const FORWARDED_TO = 'x-arango-request-forwarded-to';

/** Of one connection, not of what was asked. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

export class Forwarding {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The living coordinator whose id that is; undefined: it is this one's, nobody's, or the request was passed on already. */
  holderOf(id: string | undefined, { headers }: HttpRequest): Member | undefined {
    if (id === undefined || !this.#cluster.isShared || headers[FORWARDED] !== undefined) return undefined;
    const number = coordinatorOfHeldId(id);
    if (number === undefined || number === this.#cluster.number) return undefined;
    return this.#cluster.members().find((member) => member.number === number && member.isAlive && !member.isSelf);
  }

  /** All others, when a list is asked for that has parts everywhere. */
  others({ headers }: HttpRequest): readonly Member[] {
    if (!this.#cluster.isShared || headers[FORWARDED] !== undefined) return [];
    return this.#cluster.members().filter(({ isAlive, isSelf }) => isAlive && !isSelf);
  }

  /** Rejects with ERROR_CLUSTER_CONNECTION_LOST (1465, 503) when the coordinator cannot be reached. */
  async forward({ method, url, headers, body }: HttpRequest, member: Member): Promise<HttpAnswer> {
    const passed = Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name));
    // The memory of a request is another's as soon as this one gives the thread back.
    const bytes = Buffer.from(body);
    try {
      const answer = await send(new URL(url, member.endpoint), method, { ...Object.fromEntries(passed), [FORWARDED]: 'true' }, bytes);
      return { ...answer, headers: { ...answer.headers, [FORWARDED_TO]: member.id } };
    } catch (cause) {
      const error = new ArangoError(
        'ERROR_CLUSTER_CONNECTION_LOST',
        { message: `this belongs to coordinator ${member.id} (${member.endpoint}), which cannot be reached: ${describeError(cause)}` },
        { cause },
      );
      error.code = 503;
      throw error;
    }
  }
}

async function send(url: URL, method: string, headers: Record<string, string>, body: Buffer): Promise<HttpAnswer> {
  // Most workers never pass anything on.
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...headers, 'content-length': String(body.length) } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const kept = Object.entries(incoming.headers).filter(([name, value]) => value !== undefined && !HOP_HEADERS.has(name));
        const fields = Object.fromEntries(kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]));
        resolve({ status: incoming.statusCode ?? 502, headers: fields, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
