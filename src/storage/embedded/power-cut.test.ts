import { test } from 'node:test';
import { stagePowerCuts } from './power-cut.suite.ts';

test('a power cut leaves the store as it was after a commit, and no durable commit is lost', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  await stagePowerCuts({ seed, commits: 200, cuts: 12 });
});
