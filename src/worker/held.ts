/**
 * Cursors, stream transactions and snapshots live in the thread that made them, and their ids say which. A request for one that comes to another
 * thread is passed on to the holder, and the answer comes back the same way; what another coordinator holds is passed on to that one
 * (`forward.ts`). Who lists the stream transactions asks all threads of all coordinators.
 */
import { BroadcastChannel } from 'node:worker_threads';
import type { HttpAnswer, HttpRequest } from '#base';
import { threadOfHeldId } from '#database';
import type { Forwarding } from './forward.ts';

/** How often the one who waits looks whether the holder is still there. */
const LOOK_MS = 200;

type Message =
  | { readonly do: 'ask'; readonly to: number; readonly from: number; readonly id: number; readonly request: HttpRequest }
  | { readonly do: 'answer'; readonly to: number; readonly id: number; readonly answer: HttpAnswer };

export interface HeldOptions {
  /** This worker's number. */
  readonly index: number;
  /** The numbers of all workers that there may be. */
  readonly workers: readonly number[];
  /** One for each server in a process. */
  readonly channelName: string;
  readonly isAlive: (index: number) => boolean;
  /** Passes on what another coordinator holds. */
  readonly forwarding: Forwarding;
  /** Answers a request in this thread, whatever goes wrong. */
  readonly answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
}

/** What is sent back waits for the disk where it was written, so it needs no further wait. */
export class HeldRequests {
  readonly #options: HeldOptions;
  readonly #channel: BroadcastChannel;
  readonly #waiting = new Map<number, (answer: HttpAnswer) => void>();
  #nextId = 0;

  constructor(options: HeldOptions) {
    this.#options = options;
    this.#channel = new BroadcastChannel(options.channelName);
    // Node's BroadcastChannel has events of the web, and its types do not know it.
    const channel = this.#channel as unknown as EventTarget;
    channel.addEventListener('message', (event) => void this.#receive((event as Event & { readonly data: Message }).data));
  }

  /** Undefined: the request is for nothing that another thread holds, and is answered here. */
  passOn(request: HttpRequest): Promise<HttpAnswer> | undefined {
    if (isTransactionList(request)) return this.#listAll(request);
    const id = heldId(request);
    const { index, isAlive, forwarding } = this.#options;
    const coordinator = forwarding.holderOf(id ?? jobOrTaskId(request), request);
    if (coordinator !== undefined) return forwarding.forward(request, coordinator);
    const holder = id === undefined ? undefined : threadOfHeldId(id);
    if (holder === undefined || holder === index || !isAlive(holder)) return undefined;
    return this.#ask(holder, request);
  }

  close(): void {
    this.#channel.close();
  }

  /** The lists of all threads as one. */
  async #listAll(request: HttpRequest): Promise<HttpAnswer> {
    const { index, workers, isAlive, answer, forwarding } = this.#options;
    const others = workers.filter((other) => other !== index && isAlive(other));
    const part = { ...request, headers: { ...request.headers, [PART_HEADER]: 'true' } };
    const asked = [
      ...others.map((other) => this.#ask(other, part)),
      ...forwarding.others(request).map((member) => forwarding.forward(request, member)),
    ];
    const own = await answer(part);
    const answers = [own, ...(await Promise.all(asked))];
    const transactions = answers.flatMap(({ status, body }) => (status === 200 ? transactionsIn(body) : []));
    return own.status === 200 ? { ...own, body: JSON.stringify({ transactions }) } : own;
  }

  async #ask(holder: number, request: HttpRequest): Promise<HttpAnswer> {
    const id = this.#nextId++;
    const { index, isAlive, answer: answerHere } = this.#options;
    const answered = new Promise<HttpAnswer | undefined>((resolve) => {
      const look = setInterval(() => {
        if (isAlive(holder)) return;
        clearInterval(look);
        resolve(undefined);
      }, LOOK_MS);
      this.#waiting.set(id, (answer) => {
        clearInterval(look);
        resolve(answer);
      });
    });
    // The body lies in memory that is another request's as soon as this one gives the thread back.
    this.#channel.postMessage({
      do: 'ask',
      to: holder,
      from: index,
      id,
      request: { ...request, body: new Uint8Array(request.body) },
    } satisfies Message);
    const answer = await answered;
    this.#waiting.delete(id);
    return answer ?? answerHere({ ...request, body: new Uint8Array() });
  }

  async #receive(message: Message): Promise<void> {
    if (message.to !== this.#options.index) return;
    if (message.do === 'answer') {
      this.#waiting.get(message.id)?.(message.answer);
      return;
    }
    const { from, id, request } = message;
    const answer = await this.#options.answer(request);
    this.#channel.postMessage({ do: 'answer', to: from, id, answer } satisfies Message);
  }
}

/** Marks a request for what one thread holds. */
const PART_HEADER = 'x-foxden-held-here';

function isTransactionList({ method, url, headers }: HttpRequest): boolean {
  return method === 'GET' && headers[PART_HEADER] === undefined && /^(?:\/_db\/[^/]+)?\/_api\/transaction\/?(?:\?|$)/.test(url);
}

function transactionsIn(body: HttpAnswer['body']): readonly unknown[] {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString();
  return (JSON.parse(text) as { readonly transactions: readonly unknown[] }).transactions;
}

/** The id of a cursor, transaction or snapshot in the URL, or of the transaction that a header names. */
function heldId({ url, headers }: HttpRequest): string | undefined {
  const transaction = headers['x-arango-trx-id'];
  if (transaction !== undefined) return transaction;
  if (url.includes('/_api/cursor/') || url.includes('/_api/transaction/'))
    return /^(?:\/_db\/[^/]+)?\/_api\/(?:cursor|transaction)\/(\d+)/.exec(url)?.[1];
  if (!url.includes('/_api/replication/') && !url.includes('/_api/dump/')) return undefined;
  return /\/_api\/(?:replication\/batch|dump|dump\/next)\/(\d+)/.exec(url)?.[1] ?? /[?&]batchId=(\d+)/.exec(url)?.[1];
}

/** What belongs to a coordinator and to none of its threads: the id of a job, or of a task that was given one. */
function jobOrTaskId({ method, url }: HttpRequest): string | undefined {
  if (url.includes('/_api/job/')) return /^(?:\/_db\/[^/]+)?\/_api\/job\/(\d+)/.exec(url)?.[1];
  if (!url.includes('/_api/tasks/') || (method !== 'GET' && method !== 'DELETE')) return undefined;
  return /^(?:\/_db\/[^/]+)?\/_api\/tasks\/(\d+)/.exec(url)?.[1];
}
