/** Prints what a service writes to its console from now on, as it happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client.ts';
import { describeFailure } from '../failure.ts';
import { complain, gray, info, red, yellow } from '../output.ts';

/** How long the server may wait for a line before it answers that there is none. */
const WAIT_SECONDS = 30;
const RETRY_MS = 1000;

interface Line {
  readonly id: number;
  readonly level: string;
  readonly date: string;
  readonly message: string;
  /** Below the service's folder. */
  readonly file?: string;
  readonly line?: number;
}

/** Lasts until `signal`. */
export async function followLog(client: Client, mount: string, signal: AbortSignal): Promise<void> {
  const read = async (query: Readonly<Record<string, string | number>>): Promise<readonly Line[]> =>
    (await client.json<{ readonly messages: readonly Line[] }>({ path: '/_api/foxx/log', query: { mount, ...query }, signal })).messages;
  let next: number | undefined;
  let isDown = false;
  while (!signal.aborted) {
    try {
      next ??= ((await read({ size: 1, sort: 'desc' }))[0]?.id ?? -1) + 1;
      for (const line of await read({ start: next, wait: WAIT_SECONDS })) {
        next = Math.max(next, line.id + 1);
        print(line);
      }
      isDown = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!isDown) complain(describeFailure(error));
      isDown = true;
      // A server that was started anew counts from the beginning.
      next = undefined;
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function print({ level, date, message, file, line }: Line): void {
  const place = file === undefined ? '' : gray(` ${file}:${line}`);
  info(`${gray(date.slice(11, 19))} ${coloured(level)} ${message}${place}`);
}

function coloured(level: string): string {
  if (level === 'ERROR' || level === 'FATAL') return red(level);
  return level === 'WARNING' ? yellow(level) : gray(level);
}
