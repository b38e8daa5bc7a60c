/**
 * Power cuts, staged: a store is used while every sync of its files is observed; then files are put together as a disk may hold them
 * after the power went off, and opened.
 *
 * What a disk certainly has is what a file held when its last finished sync began. Of everything written since, each page may be
 * there in any of its versions or not at all, and half of it at that. However they are mixed: the store must open, hold exactly what
 * it held after one of its commits, that commit must be no earlier than the last one reported durable, and it must go on working.
 */
import assert from 'node:assert/strict';
import fs, { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describeError, replaceLogSink } from '#base';
import type { IndexEntry, Mutation, RowId, StorageEngine, TableId } from '../engine.ts';
import { openStorage } from './engine.ts';
import { JOURNAL_FILES } from './journal.ts';
import { PAGE_BYTES } from './pages.ts';

const FILES = ['data.mdb', ...JOURNAL_FILES];
const SECTOR_BYTES = 512;
const TABLES: readonly TableId[] = [10, 20];
const LIMITS = { applyBytes: 6000, journalBytes: 40_000, syncIntervalMs: 3 };

/** Mulberry32: the same numbers for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What is known of a file: what the disk has, and what was written to it since. */
interface Written {
  /** What the file held when the sync began that began last of those that have finished. */
  readonly synced: Buffer;
  readonly began: number;
  readonly later: Buffer[];
}

/** Watches the syncs of the files in one folder. */
class Disk {
  readonly #folder: string;
  readonly #files = new Map<string, Written>();
  #begun = 0;
  readonly #original = { fdatasync: fs.fdatasync, fdatasyncSync: fs.fdatasyncSync, fsyncSync: fs.fsyncSync };

  constructor(folder: string) {
    this.#folder = folder;
    const { fdatasync, fdatasyncSync, fsyncSync } = this.#original;
    const begin = (descriptor: number): (() => void) => {
      const name = this.#nameOf(descriptor);
      if (name === undefined) return () => {};
      const held = this.#read(name);
      const began = ++this.#begun;
      this.#files.get(name)?.later.push(held);
      return () => {
        const written = this.#files.get(name);
        if (written !== undefined && written.began > began) return;
        const later = written?.later ?? [];
        this.#files.set(name, { synced: held, began, later: later.slice(later.indexOf(held) + 1) });
      };
    };
    const observe = (sync: (descriptor: number) => void) => (descriptor: number) => {
      const end = begin(descriptor);
      sync(descriptor);
      end();
    };
    fs.fdatasyncSync = observe(fdatasyncSync);
    fs.fsyncSync = observe(fsyncSync);
    fs.fdatasync = ((descriptor: number, done: fs.NoParamCallback) => {
      const end = begin(descriptor);
      fdatasync(descriptor, (error) => {
        end();
        done(error);
      });
    }) as typeof fs.fdatasync;
    syncBuiltinESMExports();
  }

