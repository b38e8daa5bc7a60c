/** What is put into one number comes out of it again, for whatever a page has room for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PAGE_BYTES } from './pages.ts';
import { firstNode, firstPlace, gapPlace, isGap, isSingle, lastPlace, mayGoOn, pointPlace } from './point-places.ts';

/** As many as there may be in a page: fourteen bytes each behind its head. */
const place = fc.integer({ min: 0, max: 290 });
/** The first and the last; often there is one only. */
const places = fc
  .tuple(place, place, fc.boolean())
  .map(([one, other, isOne]) => (isOne ? ([one, one] as const) : ([Math.min(one, other), Math.max(one, other)] as const)));
const node = fc.integer({ min: 12, max: PAGE_BYTES / 2 - 1 }).map((half) => 2 * half);

test('where entries are', () => {
  fc.assert(
    fc.property(places, node, fc.boolean(), ([from, last], first, goesOn) => {
      const point = pointPlace(from, last, first, goesOn);
      assert.equal(point | 0, point, 'it is kept as a word');
      assert.deepEqual([firstPlace(point), lastPlace(point), firstNode(point), mayGoOn(point)], [from, last, first, goesOn]);
      assert.equal(isGap(point), false);
      assert.equal(isSingle(point), from === last && !goesOn);
    }),
  );
});

test('where there are none', () => {
  fc.assert(
    fc.property(place, node, (above, first) => {
      const point = gapPlace(above, first);
      assert.deepEqual([firstPlace(point), firstNode(point)], [above, first]);
      assert.deepEqual([isGap(point), isSingle(point)], [true, false]);
    }),
  );
});
