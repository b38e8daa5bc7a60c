import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, formOf, type Graph } from './graph-definition.ts';

const GRAPH: Graph = {
  name: 'g',
  edgeDefinitions: [
    { collection: 'knows', from: ['person'], to: ['person'] },
    { collection: 'owns', from: ['person'], to: ['pet'] },
  ],
  orphanCollections: ['lonely', 'old'],
};

test('a form that was not changed needs no steps', () => assert.deepEqual(changesOf(GRAPH, formOf(GRAPH)), []));

test('a graph is changed in steps, additions first', () => {
  const form = {
    name: 'g',
    definitions: [
      { collection: 'likes', from: 'person', to: 'old' },
      { collection: 'knows', from: 'person, pet', to: 'person' },
    ],
    orphans: 'lonely, new',
  };
  assert.deepEqual(changesOf(GRAPH, form), [
    { do: 'add edges', definition: { collection: 'likes', from: ['person'], to: ['old'] } },
    { do: 'replace edges', definition: { collection: 'knows', from: ['person', 'pet'], to: ['person'] } },
    { do: 'remove edges', collection: 'owns' },
    { do: 'add vertices', collection: 'new' },
  ]);
});