  stop(): void {
    Object.assign(fs, this.#original);
    syncBuiltinESMExports();
  }

  /** Remembers what the files hold at this moment. */
  look(): void {
    for (const name of FILES) this.#files.get(name)?.later.push(this.#read(name));
  }

  /** Writes into `folder` what may be left of the files. */
  leave(folder: string, random: (below: number) => number): void {
    const taste = random(5);
    for (const [name, { synced, later }] of this.#files) writeFileSync(join(folder, name), mix([synced, ...later], taste, random));
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }

  #nameOf(descriptor: number): string | undefined {
    const { ino } = fs.fstatSync(descriptor);
    return FILES.find((name) => statSync(join(this.#folder, name), { throwIfNoEntry: false })?.ino === ino);
  }
}

/** One possible file of the given versions, of which the first is certain. `taste` makes some mixtures likelier than chance would. */
function mix(versions: readonly Buffer[], taste: number, random: (below: number) => number): Buffer {
  const last = versions.at(-1)!;
  const pick = (page: number): Buffer => {
    if (taste === 0) return last;
    if (taste === 1) return page < 2 ? last : versions[0]!;
    if (taste === 2) return random(20) === 0 ? versions[0]! : last;
    if (taste === 3) return random(20) === 0 ? versions[random(versions.length)]! : versions[0]!;
    return versions[random(versions.length)]!;
  };
  const lengths = versions.map(({ length }) => length);
  const length = taste === 0 ? last.length : (lengths[random(lengths.length)] ?? 0);
  const mixed = Buffer.alloc(Math.max(length, versions[0]!.length));
  for (let start = 0; start < mixed.length; start += PAGE_BYTES) {
    const isTorn = taste !== 0 && random(4) === 0;
    const whole = pick(start / PAGE_BYTES);
    for (let at = start; at < start + PAGE_BYTES; at += SECTOR_BYTES) {
      const version = isTorn ? pick(start / PAGE_BYTES) : whole;
      mixed.set(version.subarray(at, Math.min(at + SECTOR_BYTES, mixed.length)), Math.min(at, mixed.length));
    }
  }
  return mixed;
}

interface Row {
  readonly version: number;
  readonly size: number;
  readonly key: string;
}

function bytesOf({ version, size }: Row): Buffer {
  const bytes = Buffer.alloc(8 + size, version % 251);
  bytes.writeBigUInt64BE(BigInt(version));
  return bytes;
}

function entriesOf(table: TableId, { version, key }: Row): IndexEntry[] {
  return [
    { index: table + 1, key: Buffer.from(`${key}.`), isUnique: true },
    { index: table + 2, key: Buffer.from(`group ${version % 7}.`), isUnique: false, value: Buffer.from(key) },
  ];
}

/** Everything in the store as one text, after checking that counts, rows and entries agree. */
function contentOf(engine: StorageEngine): { readonly commit: number; readonly content: string } {
  const transaction = engine.begin({ mode: 'read' });
  const lines: string[] = [];
  for (const table of TABLES) {
    let rows = 0;
    const cursor = transaction.scanRows(table);
    for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
      for (let i = 0; i < batch.count; i++, rows++) {
        lines.push(`${table} ${batch.ids[i]} ${Buffer.from(batch.buffer.subarray(batch.starts[i], batch.ends[i])).toString('base64')}`);
      }
    }
    assert.equal(transaction.countRows(table), rows);
    for (const index of [table + 1, table + 2]) {
      const entries = transaction.probe(index, [{}], { withKeys: true, withValues: true });
      assert.equal(entries.count, rows);
      for (let i = 0; i < entries.count; i++) {
        const { keys, values } = entries;
        const text = (list: NonNullable<typeof keys>): string => Buffer.from(list.buffer.subarray(list.starts[i], list.ends[i])).toString();
        lines.push(`${index} ${entries.ids[i]} ${text(keys!)} ${text(values!)}`);
      }
    }
  }
  const commit = Number(Buffer.from(transaction.readMeta('commit') ?? '0').toString());
  transaction.abort();
  return { commit, content: lines.join('\n') };
}

/** Random commits to a store, and what it held after each. */
class Use {
  readonly engine: StorageEngine;
  readonly #random: (below: number) => number;
  readonly #rows = new Map<TableId, Map<RowId, Row>>(TABLES.map((table) => [table, new Map()]));
  #version = 0;
  commit = 0;

  constructor(engine: StorageEngine, random: (below: number) => number) {
    this.engine = engine;
    this.#random = random;
  }

  /** Continues a store that has something. */
  static after(engine: StorageEngine, random: (below: number) => number): Use {
    const use = new Use(engine, random);
    const transaction = engine.begin({ mode: 'direct' });
    transaction.clear(TABLES.flatMap((table) => [table, table + 1, table + 2]));
    transaction.commit();
    use.#version = 1_000_000;
    return use;
  }

  next(): void {
    const random = this.#random;
    const transaction = this.engine.begin({ mode: random(2) === 0 ? 'direct' : 'deferred' });
    if (random(60) === 0) {
      const table = TABLES[random(TABLES.length)]!;
      transaction.clear([table, table + 1, table + 2]);
      this.#rows.get(table)!.clear();
    }
    const changes = random(30) === 0 ? 200 : 1 + random(4);
    transaction.mutate(Array.from({ length: changes }, () => this.#change()));
    transaction.writeMeta('commit', Buffer.from(String(++this.commit)));
    transaction.commit();
  }

  #change(): Mutation {
    const random = this.#random;
    const table = TABLES[random(TABLES.length)]!;
    const rows = this.#rows.get(table)!;
    const ids = [...rows.keys()];
    const id = ids[random(ids.length)];
    const version = ++this.#version;
    const row = { version, size: random(10) === 0 ? random(9000) : random(300), key: `key ${version}` };
    if (id === undefined || random(3) === 0) {
      const added = this.engine.tick();
      rows.set(added, row);
      return { do: 'insert', table, id: added, bytes: bytesOf(row), add: entriesOf(table, row) };
    }
    const drop = entriesOf(table, rows.get(id)!);
    if (random(3) === 0) {
      rows.delete(id);
      return { do: 'remove', table, id, drop };
    }
    rows.set(id, row);
    return { do: 'replace', table, id, bytes: bytesOf(row), drop, add: entriesOf(table, row) };
  }
}

export interface PowerCuts {
  readonly seed: number;
  readonly commits: number;
  /** How many there are in all. */
  readonly cuts: number;
}

/** Runs a store through `commits` commits with the power going off now and then. */
export async function stagePowerCuts({ seed, commits, cuts }: PowerCuts): Promise<void> {
  const random = randomFrom(seed);
  const base = mkdtempSync(join(tmpdir(), 'foxden-power-cut-'));
  const folder = join(base, 'store');
  mkdirSync(folder);
  const restoreLog = replaceLogSink(() => {});
  const disk = new Disk(folder);
  const engine = openStorage({ folder, ...LIMITS });
  const use = new Use(engine, random);
  const history = new Map([[0, contentOf(engine).content]]);
  let durable = 0;
  try {
    for (let i = 0; i < commits; i++) {
      if (random(8) === 0) engine.gathering!.isOn = !engine.gathering!.isOn;
      use.next();
      history.set(use.commit, contentOf(engine).content);
      const { commit } = use;
      if (random(4) === 0) engine.whenDurable(() => (durable = Math.max(durable, commit)));
      if (random(25) === 0) {
        engine.syncNow();
        durable = commit;
      }
      if (random(3) === 0) disk.look();
      if (random(2) === 0) await turn();
      if (random(commits) >= cuts) continue;
      disk.look();
      const left = join(base, `cut-${i}`);
      mkdirSync(left);
      disk.leave(left, random);
      try {
        await checkLeft(left, { history, durable, random });
      } catch (error) {
        const where = `after commit ${commit}, ${durable} being durable, seed ${seed}`;
        throw new Error(`${where}: ${describeError(error)}`, { cause: error });
      }
      rmSync(left, { recursive: true });
    }
  } finally {
    disk.stop();
    engine.close();
    restoreLog();
    rmSync(base, { recursive: true, force: true });
  }
}

async function checkLeft(
  folder: string,
  expected: { readonly history: ReadonlyMap<number, string>; readonly durable: number; readonly random: (below: number) => number },
): Promise<void> {
  const { history, durable, random } = expected;
  const left = openStorage({ folder, ...LIMITS, boot: 'another start of the computer' });
  const { commit, content } = contentOf(left);
  assert(commit >= durable, `commit ${commit} is the last, but ${durable} was durable`);
  assert.equal(content, history.get(commit), `what is left is not what there was after commit ${commit}`);
  // Pages that were free and are not, or the other way round, show when they are used again.
  const use = Use.after(left, random);
  for (let i = 0; i < 40; i++) {
    use.next();
    if (i % 8 === 0) await turn();
  }
  const { content: later } = contentOf(left);
  left.close();
  const again = openStorage({ folder, ...LIMITS, boot: 'another start of the computer' });
  assert.equal(contentOf(again).content, later);
  again.close();
}
