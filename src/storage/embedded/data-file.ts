/**
 * The data file from outside LMDB: what survives a power cut, and how one finds back to it.
 *
 * LMDB is used without waiting for the disk, which writes in any order; so after a power cut the newest state may be damaged. Against
 * that stand three things. (1) A *sync record* notes a state (LMDB's meta page) of which everything is on disk. (2) The *anchor*: the
 * first thread always holds a snapshot no newer than the last sync record, and LMDB never overwrites a page that a snapshot may see.
 * (3) `restoreAfterPowerCut`: when the computer has been started anew since the last sync record, the state that it notes is made
 * the newest before LMDB sees the file; the journal has what came after it.
 *
 * The record's two slots are in halves of the two meta pages that LMDB leaves alone; they are written in turns, so that one of them
 * is always whole. After a mere crash of the process nothing is restored: the system still has all that was written.
 */
import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { crc32 } from 'node:zlib';
import { ArangoError, clock } from '#base';
import { PAGE_BYTES } from './pages.ts';

const META_BYTES = 168;
const META = { page: 0, magic: 24, lastPage: 144, transaction: 152 } as const;
const LMDB_MAGIC = 0xbeefc0de;

const SLOT_OFFSET = 2048;
const SLOT_BYTES = 512;
const SLOT = { magic: 0, number: 8, inode: 16, isClean: 24, boot: 32, meta: 128, checksum: SLOT_BYTES - 4 } as const;
const SLOT_MAGIC = Buffer.from('foxden s');
const BOOT_BYTES = 64;

interface SyncRecord {
  readonly number: number;
  /** Whether nothing came after it. */
  readonly isClean: boolean;
  readonly boot: string;
  readonly inode: number;
  readonly meta: Uint8Array;
}

/** What changes when the computer is started, and with it forgets what was written but not synced. */
export function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    // Elsewhere the moment of the start must do; it is known to some seconds, and a start takes longer than a minute.
    return `started ${Math.round((clock.now() / 1000 - uptime()) / 60)}`;
  }
}

export interface Restored {
  /** The number of the last sync record; 0 when there is none, as in a backup. */
  readonly lastRecord: number;
  /** Whether the computer stopped while the store was in use. */
  readonly wasPowerCut: boolean;
}

/** To be called before LMDB opens the file. */
export function restoreAfterPowerCut(path: string, boot: string): Restored {
  const file = openSync(path, 'r+');
  try {
    const metas = readMetas(file);
    const record = readSyncRecord(file);
    const mayTrustNewest = record === undefined || (record.boot === boot && record.inode === fstatSync(file).ino);
    if (mayTrustNewest) {
      if (metas.some((meta) => meta.readUInt32LE(META.magic) !== LMDB_MAGIC)) {
        throw new ArangoError('ERROR_ARANGO_CORRUPTED_DATAFILE', `${path} is no database of this server, or its head is destroyed`);
      }
      for (const meta of metas) coverPages(file, meta);
      return { lastRecord: record?.number ?? 0, wasPowerCut: false };
    }
    coverPages(file, Buffer.from(record.meta));
    const transaction = transactionOf(Buffer.from(record.meta));
    for (const page of [0, 1]) {
      const meta = Buffer.from(record.meta);
      const isNewest = BigInt(page) === transaction % 2n;
      meta.writeBigUInt64LE(BigInt(page), META.page);
      meta.writeBigUInt64LE(isNewest ? transaction : transaction - 1n, META.transaction);
      writeSync(file, meta, 0, META_BYTES, page * PAGE_BYTES);
    }
    fdatasyncSync(file);
    return { lastRecord: record.number, wasPowerCut: !record.isClean };
  } finally {
    closeSync(file);
  }
}

/** One thread's hand on the file. */
export class DataFile {
  readonly #path: string;
  readonly #file: number;
  readonly #boot: string;
  readonly #inode: number;
  #syncs = 0;
  #isClosed = false;

