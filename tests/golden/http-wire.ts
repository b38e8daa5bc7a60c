/** The thread that sends the requests of `http-client.ts`, one after the other. */
import { workerData, type MessagePort } from 'node:worker_threads';
import type { WireAnswer, WireRequest } from './http-client.ts';

const { port, answered } = workerData as { readonly port: MessagePort; readonly answered: Int32Array<SharedArrayBuffer> };

async function send({ url, method, headers, body }: WireRequest): Promise<WireAnswer> {
  const response = await fetch(url, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
  return { code: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

async function answer(request: WireRequest): Promise<void> {
  port.postMessage(await send(request).catch((error: unknown): WireAnswer => ({ code: 0, headers: {}, body: String(error) })));
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
}

port.on('message', (request: WireRequest) => void answer(request));
