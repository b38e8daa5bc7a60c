// One run of load from a process of its own: autocannon with paths and bodies that vary. Prints its figures as JSON.
// Usage: node load.js '{"url", "connections", "seconds", "kind", "count"}'
import autocannon from 'autocannon';
import { documentOf, KEYS } from './documents.js';

const { url, connections, seconds, path, method, body, headers, count } = JSON.parse(process.argv[2]);
let turn = Math.floor(Math.random() * 1e6);

/** Fills in what varies: `{key}`, `{city}`, `{age}`; `document` as body is a fresh document. */
function fill(text) {
  const i = turn % count;
  return text
    .replace('{key}', KEYS(i))
    .replace('{city}', `city${turn % 1000}`)
    .replace('{age}', String(18 + (turn % 60)));
}

const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests: [
    {
      method,
      headers,
      setupRequest: (request) => {
        turn += 7919;
        const next = { ...request, path: fill(path) };
        if (body === 'document') next.body = JSON.stringify(documentOf(turn));
        else if (body !== undefined) next.body = fill(body);
        return next;
      },
    },
  ],
});
const failed = result.non2xx + result.errors + result.timeouts;
console.log(JSON.stringify({ rate: result.requests.average, p50: result.latency.p50, p99: result.latency.p99, failed }));
