/**
 * The lineage guard: a number in the database that only grows, and the highest that this coordinator has seen of it.
 *
 * A cluster of PostgreSQL servers can lose what it has acknowledged (a promoted standby that was behind, a primary that thaws and takes its
 * old place). The number is then lower than one that was seen before, and the coordinator writes nothing more: going on would fork
 * what the users see. The highest number is kept in a file beside the coordinator's other files, so that it survives a restart.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ArangoError } from '#base';

const FILE = 'storage-lineage.json';

/** What a coordinator remembers between two starts. */
interface Seen {
  readonly identity: string;
  readonly epoch: string;
}

export class Lineage {
  readonly #path: string;
  readonly #folder: string;
  #identity: bigint | undefined;
  #epoch = 0n;
  /** What the file says. */
  #saved: Seen | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, FILE);
    const seen = readSeen(this.#path);
    if (seen === undefined) return;
    this.#identity = BigInt(seen.identity);
    this.#epoch = BigInt(seen.epoch);
    this.#saved = seen;
  }

  /** The highest number so far, to be taken before the database is asked for its number. */
  get highest(): bigint {
    return this.#epoch;
  }

  /**
   * Throws when the database has gone back to a state before `highest`. `identity` tells one database from another: a coordinator may be
   * given a new one.
   */
  check(identity: bigint, epoch: bigint, highest: bigint): void {
    if (this.#identity === identity && epoch < highest) {
      throw new ArangoError(
        'ERROR_ARANGO_CORRUPTED_DATAFILE',
        `the database has gone back in time: its epoch is ${epoch}, and ${highest} was seen before. Acknowledged writes are lost; ` +
          `nothing more is written. If it was restored from a backup on purpose, remove ${this.#path} of every coordinator and start again`,
      );
    }
    if (this.#identity !== identity) this.#epoch = epoch;
    this.#identity = identity;
    if (epoch > this.#epoch) this.#epoch = epoch;
  }

  /** Keeps the highest number for the next start. */
  save(): void {
    if (this.#identity === undefined) return;
    const seen: Seen = { identity: String(this.#identity), epoch: String(this.#epoch) };
    if (isDeepStrictEqual(seen, this.#saved)) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#path}.new`, JSON.stringify(seen));
    renameSync(`${this.#path}.new`, this.#path);
    this.#saved = seen;
  }
}

function readSeen(path: string): Seen | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Seen;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ArangoError('ERROR_ARANGO_CORRUPTED_DATAFILE', `${path} cannot be read`, { cause: error });
  }
}

/** What a coordinator with that folder has seen last; undefined when it has seen nothing. */
export function readLineage(folder: string): Seen | undefined {
  return readSeen(join(folder, FILE));
}
