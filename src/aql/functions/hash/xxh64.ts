/** XXH64, the hash of ArangoDB's values. In BigInts, 64 bits wide, as the algorithm is described; it is not for large data. */

const MASK = (1n << 64n) - 1n;
const PRIME_1 = 11400714785074694791n;
const PRIME_2 = 14029467366897019727n;
const PRIME_3 = 1609587929392839161n;
const PRIME_4 = 9650029242287828579n;
const PRIME_5 = 2870177450012600261n;

export function xxh64(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    const lanes = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1].map((each) => each & MASK);
    for (; offset + 32 <= bytes.length; offset += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i] ?? 0n, view.getBigUint64(offset + i * 8, true));
    }
    hash = [1n, 7n, 12n, 18n].reduce((sum, bits, i) => sum + rotate(lanes[i] ?? 0n, bits), 0n) & MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4) & MASK;
  } else hash = (seed + PRIME_5) & MASK;
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; offset + 8 <= bytes.length; offset += 8) {
    hash = (rotate(hash ^ round(0n, view.getBigUint64(offset, true)), 27n) * PRIME_1 + PRIME_4) & MASK;
  }
  if (offset + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(offset, true)) * PRIME_1) & MASK), 23n) * PRIME_2 + PRIME_3) & MASK;
    offset += 4;
  }
  for (; offset < bytes.length; offset++) hash = (rotate(hash ^ ((BigInt(view.getUint8(offset)) * PRIME_5) & MASK), 11n) * PRIME_1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * PRIME_2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * PRIME_3) & MASK;
  return hash ^ (hash >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK;
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}
