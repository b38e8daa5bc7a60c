/**
 * The last lines that each service wrote to its console, in memory that all threads share: for whoever looks at one service alone.
 *
 * A service that writes much pushes out its own lines and not its neighbours': there are many rings, and a mount has one of them by its hash.
 * Mounts that share one by chance are told apart when it is read.
 */
import { createLogMemory, LogMemory, type LogMemorySize } from './log-memory.ts';
import type { LogLevel } from './log.ts';

const RING_COUNT = 64;
const RING: LogMemorySize = { cellCount: 256, cellBytes: 1024 };

export interface ServiceLine {
  /** Of lines of one service, later ones have larger numbers. */
  readonly id: number;
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  /** Where the service called its console: a path below its folder, and a line. */
  readonly source: { readonly file: string; readonly line: number } | undefined;
}

export function createServiceLogMemory(): readonly SharedArrayBuffer[] {
  return Array.from({ length: RING_COUNT }, () => createLogMemory(RING));
}

export class ServiceLog {
  readonly #rings: readonly LogMemory[];

  constructor(memory: readonly SharedArrayBuffer[]) {
    this.#rings = memory.map((ring) => new LogMemory(ring, RING));
  }

  remember(database: string, mount: string, { time, level, message, source }: Omit<ServiceLine, 'id'>): void {
    const place = source === undefined ? '' : `${source.line}:${source.file}`;
    this.#ringOf(database, mount).remember({ time, level, topic: 'v8', message: `${database}\0${mount}\0${place}\0${message}` });
  }

  /** Oldest first. */
  lines(database: string, mount: string): ServiceLine[] {
    const prefix = `${database}\0${mount}\0`;
    return this.#ringOf(database, mount)
      .entries()
      .filter(({ message }) => message.startsWith(prefix))
      .map(({ id, time, level, message }) => {
        const end = message.indexOf('\0', prefix.length);
        const [, line, file = ''] = /^(\d+):(.*)$/s.exec(message.slice(prefix.length, end)) ?? [];
        return { id, time, level, message: message.slice(end + 1), source: line === undefined ? undefined : { file, line: Number(line) } };
      });
  }

  #ringOf(database: string, mount: string): LogMemory {
    let hash = 0;
    for (const character of database + mount) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) | 0;
    return this.#rings[Math.abs(hash) % this.#rings.length] as LogMemory;
  }
}
