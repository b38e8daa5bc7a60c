import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeRevision, encodeRevision, revisionParts } from './revision.ts';

/** The first is the example of the manual's DECODE_REV; the others were recorded, with the day they were recorded on. */
const RECORDED = [
  ['_YU0HOEG---', '2019-03-11T16:15:05.314Z', 0],
  ['_gZktyIC---', '2023-08-03T04:37:34.497Z', 0],
  ['_fw2YC1a--A', '2023-03-29T16:01:13.591Z', 2],
  ['_hole0Oa--_', '2024-04-04T16:11:08.935Z', 1],
] as const;

test('revisions of ArangoDB say when they were made', () => {
  for (const [text, time, count] of RECORDED) {
    const revision = decodeRevision(text);
    assert(revision !== undefined);
    assert.deepEqual(revisionParts(revision), { timeMs: Date.parse(time), count });
    assert.equal(encodeRevision(revision), text);
  }
});

test('every 64-bit number has a text', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (revision) => decodeRevision(encodeRevision(revision)) === revision));
  for (const revision of [0n, 1n, 63n, 64n, 2n ** 60n - 1n, 2n ** 60n, 2n ** 64n - 1n])
    assert.equal(decodeRevision(encodeRevision(revision)), revision);
});

test('what is no revision is undefined', () => {
  for (const text of ['', '_l6zhVFC--- ', '_l6zhVFC--é', '_l6zhVFC--.', '____________', 'O----------', '99999999999']) {
    assert.equal(decodeRevision(text), undefined, text);
  }
  assert.equal(decodeRevision('N9999999999'), 2n ** 64n - 1n);
});
