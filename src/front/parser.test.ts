import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { METHODS } from '#base';
import { RequestParser, type Outcome } from './parser.ts';

const LIMITS = { headBytes: 4096, targetBytes: 256, headerCount: 16 };

interface Message {
  readonly method: string | undefined;
  readonly parts: readonly string[];
  readonly body: string;
  readonly keepsAlive: boolean;
}

/** Parses pieces as they come from a socket; what one message leaves is read as the next. */
function parse(pieces: readonly string[]): { messages: Message[]; outcome: Outcome } {
  let body = '';
  const listener = {
    onHead: () => true,
    onBody: (chunk: Buffer) => {
      body += chunk.toString('latin1');
      return true;
    },
  };
  const parser = new RequestParser(listener, LIMITS);
  const messages: Message[] = [];
  let last: Outcome = 'needs more';
  for (const piece of pieces) {
    let left = Buffer.from(piece, 'latin1');
    while (left.length > 0) {
      const { outcome, used } = parser.parse(left);
      last = outcome;
      left = left.subarray(used);
      if (outcome === 'needs more') break;
      if (outcome !== 'message') return { messages, outcome };
      const parts: string[] = [];
      for (let i = 0; i < parser.spanCount; i += 2) parts.push(parser.head.toString('latin1', parser.spans[i], parser.spans[i + 1]));
      messages.push({ method: METHODS[parser.method ?? -1], parts, body, keepsAlive: parser.keepsAlive });
      body = '';
    }
  }
  parser.free();
  return { messages, outcome: last };
}

const STREAM = [
  'GET /first?a=b HTTP/1.1\r\nHost: here\r\nEmpty:\r\nX-Space:  two words \r\n\r\n',
  'POST /second HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nhello',
  'PUT /third HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: no\r\n\r\n',
  'GET /fourth HTTP/1.1\r\nHost: here\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
  '\r\nDELETE /fifth HTTP/1.1\r\nConnection: close\r\n\r\n',
].join('');

const EXPECTED: readonly Message[] = [
  { method: 'GET', parts: ['/first?a=b', 'Host', 'here', 'Empty', '', 'X-Space', 'two words '], body: '', keepsAlive: true },
  { method: 'POST', parts: ['/second', 'Host', 'here', 'Content-Length', '5'], body: 'hello', keepsAlive: true },
  { method: 'PUT', parts: ['/third', 'Host', 'here', 'Transfer-Encoding', 'chunked'], body: 'abcde', keepsAlive: true },
  { method: 'GET', parts: ['/fourth', 'Host', 'here', 'Connection', 'upgrade', 'Upgrade', 'h2c'], body: '', keepsAlive: true },
  { method: 'DELETE', parts: ['/fifth', 'Connection', 'close'], body: '', keepsAlive: false },
];

test('a stream of requests means the same, wherever it is cut', () => {
  assert.deepEqual(parse([STREAM]).messages, EXPECTED);
  for (let cut = 1; cut < STREAM.length; cut++) {
    assert.deepEqual(parse([STREAM.slice(0, cut), STREAM.slice(cut)]).messages, EXPECTED, `cut at ${cut}`);
  }
  assert.deepEqual(parse(STREAM.split('')).messages, EXPECTED);
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
      const pieces = at.slice(1).map((end, index) => STREAM.slice(at[index], end));
      assert.deepEqual(parse(pieces).messages, EXPECTED);
    }),
  );
});

test('a piece larger than the memory of the parser is read whole', () => {
  const body = 'x'.repeat(200_000);
  const { messages } = parse([`POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n${body}GET / HTTP/1.1\r\n\r\n`]);
  assert.deepEqual([messages.length, messages[0]?.body.length], [2, 200_000]);
});

test('limits hold, whether a head comes at once or in pieces', () => {
  const cases: readonly (readonly [head: string, outcome: Outcome])[] = [
    [`GET /${'a'.repeat(300)} HTTP/1.1\r\n\r\n`, 'target too long'],
    [`GET / HTTP/1.1\r\nX: ${'a'.repeat(5000)}\r\n\r\n`, 'head too large'],
    [`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(17)}\r\n`, 'head too large'],
    [`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(16)}\r\n`, 'message'],
    ['GET / HTTP/2.0\r\n\r\n', 'wrong version'],
    ['GET / HTTP/3.1\r\n\r\n', 'wrong version'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
    ['FOX / HTTP/1.1\r\n\r\n', 'unknown method'],
    ['GET / HTTP/1.1\r\nX : a\r\n\r\n', 'malformed'],
  ];
  for (const [head, outcome] of cases) {
    assert.equal(parse([head]).outcome, outcome, head.slice(0, 40));
    assert.equal(parse(head.split('')).outcome, outcome, head.slice(0, 40));
  }
});

test('parsers take turns without mixing their requests up', () => {
  const pieces = STREAM.split('');
  const seen: string[][] = [[], []];
  const parsers = seen.map((list) => new RequestParser({ onHead: () => true, onBody: (chunk) => list.push(chunk.toString()) > 0 }, LIMITS));
  for (const piece of pieces) {
    for (const parser of parsers) {
      const bytes = Buffer.from(piece, 'latin1');
      const { used } = parser.parse(bytes);
      if (used < bytes.length) parser.parse(bytes.subarray(used));
    }
  }
  assert.deepEqual(
    seen.map((list) => list.join('')),
    ['helloabcde', 'helloabcde'],
  );
});
