// One run of load from a process of its own: plain sockets, each with one request under way and the next as soon as the answer is whole.
// Requests are made before the clock starts and answers are read no further than their status and length: what the generator takes of
// the machine is missing for the server, and most general ones take more than the servers that are measured here.
// Usage: node load.js '{"url", "connections", "seconds", "method", "path", "body", "headers", "count"}'; prints its figures as JSON.
import { connect } from 'node:net';
import { documentOf, KEYS } from './documents.js';

const { url, connections, seconds, path, method, body, headers = {}, count } = JSON.parse(process.argv[2]);
const { hostname, port, host } = new URL(url);

/** So many different requests are sent in turn. */
const VARIETY = body === 'documents' ? 64 : 4096;
const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = Buffer.from('content-length: ');
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** Fills in what varies: `{key}`, `{city}`, `{age}`; `document` as body is a fresh document, `documents` a hundred. */
function fill(text, turn) {
  return text
    .replace('{key}', KEYS(turn % count))
    .replace('{city}', `city${turn % 1000}`)
    .replace('{age}', String(18 + (turn % 60)));
}

function bodyOf(turn) {
  if (body === 'document') return JSON.stringify(documentOf(turn));
  if (body === 'documents') return JSON.stringify(Array.from({ length: 100 }, (_, i) => documentOf(turn + i)));
  return fill(body ?? '', turn);
}

function makeRequest(turn) {
  const text = bodyOf(turn);
  const lines = [`${method} ${fill(path, turn)} HTTP/1.1`, `Host: ${host}`, 'Connection: keep-alive'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (text !== '') lines.push(`Content-Length: ${Buffer.byteLength(text)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

const first = Math.floor(Math.random() * 1e6);
const requests = Array.from({ length: VARIETY }, (_, i) => makeRequest(first + i * 7919));
let turn = 0;
let answered = 0;
let failed = 0;
let isOver = false;
const delaysMs = [];

/** The length that a head tells: names of headers may be written in any case. */
function bodyBytes(bytes, headEnd) {
  let at = bytes.indexOf(LENGTH);
  if (at < 0 || at > headEnd) at = bytes.toString('latin1', 0, headEnd).toLowerCase().indexOf('content-length: ');
  if (at < 0) throw new Error(`an answer without a length:\n${bytes.toString('latin1', 0, headEnd)}`);
  let length = 0;
  for (at += LENGTH.length; bytes[at] >= DIGIT_0 && bytes[at] <= DIGIT_9; at++) length = length * 10 + bytes[at] - DIGIT_0;
  return length;
}

function client() {
  let sentAtMs = 0;
  /** What there is of an answer whose head is not whole. */
  let begun;
  /** Bytes of the body that are still to come. */
  let missing = 0;
  const room = Buffer.alloc(65_536);
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: { buffer: room, callback: (length) => hear(length) },
  });

  const send = () => {
    sentAtMs = performance.now();
    socket.write(requests[turn++ % VARIETY]);
  };
  const done = () => {
    answered++;
    delaysMs.push(performance.now() - sentAtMs);
    if (isOver) socket.destroy();
    else send();
  };
  const hear = (length) => {
    if (missing > 0) {
      missing -= length;
      if (missing === 0) done();
      return true;
    }
    const bytes = begun === undefined ? room.subarray(0, length) : Buffer.concat([begun, room.subarray(0, length)]);
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) {
      begun = Buffer.from(bytes);
      return true;
    }
    begun = undefined;
    // `HTTP/1.1 200`
    if (bytes[9] !== DIGIT_0 + 2) failed++;
    missing = headEnd + HEAD_END.length + bodyBytes(bytes, headEnd) - bytes.length;
    if (missing === 0) done();
    return true;
  };
  socket.on('connect', send);
  socket.on('error', () => {
    failed++;
  });
  // Nothing more is sent there, and the rate is that of the others.
  socket.on('close', () => {
    if (!isOver) failed++;
  });
}

for (let i = 0; i < connections; i++) client();
const beganMs = performance.now();
const cpuBefore = process.cpuUsage();
setTimeout(() => {
  isOver = true;
  const rate = (answered / (performance.now() - beganMs)) * 1000;
  const sorted = Float64Array.from(delaysMs).toSorted();
  const at = (share) => Math.round((sorted[Math.floor(sorted.length * share)] ?? NaN) * 100) / 100;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(JSON.stringify({ rate, answered, p50: at(0.5), p99: at(0.99), failed, generatorUs: (user + system) / answered }));
  process.exit(0);
}, seconds * 1000);
