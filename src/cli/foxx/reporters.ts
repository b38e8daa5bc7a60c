/** Test reports for people: as a list, and nested as the tests are. Each gives the number of failures. */
import { cyan, gray, green, info, red } from '../output.ts';

interface TestResult {
  readonly title: string;
  readonly fullTitle: string;
  /** In milliseconds; not there for a pending test. */
  readonly duration?: number;
  readonly err: { readonly stack?: string };
}

interface Stats {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
  /** In milliseconds. */
  readonly duration: number;
}

export interface ListReport {
  readonly stats: Stats;
  readonly tests: readonly TestResult[];
}

interface Suite {
  /** Not there for the root. */
  readonly title?: string;
  readonly suites: readonly Suite[];
  readonly tests: readonly TestResult[];
}

export type SuiteReport = Suite & { readonly stats: Stats };

interface FailedTest {
  readonly title: string;
  readonly stack: string;
}

const INDENT = '  ';

export function printList({ stats, tests }: ListReport, { isShort }: { readonly isShort: boolean }): number {
  const failed: FailedTest[] = [];
  const lines = tests.map((test) => lineOf(test, test.fullTitle, test.fullTitle, failed));
  info('');
  if (!isShort) info(`${lines.map((line) => INDENT + line).join('\n')}\n`);
  printSummary(stats, failed);
  return failed.length;
}

export function printSuite(report: SuiteReport): number {
  const failed: FailedTest[] = [];
  info('');
  for (const block of [linesOf(report, [], 1, failed), ...report.suites.map((suite) => linesOf(suite, titlesOf(report), 1, failed))]) {
    if (block.length > 0) info(`${block.join('\n')}\n`);
  }
  printSummary(report.stats, failed);
  return failed.length;
}

function titlesOf({ title = '' }: Suite): readonly string[] {
  return title === '' ? [] : [title];
}

/** A suite's lines; those of the root are its own tests only, as its suites are blocks of their own. */
function linesOf(suite: Suite | SuiteReport, above: readonly string[], depth: number, failed: FailedTest[]): string[] {
  const isRoot = 'stats' in suite;
  const titles = [...above, ...titlesOf(suite)];
  const indent = INDENT.repeat(isRoot ? depth : depth + 1);
  return [
    ...titlesOf(suite).map((title) => INDENT.repeat(depth) + title),
    ...suite.tests.map((test) => indent + lineOf(test, test.title, [...titles, test.title].join(' '), failed)),
    ...(isRoot ? [] : suite.suites.flatMap((child) => linesOf(child, titles, depth + 1, failed))),
  ];
}

function lineOf({ duration, err }: TestResult, title: string, fullTitle: string, failed: FailedTest[]): string {
  if (err.stack !== undefined) {
    failed.push({ title: fullTitle, stack: err.stack });
    return red(`${failed.length}) ${title}`);
  }
  if (duration === undefined) return cyan(`- ${title}`);
  return `${green('✓')} ${gray(`${title} (${duration}ms)`)}`;
}

function printSummary({ passes, failures, pending, duration }: Stats, failed: readonly FailedTest[]): void {
  if (passes > 0 || failed.length === 0) info(`${INDENT}${green(`${passes} passing`)} ${gray(`(${duration}ms)`)}`);
  if (pending > 0) info(`${INDENT}${cyan(`${pending} pending`)}`);
  if (failures > 0) info(`${INDENT}${red(`${failures} failing`)}`);
  failed.forEach(({ title, stack }, at) => {
    const [message = '', ...trace] = stack.split('\n');
    info(`\n${INDENT}${at + 1}) ${title}\n${INDENT.repeat(2)}${red(message)}`);
    for (const line of trace) info(INDENT.repeat(3) + gray(line.trim()));
  });
  info('');
}
