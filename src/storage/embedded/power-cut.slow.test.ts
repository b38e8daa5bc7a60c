import { test } from 'node:test';
import { stagePowerCuts } from './power-cut.suite.ts';

test('power cuts of all sorts leave the store as it was after a commit, and no durable commit is lost', async () => {
  const first = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  for (let seed = first; seed < first + 12; seed++) await stagePowerCuts({ seed, commits: 700, cuts: 60 });
});
