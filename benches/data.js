// The data of the database benchmark, the same for all engines: documents with an index, orders that refer to them, and a graph.
import { documentOf, KEYS, mix } from './documents.js';

/** Documents that are inserted together. */
export const BATCH = 1000;

export const itemOf = (i) => ({ _key: KEYS(i), ...documentOf(i) });

/** Orders refer to documents at random: one for each four documents. */
export const orderCount = (documents) => Math.floor(documents / 4);
export const orderOf = (i, documents) => ({
  _key: `o${i}`,
  customer: KEYS(Math.floor(mix(i + 5e7) * documents)),
  total: Math.floor(mix(i + 6e7) * 10_000),
  state: i % 3 === 0 ? 'open' : 'done',
});

export const vertexKey = (i) => `v${i}`;
export const vertexOf = (i) => ({ _key: vertexKey(i), name: `Vertex ${i}`, group: i % 100 });

/** Both ends of edge `i`: every vertex has edges, and their targets look random. */
export const edgeEnds = (i, vertices) => [i % vertices, Math.floor(mix(i + 7e7) * vertices)];
export const weightOf = (i) => 1 + (i % 10);

/** What the `turn`-th repetition of each line asks for. */
export const ASKED = {
  key: (turn, { documents }) => KEYS((turn * 7919) % documents),
  city: (turn) => `city${(turn * 13) % 1000}`,
  age: (turn) => 18 + ((turn * 7) % 60),
  vertex: (turn, { vertices }) => (turn * 7919) % vertices,
  target: (turn, { vertices }) => (turn * 104_729 + 17) % vertices,
};

/** Lists of at most `BATCH` things, one after the other, so that the whole of them is never in memory. */
export function* batchesOf(count, make) {
  for (let start = 0; start < count; start += BATCH) {
    const batch = [];
    for (let i = start; i < Math.min(count, start + BATCH); i++) batch.push(make(i));
    yield batch;
  }
}
