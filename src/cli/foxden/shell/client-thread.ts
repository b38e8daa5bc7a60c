/** The thread behind `BlockingClient`: makes the calls that it is posted, one after another. */
import { workerData } from 'node:worker_threads';
import { Client } from '../../client.ts';
import { describeFailure, ServerError } from '../../failure.ts';
import type { BlockingCall, BlockingReply, BlockingRequest } from './blocking-client.ts';

const { server, port, signal } = workerData as BlockingRequest;
const client = new Client(server);

port.on('message', (call: BlockingCall) => {
  void handle(call);
});

async function handle(call: BlockingCall): Promise<void> {
  port.postMessage(await answer(call));
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}

async function answer(call: BlockingCall): Promise<BlockingReply> {
  try {
    const { bytes } = await client.send(call);
    return { is: 'answer', text: bytes.toString('utf8') };
  } catch (error) {
    if (error instanceof ServerError) return { is: 'refused', status: error.status, errorNum: error.errorNum, message: error.message };
    return { is: 'failed', message: describeFailure(error) };
  }
}
