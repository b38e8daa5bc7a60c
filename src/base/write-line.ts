/**
 * Writing a line of the log to a descriptor, from any thread, so that nobody who logs ever fails because of it.
 *
 * Where standard output is a pipe it does not block: when its reader is slow a write is refused until there is room again. Whoever logs
 * waits for that, but not for ever.
 */
import { writeSync } from 'node:fs';
import { clock } from './clock.ts';

const PATIENCE_MS = 1000;
const PAUSE_MS = 2;

const pause = new Int32Array(new SharedArrayBuffer(4));

export function writeLine(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  const deadlineMs = clock.monotonic() + PATIENCE_MS;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      // What else can go wrong (a reader that is gone, a full disk) has nobody left to be told: the log was the place for it.
      const isBusy = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!isBusy || clock.monotonic() > deadlineMs) return;
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
}
