/**
 * HTTP requests that block: service code waits for an answer without its thread turning.
 *
 * A helper thread does the asking, with kept-alive connections; this thread sleeps until it has answered. The helper starts with the
 * first request and does not keep the process alive.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';

export interface OutboundRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly timeoutMs: number;
  readonly maxRedirects: number;
  readonly verifiesCertificates: boolean;
}

export type OutboundResult =
  | { readonly is: 'answered'; readonly status: number; readonly headers: Record<string, string>; readonly body: Uint8Array }
  | { readonly is: 'failed'; readonly message: string };

/** What the helper thread is started with. `turn` is 1 when its answer is there. */
export interface OutboundStart {
  readonly port: MessagePort;
  readonly turn: Int32Array;
}

interface Helper extends OutboundStart {
  readonly worker: Worker;
}

/** Time for the helper to notice a timeout and say so, after which it is given up. */
const GRACE_MS = 5000;

let helper: Helper | undefined;

export function requestAndWait(request: OutboundRequest): OutboundResult {
  helper ??= startHelper();
  const { port, turn, worker } = helper;
  Atomics.store(turn, 0, 0);
  port.postMessage(request);
  Atomics.wait(turn, 0, 0, request.timeoutMs + GRACE_MS);
  const received = receiveMessageOnPort(port);
  if (received !== undefined) return received.message as OutboundResult;
  // It answers too late for this request, and so must not answer the next one.
  helper = undefined;
  void worker.terminate();
  return { is: 'failed', message: `no answer within ${request.timeoutMs} ms` };
}

function startHelper(): Helper {
  const { port1, port2 } = new MessageChannel();
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const start: OutboundStart = { port: port2, turn };
  const worker = new Worker(new URL('./outbound-thread.js', import.meta.url), { workerData: start, transferList: [port2] });
  worker.unref();
  port1.unref();
  return { worker, port: port1, turn };
}
