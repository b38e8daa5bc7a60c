/**
 * The result of a test run in the five forms that the API offers: as JSON, and where a form has a text of its own (`stream`, `xunit`,
 * `tap`), as that.
 */
import type { RunResult, SuiteResult, TestResult } from './run.ts';

export const REPORTERS = ['default', 'suite', 'stream', 'xunit', 'tap'] as const;
export type Reporter = (typeof REPORTERS)[number];

export interface Stats {
  readonly suites: number;
  readonly tests: number;
  readonly passes: number;
  readonly pending: number;
  readonly failures: number;
  readonly start: string;
  readonly end: string;
  /** Milliseconds. */
  readonly duration: number;
}

/** A nested list that stands for an XML element: name, attributes, content. */
type JsonMl = readonly [name: string, attributes: Readonly<Record<string, unknown>>, ...content: readonly unknown[]];

/** `name` is what the xunit form calls the whole: the mount. */
export function report(reporter: Reporter, result: RunResult, name: string): unknown {
  switch (reporter) {
    case 'default':
      return reportDefault(result);
    case 'suite':
      return { stats: statsOf(result), ...reportSuite(result.root) };
    case 'stream':
      return reportStream(result);
    case 'xunit':
      return reportXunit(result, name);
    case 'tap':
      return reportTap(result);
  }
}

/** The text that tools for a reporter read; undefined for one that is JSON anyway. */
export function idiomaticReport(reporter: Reporter, reported: unknown): { readonly type: string; readonly text: string } | undefined {
  switch (reporter) {
    case 'default':
    case 'suite':
      return undefined;
    case 'stream': {
      const rows = reported as readonly unknown[];
      return { type: 'application/x-ldjson', text: rows.map((row) => `${JSON.stringify(row)}\r\n`).join('') };
    }
    case 'xunit':
      return { type: 'application/xml', text: `<?xml version="1.0" encoding="utf-8"?>\n${printXml(reported as JsonMl)}\n` };
    case 'tap':
      return { type: 'text/plain; charset=utf-8', text: `${(reported as readonly string[]).join('\n')}\n` };
  }
}

function statsOf({ tests, suiteCount, start, end }: RunResult): Stats {
  const count = (outcome: TestResult['outcome']): number => tests.filter((test) => test.outcome === outcome).length;
  return {
    suites: suiteCount,
    tests: tests.length,
    passes: count('pass'),
    pending: count('pending'),
    failures: count('fail'),
    start: start.toISOString(),
    end: end.toISOString(),
    duration: end.getTime() - start.getTime(),
  };
}

function entryOf({ title, fullTitle, durationMs, error }: TestResult): object {
  return { title, fullTitle, ...(durationMs === undefined ? {} : { duration: durationMs }), err: error };
}

function reportDefault(result: RunResult): object {
  const { tests } = result;
  const entries = (outcome?: TestResult['outcome']): object[] =>
    tests.filter((test) => outcome === undefined || test.outcome === outcome).map(entryOf);
  return { stats: statsOf(result), tests: entries(), pending: entries('pending'), failures: entries('fail'), passes: entries('pass') };
}

function reportSuite({ suites, tests }: SuiteResult): object {
  return {
    suites: suites.map((suite) => ({ title: suite.title, ...reportSuite(suite) })),
    tests: tests.map(({ title, durationMs, outcome, error }) => ({
      title,
      ...(durationMs === undefined ? {} : { duration: durationMs }),
      result: outcome,
      err: error,
    })),
  };
}

function reportStream(result: RunResult): unknown[] {
  const rows = result.tests
    .filter(({ outcome }) => outcome !== 'pending')
    .map((test) => [test.outcome, test.outcome === 'pass' ? { ...entryOf(test), err: undefined } : entryOf(test)]);
  return [['start', { total: result.total }], ...rows, ['end', statsOf(result)]];
}

function reportXunit(result: RunResult, name: string): JsonMl {
  const { tests, failures, pending, start, duration } = statsOf(result);
  const cases = result.tests.map((test): JsonMl => {
    const classname = test.fullTitle.slice(0, Math.max(0, test.fullTitle.length - test.title.length)).trim();
    const attributes = { classname, name: test.title, time: (test.durationMs ?? 0) / 1000 };
    if (test.outcome === 'pending') return ['testcase', attributes, ['skipped', {}]];
    if (test.outcome === 'pass') return ['testcase', attributes];
    const { message = '', name: type = 'Error', stack = message } = test.error;
    return ['testcase', attributes, ['failure', { message, type }, stack]];
  });
  const attributes = { timestamp: start, tests, errors: 0, failures, skip: pending, time: duration / 1000, name };
  return ['testsuite', attributes, ...cases];
}

function reportTap({ tests, total }: RunResult): string[] {
  const lines = tests.flatMap(({ fullTitle, outcome, error: { stack, message = '' } }, index): string[] => {
    // A # would begin a remark.
    const title = `${index + 1} ${fullTitle.replaceAll('#', '')}`;
    if (outcome === 'pending') return [`ok ${title} # SKIP -`];
    if (outcome === 'pass') return [`ok ${title}`];
    return [`not ok ${title}`, ...(stack ?? message).split('\n').map((line) => `  ${line}`)];
  });
  const passes = tests.filter(({ outcome }) => outcome === 'pass').length;
  const failures = tests.filter(({ outcome }) => outcome === 'fail').length;
  return [`1..${Math.max(total, tests.length)}`, ...lines, `# tests ${passes + failures}`, `# pass ${passes}`, `# fail ${failures}`];
}

function printXml([name, attributes, ...content]: JsonMl): string {
  const head = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('');
  if (content.length === 0) return `<${name}${head}/>`;
  return `<${name}${head}>${content.map((part) => (typeof part === 'string' ? escapeXml(part) : printXml(part as JsonMl))).join('')}</${name}>`;
}

function escapeXml(text: string): string {
  return (
    text
      .replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
      // Control characters cannot stand in XML at all.
      .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
  );
}
