/** fast-hash (Zilong Tan, 64 bits): what ArangoDB calls the hash of a query's text. */
const MASK = (1n << 64n) - 1n;
const MULTIPLIER = 0x880355f21e6d1965n;
const QUERY_SEED = 0x3123456789abcdefn;

export function queryHashOf(text: string): bigint {
  return fastHash(Buffer.from(text), QUERY_SEED);
}

function fastHash(bytes: Buffer, seed: bigint): bigint {
  let hash = (seed ^ (BigInt(bytes.length) * MULTIPLIER)) & MASK;
  for (let at = 0; at < bytes.length; at += 8) {
    let word = 0n;
    for (let i = Math.min(at + 8, bytes.length) - 1; i >= at; i--) word = (word << 8n) | BigInt(bytes[i]!);
    hash = ((hash ^ mix(word)) * MULTIPLIER) & MASK;
  }
  return mix(hash);
}

function mix(word: bigint): bigint {
  const spread = ((word ^ (word >> 23n)) * 0x2127599bf4325c37n) & MASK;
  return spread ^ (spread >> 47n);
}
