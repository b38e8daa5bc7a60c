/** The helper thread behind `outbound.ts`: asks, follows redirects, answers. */
import { workerData } from 'node:worker_threads';
import { Agent, request as send } from 'undici';
import type { OutboundRequest, OutboundResult, OutboundStart } from './outbound.ts';

const KEEP_ALIVE_MS = 30_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const { port, turn } = workerData as OutboundStart;
const agents = new Map<boolean, Agent>();

port.on('message', (job: OutboundRequest) => {
  void answer(job);
});

async function answer(job: OutboundRequest): Promise<void> {
  port.postMessage(await ask(job));
  Atomics.store(turn, 0, 1);
  Atomics.notify(turn, 0);
}

async function ask(job: OutboundRequest): Promise<OutboundResult> {
  try {
    return await follow(job, AbortSignal.timeout(job.timeoutMs));
  } catch (error) {
    return { is: 'failed', message: error instanceof Error ? error.message || error.name : String(error) };
  }
}

async function follow(job: OutboundRequest, signal: AbortSignal): Promise<OutboundResult> {
  const dispatcher = agentOf(job.verifiesCertificates);
  let { url, method, headers, body } = job;
  for (let redirects = 0; ; redirects++) {
    const response = await send(url, { dispatcher, method, headers, body: body ?? null, signal });
    const { location } = response.headers;
    if (typeof location !== 'string' || !REDIRECTS.has(response.statusCode) || redirects >= job.maxRedirects) {
      const received = new Uint8Array(await response.body.arrayBuffer());
      return { is: 'answered', status: response.statusCode, headers: plainHeaders(response.headers), body: received };
    }
    await response.body.dump();
    const target = new URL(location, url);
    if (target.origin !== new URL(url).origin) headers = withoutCredentials(headers);
    url = target.href;
    // All but 307 and 308 mean: look there with GET.
    if (response.statusCode < 307 && method !== 'HEAD' && method !== 'GET') {
      method = 'GET';
      body = undefined;
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
    }
  }
}

function agentOf(verifiesCertificates: boolean): Agent {
  let agent = agents.get(verifiesCertificates);
  if (agent === undefined) {
    agent = new Agent({ keepAliveTimeout: KEEP_ALIVE_MS, connect: { rejectUnauthorized: verifiesCertificates } });
    agents.set(verifiesCertificates, agent);
  }
  return agent;
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { authorization: _authorization, cookie: _cookie, ...others } = headers;
  return others;
}

function plainHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return plain;
}
