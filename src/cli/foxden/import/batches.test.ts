import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countElements, splitBatch } from './batches.ts';

const documents = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 20 });

test('a cursor answer is split at its end, whatever its documents say', () => {
  fc.assert(
    fc.property(documents, fc.boolean(), (result, hasMore) => {
      const text = JSON.stringify({
        result: [...result, { hasMore: [], text: '],"hasMore":true' }],
        hasMore,
        id: '1',
        extra: { warnings: [] },
      });
      const split = splitBatch(Buffer.from(text));
      assert.equal(split.documents.toString(), JSON.stringify([...result, { hasMore: [], text: '],"hasMore":true' }]));
      assert.equal(split.envelope.hasMore, hasMore);
      assert.equal(countElements(split.documents), result.length + 1);
    }),
  );
});

test('attributes in another order are understood, too', () => {
  const { documents: found, envelope } = splitBatch(Buffer.from('{"error":false,"hasMore":false,"result":[{"a":1}]}'));
  assert.equal(found.toString(), '[{"a":1}]');
  assert.equal(envelope.hasMore, false);
});
