/** A request from a worker to its own server that another worker answers, while this one sleeps. */
import assert from 'node:assert/strict';
import { MessageChannel, receiveMessageOnPort, type Transferable } from 'node:worker_threads';
import type { HttpAnswer, HttpRequest, WorkerMessage } from '#base';

/** Every request gets an answer from the front, which looks after those that take too long: so there is no limit here. */
export function askFront(request: HttpRequest, post: (message: WorkerMessage, transfer: readonly Transferable[]) => void): HttpAnswer {
  const { port1, port2: reply } = new MessageChannel();
  const turn = new Int32Array(new SharedArrayBuffer(4));
  post({ type: 'ask', request, reply, turn }, [reply]);
  Atomics.wait(turn, 0, 0);
  const received: { readonly message: HttpAnswer } | undefined = receiveMessageOnPort(port1);
  port1.close();
  assert(received !== undefined, 'the front posts first and wakes then');
  return received.message;
}
