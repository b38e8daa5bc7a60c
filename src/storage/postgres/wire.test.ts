import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readRequest, RequestWriter, statement, type Segment } from './wire.ts';

const parts = fc.array(
  fc.oneof(
    fc.record({
      text: fc.constantFrom('SELECT 1', 'SELECT $1', 'SELECT $1, $2'),
      parameters: fc.array(fc.uint8Array({ maxLength: 20_000 })),
    }),
    fc.record({ fetched: fc.constantFrom('c1', 'c22') }),
    fc.record({ closed: fc.constantFrom('c1', 'c22') }),
    fc.record({ once: fc.string() }),
  ),
  { maxLength: 6 },
);

test('a writer knows the segments that are read from what it has written, one request after the other', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(parts, { minLength: 1, maxLength: 3 }), (isNaming, requests) => {
      const writer = new RequestWriter({ isNaming });
      for (const [handle, request] of requests.entries()) {
        writer.begin(handle, 1, [5, 6]);
        for (const part of request) {
          if ('text' in part)
            writer.run(
              statement(part.text),
              part.parameters.map((bytes) => Buffer.from(bytes)),
            );
          else if ('fetched' in part) writer.fetch(part.fetched, 7);
          else if ('closed' in part) writer.closePortal(part.closed);
          else writer.runOnce(part.once);
        }
        const { segments, ...rest } = readRequest(writer.finish());
        assert.deepEqual(rest, { handle, flags: 1, releases: [5, 6] });
        const told = (all: readonly Segment[]): unknown =>
          all.map(({ name, parse, bytes, start, end }) => ({ name, parse, rest: bytes.subarray(start, end) }));
        assert.deepEqual(told(writer.segments), told(segments));
      }
    }),
    { numRuns: 60 },
  );
});
