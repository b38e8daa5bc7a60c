/**
 * A set of hashes in a few bits for each (a Bloom filter): what it has not is not there, what it has most likely is. All bits of a hash are
 * in one block, which the processor reads at once.
 */
const BLOCK_BITS = 512;
const BLOCK_WORDS = BLOCK_BITS / 32;
const BITS_IN_BLOCK = 3;
const PLACE_BITS = Math.log2(BLOCK_BITS);
const PLACE_MASK = BLOCK_BITS - 1;
/** At least. One of sixty absent hashes is then taken for present, of twice as many bits one of three hundred. */
const BITS_A_HASH = 10;

export class HashFilter {
  readonly #words: Int32Array;
  /** What is left of a hash says which block is its own. */
  readonly #shift: number;
  readonly capacity: number;

  constructor(hashes: number) {
    const blockNumberBits = Math.max(1, Math.ceil(Math.log2((hashes * BITS_A_HASH) / BLOCK_BITS)));
    this.#words = new Int32Array(BLOCK_WORDS * 2 ** blockNumberBits);
    this.#shift = 32 - blockNumberBits;
    this.capacity = Math.floor((BLOCK_BITS * 2 ** blockNumberBits) / BITS_A_HASH);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  add(hash: number): void {
    const block = (hash >>> this.#shift) * BLOCK_WORDS;
    let places = placesOf(hash);
    for (let i = 0; i < BITS_IN_BLOCK; i++, places >>>= PLACE_BITS) {
      this.#words[block + ((places & PLACE_MASK) >>> 5)]! |= 1 << places;
    }
  }

  mayHave(hash: number): boolean {
    const block = (hash >>> this.#shift) * BLOCK_WORDS;
    let places = placesOf(hash);
    for (let i = 0; i < BITS_IN_BLOCK; i++, places >>>= PLACE_BITS) {
      if ((this.#words[block + ((places & PLACE_MASK) >>> 5)]! & (1 << places)) === 0) return false;
    }
    return true;
  }
}

/** The block is told by the upper bits of a hash, the places in it by all of them. */
function placesOf(hash: number): number {
  const product = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return product ^ (product >>> 13);
}
