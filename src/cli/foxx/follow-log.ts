/** Prints what a server logs from now on, as it happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client.ts';
import { describeFailure } from '../failure.ts';
import { complain, gray, info, red, yellow } from '../output.ts';

/** What a person takes for at once. */
const PAUSE_MS = 250;

interface Entry {
  readonly id: number;
  readonly level: string;
  readonly date: string;
  readonly message: string;
}

/** Lasts until `signal`. */
export async function followLog(client: Client, signal: AbortSignal): Promise<void> {
  let next = (await newest(client)) + 1;
  let isDown = false;
  while (!signal.aborted) {
    try {
      const { messages } = await client.json<{ readonly messages: readonly Entry[] }>({
        path: '/_admin/log/entries',
        query: { start: next, sort: 'asc' },
        database: '_system',
        signal,
      });
      isDown = false;
      for (const { id, level, date, message } of messages) {
        next = Math.max(next, id + 1);
        info(`${gray(date.slice(11, 19))} ${coloured(level)} ${message}`);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isDown) complain(describeFailure(error));
      isDown = true;
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function newest(client: Client): Promise<number> {
  const { messages } = await client.json<{ readonly messages: readonly Entry[] }>({
    path: '/_admin/log/entries',
    query: { size: 1, sort: 'desc' },
    database: '_system',
  });
  return messages[0]?.id ?? -1;
}

function coloured(level: string): string {
  if (level === 'ERROR' || level === 'FATAL') return red(level);
  return level === 'WARNING' ? yellow(level) : gray(level);
}
