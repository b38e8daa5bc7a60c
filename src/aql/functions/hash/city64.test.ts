import assert from 'node:assert/strict';
import { test } from 'node:test';
import { city64 } from './city64.ts';

/** Of the first bytes of a sequence, as Abseil's library of C++ gives them; each of them goes another way. */
const HASHES: readonly (readonly [length: number, hash: bigint])[] = [
  [0, 0x9ae16a3b2f90404fn],
  [1, 0x57821efdee1b7472n],
  [3, 0x5f043801775be181n],
  [4, 0xdcf15d9b38b260fcn],
  [7, 0x545ac134b57925ffn],
  [8, 0xd14693440d28f69an],
  [16, 0xd9b28ec31be83978n],
  [17, 0xffb7cd799a150d69n],
  [32, 0x5b0213e62a3ca399n],
  [33, 0x37bd955848865317n],
  [64, 0x98f31c3485efcafdn],
  [65, 0xdfac987fbccbc482n],
  [128, 0xd44aca4dd8ff4e3bn],
  [129, 0x36353717055fa7b7n],
  [400, 0x8a7e8289cb236d9bn],
];

test('hashes of all lengths are those of CityHash64', () => {
  const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * 31 + 7) % 256);
  for (const [length, hash] of HASHES) assert.equal(city64(bytes.subarray(0, length)), hash, `of ${length} bytes`);
});
