/**
 * Where keys were found lately in a tree, so that what is asked for again is found without a way down from the root: four pages that a
 * neighbour may have driven out of the processor's caches.
 *
 * A place is only good for the commit that it was found in, since the next one may use the page for something else: what was noted for
 * an older one counts for nothing. Whoever asks compares the key at the place with his own: that a hash is the same says little.
 * The table grows as long as more is asked for than it has room for, up to a limit; a thread that reads little has a small one.
 */
const FIRST_SLOTS = 2 ** 11;
const MOST_SLOTS = 2 ** 19;
/** Commit, hash, page, and the place in the page. */
const SLOT_WORDS = 4;

export class KnownPlaces {
  #slots = new Int32Array(FIRST_SLOTS * SLOT_WORDS);
  #mask = FIRST_SLOTS - 1;
  #commit = -1;
  /** How many were noted since the commit or the last growth. */
  #noted = 0;
  /** What `find` found. */
  page = 0;
  place = 0;

  /** Whether a key with this hash was noted for this commit; it is then to be looked for at `page` and `place`. */
  find(commit: number, hash: number): boolean {
    const slots = this.#slots;
    const at = (hash & this.#mask) * SLOT_WORDS;
    if (slots[at] !== (commit | 0) || slots[at + 1] !== hash) return false;
    this.page = slots[at + 2]!;
    this.place = slots[at + 3]!;
    return true;
  }

  /** Commits older than one that was asked for before are not noted. */
  note(commit: number, hash: number, page: number, place: number): void {
    if (commit !== this.#commit) {
      if (commit < this.#commit) return;
      this.#commit = commit;
      this.#noted = 0;
    }
    if (++this.#noted > this.#mask >> 1 && this.#mask + 1 < MOST_SLOTS) this.#grow();
    const at = (hash & this.#mask) * SLOT_WORDS;
    const slots = this.#slots;
    slots[at] = commit;
    slots[at + 1] = hash;
    slots[at + 2] = page;
    slots[at + 3] = place;
  }

  /** Four times as large, and with what was known. */
  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 4);
    this.#slots = slots;
    this.#mask = slots.length / SLOT_WORDS - 1;
    for (let from = 0; from < old.length; from += SLOT_WORDS) {
      if (old[from] !== (this.#commit | 0)) continue;
      const at = (old[from + 1]! & this.#mask) * SLOT_WORDS;
      for (let i = 0; i < SLOT_WORDS; i++) slots[at + i] = old[from + i]!;
    }
  }
}

/** Of the first `size` bytes. */
export function hashOf(bytes: Uint8Array, size: number): number {
  let hash = size;
  let at = 0;
  for (; at + 4 <= size; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < size; at++) hash = Math.imul(hash ^ bytes[at]!, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
