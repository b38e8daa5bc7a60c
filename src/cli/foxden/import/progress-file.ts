/**
 * How far an import came, in a file beside where it was started: so one that was ended goes on where it was. It is written anew and renamed
 * at each save, so a crash leaves the old one or the new one.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';

interface Saved {
  readonly from: string;
  readonly to: string;
  /** By database and collection: documents that were acknowledged, and whether those are all. */
  readonly collections: Readonly<Record<string, CollectionProgress>>;
}

export interface CollectionProgress {
  readonly documents: number;
  readonly isDone: boolean;
}

/** Not more often than this. */
const SAVE_MS = 500;

export class ProgressFile {
  readonly path: string;
  readonly wasThere: boolean;
  readonly #ends: Pick<Saved, 'from' | 'to'>;
  readonly #collections: Map<string, CollectionProgress>;
  #savedAt = 0;

  /** `from` and `to` are addresses without credentials. */
  constructor(
    from: string,
    to: string,
    path = `.foxden-import-${createHash('sha256').update(`${from}\n${to}`).digest('hex').slice(0, 12)}.json`,
  ) {
    this.path = path;
    this.#ends = { from, to };
    this.wasThere = existsSync(path);
    const saved = this.wasThere ? (JSON.parse(readFileSync(path, 'utf8')) as Saved) : undefined;
    const fits = saved?.from === from && saved.to === to;
    this.#collections = new Map(fits ? Object.entries(saved.collections) : []);
  }

  get(database: string, collection: string): CollectionProgress {
    return this.#collections.get(`${database}/${collection}`) ?? { documents: 0, isDone: false };
  }

  set(database: string, collection: string, progress: CollectionProgress): void {
    this.#collections.set(`${database}/${collection}`, progress);
    const now = performance.now();
    if (!progress.isDone && now - this.#savedAt < SAVE_MS) return;
    this.#savedAt = now;
    const content: Saved = { ...this.#ends, collections: Object.fromEntries(this.#collections) };
    writeFileSync(`${this.path}.new`, JSON.stringify(content));
    renameSync(`${this.path}.new`, this.path);
  }

  /** All is done. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}
