/**
 * Where keys were found lately in a tree, so that what is asked for again is found without a way down from the root: four pages that a
 * neighbour may have driven out of the processor's caches.
 *
 * A place is only good for the commit that it was found in, since the next one may use the page for something else: what was noted for
 * an older one counts for nothing. Whoever asks compares the key at the place with his own: that a hash is the same says little.
 * The table grows as long as more is asked for than it has room for, up to a limit; a thread that reads little has a small one.
 */
import { hashBytes } from '#base';

const FIRST_SLOTS = 2 ** 11;
const MOST_SLOTS = 2 ** 19;
/** Commit, hash, page, and the place in the page. */
const SLOT_WORDS = 4;
/** A key may be in any of so many slots that follow each other, which the processor reads in one go. */
const WAYS = 4;
const BUCKET_WORDS = WAYS * SLOT_WORDS;
/** Slots have 32 bits of a commit's number: before these begin again, all are emptied. */
const COMMITS_APART = 2 ** 31;

export class KnownPlaces {
  #slots = new Int32Array(FIRST_SLOTS * SLOT_WORDS);
  #mask = FIRST_SLOTS / WAYS - 1;
  #commit = -1;
  /** Nothing that is here is of a commit before this one. */
  #firstCommit = -1;
  /** How many were noted since the commit or the last growth. */
  #noted = 0;
  /** What `find` found. */
  page = 0;
  place = 0;

  /** Whether a key with this hash was noted for this commit; it is then to be looked for at `page` and `place`. */
  find(commit: number, hash: number): boolean {
    if (commit > this.#commit || commit < this.#firstCommit) return false;
    const slots = this.#slots;
    const first = (hash & this.#mask) * BUCKET_WORDS;
    for (let at = first; at < first + BUCKET_WORDS; at += SLOT_WORDS) {
      if (slots[at + 1] !== hash || slots[at] !== (commit | 0)) continue;
      this.page = slots[at + 2]!;
      this.place = slots[at + 3]!;
      return true;
    }
    return false;
  }

  /** Reads what `find` would read first. */
  touch(hash: number): number {
    return this.#slots[(hash & this.#mask) * BUCKET_WORDS]!;
  }

  /** Commits older than one that was asked for before are not noted. */
  note(commit: number, hash: number, page: number, place: number): void {
    if (commit !== this.#commit) {
      if (commit < this.#commit) return;
      if (commit - this.#firstCommit >= COMMITS_APART) this.#empty(commit);
      this.#commit = commit;
      this.#noted = 0;
    }
    if (++this.#noted > (this.#mask + 1) * (WAYS / 2) && this.#slots.length < MOST_SLOTS * SLOT_WORDS) this.#grow();
    this.#put(hash, page, place);
  }

  #put(hash: number, page: number, place: number): void {
    const slots = this.#slots;
    const first = (hash & this.#mask) * BUCKET_WORDS;
    const commit = this.#commit | 0;
    // Where the bucket is full, one of its four has to go.
    let at = first + (this.#noted & (WAYS - 1)) * SLOT_WORDS;
    for (let each = first; each < first + BUCKET_WORDS; each += SLOT_WORDS) {
      if (slots[each] === commit && slots[each + 1] !== hash) continue;
      at = each;
      break;
    }
    slots[at] = commit;
    slots[at + 1] = hash;
    slots[at + 2] = page;
    slots[at + 3] = place;
  }

  #empty(commit: number): void {
    this.#slots.fill(0);
    this.#firstCommit = commit;
  }

  /** Four times as large, and with what was known. */
  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 4);
    this.#mask = this.#slots.length / BUCKET_WORDS - 1;
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      if (old[at] === (this.#commit | 0)) this.#put(old[at + 1]!, old[at + 2]!, old[at + 3]!);
    }
  }
}

/** Of the first `size` bytes. */
export function hashOf(bytes: Uint8Array, size: number): number {
  return hashBytes(bytes, 0, size);
}

/** What `hashBytes` gives of a row's key: twelve bytes, in which numbers have their greatest byte first. */
export function hashOfRow(prefix: number, id: number): number {
  let hash = mixed(12, swapped(prefix));
  hash = mixed(hash, swapped(Math.floor(id / 2 ** 32)));
  hash = mixed(hash, swapped(id));
  return hash ^ (hash >>> 13);
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** The four bytes of a word in the other order. */
function swapped(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
