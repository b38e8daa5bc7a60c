/**
 * The thread in which a coordinator is a member (`member.ts`), from its first line to its last. The first thread starts it
 * (`coordinator.ts`), tells it which threads are gone, and asks it to leave.
 */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { attachLog, metrics, type Config } from '#base';
import { connectPrimary, parseAddress } from '#storage';
import { Member, type MemberConnection, type MemberOptions } from './member.ts';

export interface MemberSetup extends Omit<MemberOptions, 'connect'> {
  readonly config: Config;
  readonly log: SharedArrayBuffer;
  readonly metrics: SharedArrayBuffer;
  readonly metricsLane: number;
  /** Of the database, past any pooler if possible. */
  readonly url: string;
}

export type ToMember = { readonly do: 'forget thread'; readonly thread: number } | { readonly do: 'stop' };
export type FromMember = { readonly is: 'joined' } | { readonly is: 'stopped' };

assert(parentPort !== null, 'this module is the beginning of a thread');
const parent = parentPort;
const setup = workerData as MemberSetup;
const detachLog = attachLog(setup.log, setup.config);
metrics.attach(setup.metrics, setup.metricsLane);
const address = parseAddress(setup.url);

async function connect(): Promise<MemberConnection> {
  const client = await connectPrimary(address);
  // The next statement tells of it.
  client.on('error', () => undefined);
  return {
    query: (text, values) => client.query<Record<string, unknown>>(text, values),
    onNotification: (listener) => client.on('notification', listener),
    close: () => client.end(),
  };
}

const member = new Member({ ...setup, connect });

parent.on('message', (message: ToMember) => {
  if (message.do === 'forget thread') member.forgetThread(message.thread);
  else void stop();
});

async function stop(): Promise<void> {
  await member.stop();
  detachLog();
  parent.postMessage({ is: 'stopped' } satisfies FromMember);
  parent.close();
}

await member.start();
parent.postMessage({ is: 'joined' } satisfies FromMember);
