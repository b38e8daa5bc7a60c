import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyMap } from './key-map.ts';

test('a map by bytes holds what a map by texts holds', () => {
  const bytes = fc.array(fc.constantFrom(0, 1, 97, 255), { maxLength: 6 }).map((numbers) => Buffer.from(numbers));
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 300 }), fc.array(bytes, { maxLength: 20 }), (keys, others) => {
      const map = new KeyMap<number>();
      const model = new Map<string, number>();
      // All keys lie in one buffer, as those of an answer do.
      const buffer = Buffer.concat(keys);
      let start = 0;
      for (const [i, key] of keys.entries()) {
        map.set(i, buffer, start, start + key.length);
        model.set(key.toString('latin1'), i);
        start += key.length;
      }
      assert.equal(map.size, model.size);
      for (const key of [...keys, ...others]) assert.equal(map.get(key), model.get(key.toString('latin1')));
    }),
  );
});
