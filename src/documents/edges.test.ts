import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { DocumentView } from '#values';
import { indexAccesses } from './access.ts';
import { textKey } from './indexes/entry-key.ts';
import { openTemporaryStore } from './temporary-store.suite.ts';
import type { EdgeDirection } from './transaction.ts';

const temporary = openTemporaryStore();
const { store } = temporary;
after(() => temporary.close());

// `v/1` is the beginning of `v/10`, and one name is not ASCII.
const VERTICES = ['v/1', 'v/10', 'v/2', 'w/1', '犬/1'];
const vertex = fc.constantFrom(...VERTICES);
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
type Step =
  | { readonly do: 'put'; readonly key: string; readonly from: string; readonly to: string }
  | { readonly do: 'remove'; readonly key: string };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('put' as const), key, from: vertex, to: vertex }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), key }) },
);

interface Edge {
  readonly _from: string;
  readonly _to: string;
}

test('edges are found at both of their ends, with the vertex at the other', () => {
  let collections = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const collection = temporary.create({ name: `e${collections++}`, type: 3 });
      const model = new Map<string, Edge>();
      store.write((transaction) => {
        for (const one of steps) {
          if (one.do === 'remove') {
            transaction.remove(collection, [{ key: one.key }]);
            model.delete(one.key);
          } else {
            const edge = { _from: one.from, _to: one.to };
            transaction.insert(collection, [{ _key: one.key, ...edge }], { overwriteMode: 'update' });
            model.set(one.key, edge);
          }
        }
      });
      for (const direction of ['from', 'to'] as const) check(collection.name, direction, model);
    }),
    { numRuns: 50 },
  );
});

function check(name: string, direction: EdgeDirection, model: ReadonlyMap<string, Edge>): void {
  const collection = temporary.collection(name);
  const [end, other] = direction === 'from' ? (['_from', '_to'] as const) : (['_to', '_from'] as const);
  store.read((transaction) => {
    const [found] = transaction.edges([{ collection, side: direction }], VERTICES.map(textKey));
    assert.ok(found !== undefined);
    const rows = transaction.rows(collection, found.ids);
    const actual = Array.from({ length: found.count }, (_, i) => {
      const view = new DocumentView(rows.buffer, rows.starts[i]!, rows.ends[i]!, name);
      const { buffer, starts, ends } = found.values!;
      return [VERTICES[found.ranges[i]!]!, view.get('_key') as string, Buffer.from(buffer.subarray(starts[i], ends[i])).toString()];
    });
    const expected = VERTICES.flatMap((id) =>
      Array.from(model)
        .filter(([, edge]) => edge[end] === id)
        .map(([own, edge]) => [id, own, edge[other]]),
    );
    const order = (left: readonly string[], right: readonly string[]): number => (left.join() < right.join() ? -1 : 1);
    assert.deepEqual(actual.toSorted(order), expected.toSorted(order));

    const access = indexAccesses(collection).find(({ fields }) => fields[0]?.text === end)!;
    for (const id of VERTICES) {
      assert.equal(transaction.countIndex(access, [{ equal: [id] }]), expected.filter(([at]) => at === id).length);
    }
    assert.equal(transaction.countIndex(access, [{ equal: [null] }, { equal: [5] }]), 0);
  });
}
