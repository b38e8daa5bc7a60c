/** What came of tests: suites in suites, how long each test took, and of failures the difference and the stack. */
import { Check, CircleDashed, X } from 'lucide';
import { useState } from 'preact/hooks';
import { CodeBlock } from '../components/code-block.tsx';
import { Toggle } from '../components/toggle.tsx';
import { Icon } from '../components/icon.tsx';
import { differenceOf } from './difference.ts';
import { millisecondsText } from './figures.ts';
import './test-report.css';

/** As the reporter `suite` has it. */
interface Suite {
  readonly title?: string;
  readonly suites: readonly Suite[];
  readonly tests: readonly Test[];
}

interface Test {
  readonly title: string;
  readonly duration?: number;
  readonly result: 'pass' | 'fail' | 'pending';
  readonly err: {
    readonly message?: string;
    readonly stack?: string;
    readonly actual?: unknown;
    readonly expected?: unknown;
    readonly showDiff?: boolean;
  };
}

export interface SuiteReport extends Suite {
  readonly stats: {
    readonly tests: number;
    readonly passes: number;
    readonly pending: number;
    readonly failures: number;
    readonly duration: number;
  };
}

/** As the reporter `default` has it: what a gate of tests tells. */
export interface FlatReport {
  readonly stats: SuiteReport['stats'];
  readonly tests: readonly FlatTest[];
  readonly pending: readonly FlatTest[];
  readonly failures: readonly FlatTest[];
}

type FlatTest = Omit<Test, 'result'> & { readonly fullTitle: string };

export function nested({ stats, tests, pending, failures }: FlatReport): SuiteReport {
  const isIn = (list: readonly FlatTest[], { fullTitle }: FlatTest): boolean => list.some((other) => other.fullTitle === fullTitle);
  const resultOf = (test: FlatTest): Test['result'] => (isIn(failures, test) ? 'fail' : isIn(pending, test) ? 'pending' : 'pass');
  return { stats, suites: [], tests: tests.map((test) => ({ ...test, title: test.fullTitle, result: resultOf(test) })) };
}

export function TestReport({ report }: { readonly report: SuiteReport }) {
  const { tests, passes, failures, pending, duration } = report.stats;
  const [isShort, setShort] = useState(false);
  return (
    <div class="stack test-report">
      <div class="row test-summary" role="status">
        <strong class={failures > 0 ? 'test-bad' : 'test-good'}>
          {failures > 0
            ? `${failures} of ${tests} ${tests === 1 ? 'test' : 'tests'} failed`
            : `${passes} ${passes === 1 ? 'test' : 'tests'} passed`}
        </strong>
        <span class="soft">
          {failures > 0 && `${passes} passed · `}
          {pending > 0 && `${pending} skipped · `}
          {millisecondsText(duration)}
        </span>
        {failures > 0 && passes > 0 && (
          <div class="test-filter">
            <Toggle label="Only failures" isOn={isShort} onChange={setShort} />
          </div>
        )}
      </div>
      <div class="test-bar" aria-hidden="true">
        <span class="test-bar-good" style={{ flexGrow: passes }} />
        <span class="test-bar-bad" style={{ flexGrow: failures }} />
        <span class="test-bar-none" style={{ flexGrow: pending }} />
      </div>
      <SuiteItems suite={report} isShort={isShort} depth={0} />
    </div>
  );
}

const HEADINGS = ['h2', 'h3', 'h4', 'h5', 'h6'] as const;

function SuiteItems({ suite, isShort, depth }: { readonly suite: Suite; readonly isShort: boolean; readonly depth: number }) {
  const Heading = HEADINGS[depth] ?? 'h6';
  const tests = isShort ? suite.tests.filter(({ result }) => result === 'fail') : suite.tests;
  const suites = isShort ? suite.suites.filter(hasFailure) : suite.suites;
  return (
    <>
      {tests.length > 0 && (
        <ul class="tests">
          {tests.map((test, at) => (
            <li key={at} class={`test ${test.result}`}>
              <TestItem test={test} />
            </li>
          ))}
        </ul>
      )}
      {suites.map((inner, at) => (
        <section key={at} class="suite">
          <Heading>{inner.title}</Heading>
          <SuiteItems suite={inner} isShort={isShort} depth={depth + 1} />
        </section>
      ))}
    </>
  );
}

const RESULTS = { pass: [Check, 'passed'], fail: [X, 'failed'], pending: [CircleDashed, 'skipped'] } as const;

function TestItem({ test: { title, duration, result, err } }: { readonly test: Test }) {
  const [icon, word] = RESULTS[result];
  const { message = '', stack = '' } = err;
  const hasDifference = result === 'fail' && 'expected' in err && 'actual' in err && err.showDiff !== false;
  return (
    <>
      <div class="test-line">
        <Icon icon={icon} size={15} />
        <span class="visually-hidden">{word}: </span>
        <span class="test-title">{title}</span>
        {duration !== undefined && <span class={duration > 100 ? 'test-slow' : 'faint'}>{millisecondsText(duration)}</span>}
      </div>
      {result === 'fail' && (
        <div class="test-failure stack tight">
          <p class="test-message">{message}</p>
          {hasDifference && <Difference actual={err.actual} expected={err.expected} />}
          {stack !== '' && <CodeBlock text={stack} label={`stack of ${title}`} />}
        </div>
      )}
    </>
  );
}

function Difference({ actual, expected }: { readonly actual: unknown; readonly expected: unknown }) {
  return (
    <div class="difference">
      <p class="difference-legend">
        <span class="difference-removed">− expected</span> <span class="difference-added">+ actual</span>
      </p>
      <pre tabIndex={0} role="region" aria-label="Difference between expected and actual">
        {differenceOf(textOf(expected), textOf(actual)).map(({ sign, text }, at) => (
          <span key={at} class={sign === '-' ? 'difference-removed' : sign === '+' ? 'difference-added' : ''}>
            {`${sign} ${text}\n`}
          </span>
        ))}
      </pre>
    </div>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? 'undefined');
}

function hasFailure({ tests, suites }: Suite): boolean {
  return tests.some(({ result }) => result === 'fail') || suites.some(hasFailure);
}
