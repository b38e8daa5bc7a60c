/**
 * A store in use by threads and processes that the tests can end: what they do, and how a test starts them. This file is also the
 * program that such threads and processes run.
 */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { isArangoError } from '#base';
import type { IndexEntry, StorageEngine, StorageShare, TableId } from '../engine.ts';
import { joinStorage, openStorage, type OpenOptions } from './engine.ts';

export const TABLE: TableId = 10;
export const KEYS: TableId = 11;
export const GROUPS: TableId = 12;
/** How many rows a writer keeps of its own. */
export const KEPT = 200;

/** What a thread is to do, with the number of the writer whose rows it writes. */
export type Task =
  | {
      readonly do: 'write';
      readonly writer: number;
      readonly first: number;
      readonly acknowledgements?: string;
      readonly isSynced?: boolean;
      /** So many commits are made safe together. */
      readonly gathers?: number;
    }
  | { readonly do: 'count'; readonly times: number; readonly mode: 'direct' | 'deferred' }
  | { readonly do: 'exhaust' };

function keyOf(writer: number, number: number): string {
  return `${writer}/${number}.`;
}

export function rowBytes(writer: number, number: number): Buffer {
  const bytes = Buffer.alloc(40 + (number % 90) * 10, writer);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}

function entriesOf(writer: number, number: number): IndexEntry[] {
  return [
    { index: KEYS, key: Buffer.from(keyOf(writer, number)), isUnique: true },
    { index: GROUPS, key: Buffer.from(`${number % 10}.`), isUnique: false },
  ];
}

/** Inserts row `number` of the writer and removes the one before the last `KEPT`. */
export function writeOne(engine: StorageEngine, writer: number, number: number): void {
  const transaction = engine.begin({ mode: number % 3 === 0 ? 'deferred' : 'direct' });
  const id = engine.tick();
  transaction.mutate([{ do: 'insert', table: TABLE, id, bytes: rowBytes(writer, number), add: entriesOf(writer, number) }]);
  const old = Buffer.from(keyOf(writer, number - KEPT));
  const { ids } = transaction.probe(KEYS, [{ from: old, to: old, toInclusive: true }]);
  if (ids[0] !== undefined) transaction.mutate([{ do: 'remove', table: TABLE, id: ids[0], drop: entriesOf(writer, number - KEPT) }]);
  transaction.commit();
}

/** The numbers of each writer's rows, after checking that rows, entries and counts agree. */
export function numbersOf(engine: StorageEngine): Map<number, number[]> {
  const transaction = engine.begin({ mode: 'read' });
  const numbers = new Map<number, number[]>();
  const rows = new Map<number, string>();
  const cursor = transaction.scanRows(TABLE);
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
    for (let i = 0; i < batch.count; i++) {
      const bytes = Buffer.from(batch.buffer.subarray(batch.starts[i], batch.ends[i]));
      const writer = bytes[8]!;
      const number = Number(bytes.readBigUInt64BE());
      assert(bytes.equals(rowBytes(writer, number)));
      numbers.set(writer, [...(numbers.get(writer) ?? []), number]);
      rows.set(batch.ids[i]!, keyOf(writer, number));
    }
  }
  assert.equal(transaction.countRows(TABLE), rows.size);
  assert.equal(transaction.countEntries(GROUPS, [{}]), rows.size);
  const entries = transaction.probe(KEYS, [{}], { withKeys: true });
  assert.equal(entries.count, rows.size);
  for (let i = 0; i < entries.count; i++) {
    const { buffer, starts, ends } = entries.keys!;
    assert.equal(rows.get(entries.ids[i]!), Buffer.from(buffer.subarray(starts[i], ends[i])).toString());
  }
  transaction.abort();
  return numbers;
}

/** The numbers that a writer has noted in its file after their commits. */
export function acknowledged(path: string): number[] {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readUInt32LE(4 * i));
}

export function startThread(share: StorageShare, task: Task, resourceLimits: { maxOldGenerationSizeMb?: number } = {}): Worker {
  return new Worker(new URL(import.meta.url), { workerData: { share, task }, resourceLimits });
}

/** Another process that opens a store, tells so or why not (`message`), and has threads do the tasks. */
export function startProcess(options: OpenOptions, tasks: readonly Task[], execArgv: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [JSON.stringify({ options, tasks })], { execArgv: [...execArgv] });
}

export type ProcessMessage = 'opened' | { readonly errorNum: number; readonly message: string };

export async function messageOf(child: ChildProcess): Promise<ProcessMessage> {
  const [message] = (await once(child, 'message')) as [ProcessMessage];
  return message;
}

async function runTask(engine: StorageEngine, task: Task): Promise<void> {
  switch (task.do) {
    case 'write': {
      const file = task.acknowledgements === undefined ? undefined : openSync(task.acknowledgements, 'a');
      const { gathers = 1 } = task;
      engine.gathering!.isOn = gathers > 1;
      for (let number = task.first; ; number += gathers) {
        const numbers = Uint32Array.from({ length: gathers }, (_, i) => number + i);
        for (const each of numbers) writeOne(engine, task.writer, each);
        engine.gathering!.write();
        if (task.isSynced) engine.syncNow();
        if (file !== undefined) writeSync(file, numbers);
        if (number % 20 < gathers) await turn();
      }
    }
    case 'count':
      for (let i = 0; i < task.times; i++) countUp(engine, task.mode);
      break;
    case 'exhaust': {
      const transaction = engine.begin({ mode: 'direct' });
      const hoard: object[] = [];
      for (;;) hoard.push({ transaction, filling: Array.from({ length: 1000 }, () => ({})) });
    }
  }
}

/** Adds one to a counter, as often as it takes. */
function countUp(engine: StorageEngine, mode: 'direct' | 'deferred'): void {
  for (;;) {
    const transaction = engine.begin({ mode });
    const batch = transaction.rows(TABLE, [1]);
    const before = Buffer.from(batch.buffer.subarray(batch.starts[0], batch.ends[0])).readBigUInt64BE();
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(before + 1n);
    transaction.mutate([{ do: 'replace', table: TABLE, id: 1, bytes, add: [], drop: [] }]);
    try {
      transaction.commit();
      return;
    } catch (error) {
      if (!isArangoError(error) || error.errorNum !== 1200) throw error;
    }
  }
}

async function runThread({ share, task }: { readonly share: StorageShare; readonly task: Task }): Promise<void> {
  const engine = joinStorage(share);
  parentPort!.postMessage('joined');
  await runTask(engine, task);
  engine.close();
}

function runProcess({ options, tasks }: { readonly options: OpenOptions; readonly tasks: readonly Task[] }): void {
  let engine: StorageEngine;
  try {
    engine = openStorage(options);
  } catch (error) {
    assert(isArangoError(error), String(error));
    process.send!({ errorNum: error.errorNum, message: error.message });
    return process.disconnect();
  }
  process.send!('opened');
  for (const task of tasks) startThread(engine.share(), task);
  // Until the test ends it.
  process.on('message', () => {
    engine.close();
    process.disconnect();
  });
}

if (!isMainThread && (workerData as { task?: Task } | null)?.task !== undefined)
  await runThread(workerData as Parameters<typeof runThread>[0]);
if (isMainThread && process.argv[1] === fileURLToPath(import.meta.url))
  runProcess(JSON.parse(process.argv[2]!) as Parameters<typeof runProcess>[0]);