  constructor(path: string, boot: string) {
    this.#path = path;
    this.#file = openSync(path, 'r+');
    this.#boot = boot;
    this.#inode = fstatSync(this.#file).ino;
  }

  /** By a descriptor of its own. */
  reopen(): DataFile {
    return new DataFile(this.#path, this.#boot);
  }

  /** Only while nobody writes to the file. */
  newestMeta(): Uint8Array {
    const [even, odd] = readMetas(this.#file) as [Buffer, Buffer];
    return transactionOf(even) > transactionOf(odd) ? even : odd;
  }

  sync(done: (error: Error | null) => void): void {
    this.#syncs++;
    fdatasync(this.#file, (error) => {
      this.#syncs--;
      if (this.#isClosed) this.close();
      else done(error);
    });
  }

  syncNow(): void {
    fdatasyncSync(this.#file);
  }

  /** `meta` notes a state of which everything is on disk; the record itself has still to be synced. */
  writeSyncRecord(number: number, meta: Uint8Array, options: { readonly isClean: boolean }): void {
    const bytes = Buffer.alloc(SLOT_BYTES);
    bytes.set(SLOT_MAGIC, SLOT.magic);
    bytes.writeBigUInt64LE(BigInt(number), SLOT.number);
    bytes.writeBigUInt64LE(BigInt(this.#inode), SLOT.inode);
    bytes.writeUInt8(options.isClean ? 1 : 0, SLOT.isClean);
    bytes.write(this.#boot, SLOT.boot, BOOT_BYTES, 'latin1');
    bytes.set(meta.subarray(0, META_BYTES), SLOT.meta);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, SLOT.checksum)), SLOT.checksum);
    writeSync(this.#file, bytes, 0, SLOT_BYTES, (number % 2) * PAGE_BYTES + SLOT_OFFSET);
  }

  /** Nobody is called back after it. */
  close(): void {
    this.#isClosed = true;
    if (this.#syncs === 0) closeSync(this.#file);
  }
}

function readMetas(file: number): Buffer[] {
  return [0, 1].map((page) => {
    const meta = Buffer.alloc(META_BYTES);
    readSync(file, meta, 0, META_BYTES, page * PAGE_BYTES);
    return meta;
  });
}

/** LMDB maps the file into memory, where reading behind its end ends the process: a page that was cut off shall be an error instead. */
function coverPages(file: number, meta: Buffer): void {
  const bytes = (Number(meta.readBigUInt64LE(META.lastPage)) + 1) * PAGE_BYTES;
  if (fstatSync(file).size < bytes) ftruncateSync(file, bytes);
}

function transactionOf(meta: Buffer): bigint {
  return meta.readBigUInt64LE(META.transaction);
}

function readSyncRecord(file: number): SyncRecord | undefined {
  let last: SyncRecord | undefined;
  for (const page of [0, 1]) {
    const bytes = Buffer.alloc(SLOT_BYTES);
    readSync(file, bytes, 0, SLOT_BYTES, page * PAGE_BYTES + SLOT_OFFSET);
    if (!bytes.subarray(0, SLOT_MAGIC.length).equals(SLOT_MAGIC)) continue;
    if (bytes.readUInt32LE(SLOT.checksum) !== crc32(bytes.subarray(0, SLOT.checksum))) continue;
    const number = Number(bytes.readBigUInt64LE(SLOT.number));
    if (last !== undefined && last.number > number) continue;
    last = {
      number,
      isClean: bytes.readUInt8(SLOT.isClean) === 1,
      boot: bytes.toString('latin1', SLOT.boot, SLOT.boot + BOOT_BYTES).replace(/\0+$/, ''),
      inode: Number(bytes.readBigUInt64LE(SLOT.inode)),
      meta: bytes.subarray(SLOT.meta, SLOT.meta + META_BYTES),
    };
  }
  return last;
}
