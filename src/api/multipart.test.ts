import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isArangoError } from '#base';
import { readMultipart } from './multipart.ts';

const TYPE = 'multipart/form-data; boundary=xyz';

function body(...parts: readonly (readonly [head: string, data: Uint8Array | string])[]): Buffer {
  const pieces = parts.flatMap(([head, data]) => [`--xyz\r\n${head}\r\n\r\n`, data, '\r\n']);
  return Buffer.concat([...pieces, '--xyz--\r\n'].map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece))));
}

test('parts are bytes, with and without a file name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
      const parts = readMultipart(
        body(
          ['Content-Disposition: form-data; name="source"\r\nContent-Type: application/zip', data],
          ['content-disposition: form-data; name=file; filename="a \\"b\\".js"', data],
          ['Content-Disposition: form-data; name="text"\r\nContent-Type: text/plain; charset=utf-8', 'é狐'],
        ),
        TYPE,
      );
      if (Buffer.from(data).includes('\r\n--xyz')) return;
      assert.deepEqual(parts.get('source'), { data: Buffer.from(data), type: 'application/zip', filename: undefined });
      assert.deepEqual(parts.get('file'), { data: Buffer.from(data), type: undefined, filename: 'a "b".js' });
      assert.equal(parts.get('text')?.data.toString(), 'é狐');
    }),
  );
});

test('a preamble, a quoted boundary and no parts at all are fine', () => {
  assert.equal(
    readMultipart(Buffer.concat([Buffer.from('hello\r\n'), body(['content-disposition: form-data; name="a"', 'b'])]), TYPE).size,
    1,
  );
  assert.equal(readMultipart(Buffer.from('--xyz--'), 'multipart/form-data; charset=x; boundary="xyz"').size, 0);
});

test('what is malformed is refused', () => {
  const cases: readonly (readonly [text: string, type: string])[] = [
    ['', TYPE],
    ['--xyz', TYPE],
    ['--xyz\r\nno end of the head', TYPE],
    ['--xyz\r\ncontent-disposition: form-data; name="a"\r\n\r\nno end', TYPE],
    ['--other\r\n\r\n--other--', TYPE],
    ['--xyz--', 'multipart/form-data'],
    ['--xyz\r\na: b\r\n\r\n\r\n'.repeat(101).concat('--xyz--'), TYPE],
    [`--xyz\r\n${'a'.repeat(20_000)}\r\n\r\n\r\n--xyz--`, TYPE],
  ];
  for (const [text, type] of cases) {
    assert.throws(
      () => readMultipart(Buffer.from(text), type),
      (error) => isArangoError(error) && error.code === 400,
      text.slice(0, 60),
    );
  }
});
