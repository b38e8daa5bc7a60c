/** That vertices keep their numbers, and numbers give back what they stand for, however many there are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { VertexTable } from './vertex-table.ts';

const collection = fc.constantFrom('v', 'vertices', 'w', '犬');
const key = fc.oneof(fc.nat({ max: 400 }).map(String), fc.stringMatching(/^[A-Za-z0-9_:.@()+,=;$!*'%-]{1,20}$/));

test('each vertex has one number, by which all of it is known', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(collection, key), { maxLength: 300 }), (vertices) => {
      const table = new VertexTable();
      const model = new Map<string, number>();
      const filed = new Map<number, Uint8Array>();
      for (const [name, ownKey] of vertices) {
        const id = `${name}/${ownKey}`;
        const known = model.get(id) ?? model.size;
        // Ids lie anywhere in a batch.
        const bytes = Buffer.from(`xx${id}yy`);
        const number = model.size % 2 === 0 ? table.numberOfId(id) : table.numberOf(bytes, 2, bytes.length - 2);
        assert.equal(number, known);
        model.set(id, known);
        filed.set(number, table.filedIds([number])[0]!);
      }
      assert.equal(table.count, model.size);
      for (const [id, number] of model) {
        const [name = '', ownKey = ''] = id.split('/');
        assert.equal(table.idOf(number), id);
        assert.equal(table.collectionOf(number), name);
        assert.equal(Buffer.from(table.filedKeys([number])[0]!).toString(), `${ownKey}\0`);
        assert.equal(Buffer.from(filed.get(number)!).toString(), `${id}\0`);
        assert.equal(table.areInSameCollection([0, number]), id.split('/')[0] === table.collectionOf(0));
      }
    }),
    { numRuns: 200 },
  );
});
