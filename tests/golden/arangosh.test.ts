/**
 * Recorded transcripts of ArangoDB's shell, replayed as scripts of a service: what each visible statement gives must be what the shell
 * printed. What differs in every recording (revisions, ids, times) is compared by its type only; transcripts that differ otherwise are
 * listed with reasons in `arangosh-misses.ts`, and the list is exact.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTemporaryDatabases } from '../../src/database/temporary-databases.suite.ts';
import { captureLog, writeFiles } from '../support/load-service.ts';
import { LEFT_OUT, LEFT_OUT_TAGS, MISSES, SETUPS } from './arangosh-misses.ts';
import { differenceOf } from './arangosh-compare.ts';
import { Shell, type Chunk } from './arangosh-shell.ts';

const GOLDEN = '../shared/golden';
const skip = existsSync(GOLDEN) ? false : `${GOLDEN} is missing, and with it the recorded answers`;

interface Transcript {
  readonly id: string;
  readonly source: string;
  readonly order: number;
  readonly version: string;
  readonly script: string;
  readonly hiddenLines: readonly number[];
  readonly outputChunks: readonly Chunk[];
  readonly tags: readonly string[];
}

/** Of what is for searching, analyzers are there by themselves. */
function isLeftOut(tag: string, { script }: Transcript): boolean {
  if (tag === 'arangosearch') return !script.includes('@arangodb/analyzers') || /_createView|inverted/.test(script);
  return LEFT_OUT_TAGS.has(tag);
}

function readPages(): ReadonlyMap<string, readonly Transcript[]> {
  const lines = readFileSync(join(GOLDEN, 'arangosh.jsonl'), 'utf8').split('\n');
  const all = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Transcript);
  const pages = new Map<string, Transcript[]>();
  for (const transcript of all.toSorted((left, right) => left.order - right.order)) {
    if (transcript.tags.some((tag) => isLeftOut(tag, transcript)) || LEFT_OUT[transcript.id] !== undefined) continue;
    const page = pages.get(transcript.source) ?? [];
    page.push(transcript);
    pages.set(transcript.source, page);
  }
  return pages;
}

test('recorded transcripts of the shell', { skip }, (context) => {
  const logged = captureLog(context);
  const misses: Record<string, string> = {};
  let total = 0;
  for (const [source, transcripts] of readPages()) {
    const opened = openTemporaryDatabases();
    const shell = new Shell(opened.databases, opened.database, writeFiles(context, {}), join(GOLDEN, 'datasets'), logged);
    shell.run(SETUPS[''] ?? '', []);
    shell.run(SETUPS[source] ?? '', []);
    for (const { id, script, hiddenLines, outputChunks } of transcripts) {
      total++;
      const setup = SETUPS[id];
      if (setup !== undefined) shell.run(setup, []);
      const miss = missOf(() => differenceOf(shell.run(script, hiddenLines), outputChunks));
      if (miss !== undefined) misses[id] = miss;
    }
    opened.close();
  }
  const missed = Object.keys(misses).length;
  context.diagnostic(`arangosh.jsonl: ${total - missed} of ${total}`);
  if (process.env['GOLDEN_MISSES'] !== undefined) for (const [id, why] of Object.entries(misses)) context.diagnostic(`${id}: ${why}`);
  const unknown = Object.entries(misses).filter(([id]) => MISSES[id] === undefined);
  const gone = Object.keys(MISSES).filter((id) => misses[id] === undefined);
  assert.deepEqual({ unknown: unknown.map(([id, why]) => `${id}: ${why}`), gone }, { unknown: [], gone: [] });
  assert(missed <= 0.1 * total, `${missed} of ${total} transcripts differ`);
});

function missOf(find: () => string | undefined): string | undefined {
  try {
    return find();
  } catch (error) {
    return `broke: ${String(error)}`;
  }
}
