/** Hashes of strings and values. Strings are hashed as UTF-8. */
import { hash as hashOnce } from 'node:crypto';
import { define, integer, list, number, text, value, warn, type AqlFunction, type Example } from './define.ts';
import { eightBytes, hashValue } from './hash/value-hash.ts';

/** A function of Node's that gives hexadecimal digits. */
function digest(name: string, algorithm: string, examples: readonly Example[]): AqlFunction {
  return define({
    name,
    summary: `The ${name} checksum of \`text\` in hexadecimal digits.`,
    params: [text('text')],
    examples,
    call: (given) => hashOnce(algorithm, given),
  });
}

export const MD5 = digest('MD5', 'md5', [['MD5("foobar")', '3858f62230ac3c915f300c664312c63f']]);

export const SHA1 = digest('SHA1', 'sha1', [['SHA1("foobar")', '8843d7f92416211de9ebb963ff4ce28125932878']]);

export const SHA256 = digest('SHA256', 'sha256', [
  ['SHA256("foobar")', 'c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2'],
]);

export const SHA512 = digest('SHA512', 'sha512', [['LENGTH(SHA512("foobar"))', 128]]);

export const CRC32 = define({
  name: 'CRC32',
  summary: "The CRC32 checksum of `text`, by Castagnoli's polynomial, in hexadecimal digits.",
  params: [text('text')],
  examples: [['CRC32("foobar")', 'D5F5C7F']],
  call: (given) => crc32(Buffer.from(given)).toString(16).toUpperCase(),
});

export const FNV64 = define({
  name: 'FNV64',
  summary: 'The FNV-1a hash of `text`, 64 bits wide, in hexadecimal digits.',
  params: [text('text')],
  examples: [['FNV64("foobar")', '85944171F73967E8']],
  call: (given) => fnv64(Buffer.from(given)).toString(16).toUpperCase(),
});

/** What JavaScript can hold without loss, with room to spare. */
const HASH_BITS = (1n << 51n) - 1n;

export const HASH = define({
  name: 'HASH',
  summary: 'A number that is the same for equal values of the same type. The order of attributes does not matter.',
  params: [value('value')],
  examples: [
    ['HASH({a: 1, b: [2]}) == HASH({b: [2], a: 1})', true],
    ['HASH(1) == HASH("1")', false],
  ],
  call: (given) => Number(hashValue(given) & HASH_BITS),
});

export const MINHASH = define({
  name: 'MINHASH',
  summary: 'A signature of the set of `values`: the least `numHashes` of their hashes. Likeness of signatures tells likeness of sets.',
  params: [list('values'), integer('numHashes')],
  examples: [
    ['MINHASH(["foo", "bar", "baz"], 5)', ['OmvEOSfAYs8', 'Jcz+LQgakgs', 'YfBzyXaSXIA']],
    ['LENGTH(MINHASH(1..100, 5))', 5],
    ['MINHASH([1], 0)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (values, numHashes, context) => {
    if (numHashes < 1) return warn(context, 'MINHASH');
    const hashes = [...new Set(values.map((each) => hashValue(each)))];
    const least = hashes.length <= numHashes ? hashes : hashes.toSorted((left, right) => (left < right ? -1 : 1)).slice(0, numHashes);
    return least.map((hash) => Buffer.from(eightBytes(hash)).toString('base64').replaceAll('=', ''));
  },
});

export const MINHASH_COUNT = define({
  name: 'MINHASH_COUNT',
  summary: 'How many hashes a signature must have to be wrong by no more than `error`.',
  params: [number('error')],
  examples: [
    ['MINHASH_COUNT(0.05)', 400],
    ['MINHASH_COUNT(1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (error, context) => {
    if (!(error > 0 && error < 1)) return warn(context, 'MINHASH_COUNT');
    // Rounded before it is rounded up, since 0.05 squared is a little more than 0.0025.
    return Math.ceil(Number((1 / (error * error)).toPrecision(12)));
  },
});

export const MINHASH_ERROR = define({
  name: 'MINHASH_ERROR',
  summary: 'By how much a signature of `numHashes` hashes may be wrong.',
  params: [integer('numHashes')],
  examples: [
    ['MINHASH_ERROR(400)', 0.05],
    ['MINHASH_ERROR(0)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (numHashes, context) => (numHashes < 1 ? warn(context, 'MINHASH_ERROR') : 1 / Math.sqrt(numHashes)),
});

/** The polynomial with its bits in reverse. */
const CASTAGNOLI = 0x82f63b78;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? CASTAGNOLI : 0);
  return remainder;
});

function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (CRC_TABLE[(remainder ^ byte) & 0xff] ?? 0) ^ (remainder >>> 8);
  return (remainder ^ 0xffffffff) >>> 0;
}

function fnv64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
