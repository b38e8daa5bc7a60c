/** Forms, as the server reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multipartParts } from '#base';
import { encodeForm } from './form.ts';

test('texts and bytes arrive as they are, bytes as a file', () => {
  const bytes = Uint8Array.from({ length: 512 }, (_, at) => at % 256);
  const { content, type } = encodeForm({ source: bytes, configuration: '{"name": "Füchsin"}', empty: '' });
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(type)?.[1] ?? '';
  const parts = [...multipartParts(Buffer.from(content), boundary)];
  assert.deepEqual(
    parts.map(({ headers, data }) => [headers, new Uint8Array(data)]),
    [
      [{ 'content-disposition': 'form-data; name="source"; filename="data.bin"', 'content-type': 'application/octet-stream' }, bytes],
      [{ 'content-disposition': 'form-data; name="configuration"' }, new Uint8Array(Buffer.from('{"name": "Füchsin"}'))],
      [{ 'content-disposition': 'form-data; name="empty"' }, new Uint8Array()],
    ],
  );
});
