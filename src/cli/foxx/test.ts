/** `foxx test`: runs the tests of a mounted service. The exit code is the number of failures, as with foxx-cli. */
import { command, optional, required } from '../command.ts';
import { info, json } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { printList, printSuite, type ListReport, type SuiteReport } from './reporters.ts';
import { withService } from '../with-server.ts';

const REPORTERS = ['spec', 'list', 'min', 'json', 'tap', 'stream', 'xunit'] as const;

/** The server's reporter behind each of ours. */
const SERVER_REPORTERS = { spec: 'suite', list: 'default', min: 'default', json: 'default', tap: 'tap', stream: 'stream', xunit: 'xunit' };

/** An exit code has eight bits: 256 failures must not read as none. */
const MOST_EXIT_CODE = 255;

export const testCommand = command({
  name: 'test',
  aliases: ['tests', 'run-tests'],
  summary: "Run a service's tests",
  about: [
    'Runs the tests of a mounted service. Reporters: spec (nested), list, min (failures only), json, tap, stream (a line of JSON an event) and xunit.',
    'The exit code is the number of failures.',
  ].join('\n'),
  arguments: { mount: required('Where the service is mounted'), filter: optional('Run only tests whose full title has this text') },
  options: {
    ...SERVER_OPTIONS,
    reporter: { describe: 'How the result is told', alias: 'R', choices: REPORTERS, default: 'spec' },
  },
  examples: [
    ['test /hello', 'Run all tests'],
    ['test /hello login -R tap', 'Run some, and print what TAP tools read'],
  ],
  run: async (given) => {
    const { mount, filter, reporter } = given;
    const { bytes, headers } = await withService(given, (client) =>
      client.send({ method: 'POST', path: '/_api/foxx/tests', query: { mount, filter, reporter: SERVER_REPORTERS[reporter] } }),
    );
    const text = bytes.toString('utf8');
    const isJson = headers['content-type']?.startsWith('application/json') === true;
    return Math.min(MOST_EXIT_CODE, print(reporter, text, isJson));
  },
});

/** Prints a report; the number of failures. */
function print(reporter: (typeof REPORTERS)[number], text: string, isJson: boolean): number {
  switch (reporter) {
    case 'spec':
      return printSuite(JSON.parse(text) as SuiteReport);
    case 'list':
    case 'min':
      return printList(JSON.parse(text) as ListReport, { isShort: reporter === 'min' });
    case 'json': {
      const report = JSON.parse(text) as ListReport;
      json(report);
      return report.stats.failures;
    }
    case 'tap':
    case 'stream':
    case 'xunit':
      if (isJson) json(JSON.parse(text));
      else info(text.trimEnd());
      return countFailures(reporter, text);
  }
}

function countFailures(reporter: 'tap' | 'stream' | 'xunit', text: string): number {
  switch (reporter) {
    case 'tap':
      return Number(/# fail (\d+)\s*$/.exec(text)?.[1] ?? 0);
    case 'stream':
      return text.split('\n').filter((line) => line.startsWith('["fail",')).length;
    case 'xunit':
      return Number(/<testsuite\b[^>]*? failures="(\d+)"/.exec(text)?.[1] ?? 0);
  }
}
