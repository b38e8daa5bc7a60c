/** What the statistics say of each request, whichever protocol it came by. */
import { metrics, METHODS } from '#base';

const METHOD_COUNTERS = METHODS.map(
  (method) => `arangodb_http_request_statistics_http_${method.toLowerCase() as Lowercase<typeof method>}_requests_total` as const,
);

/** `method`: index in `METHODS`. */
export function countRequest(method: number, bytes: number): void {
  metrics.add('arangodb_http_request_statistics_total_requests_total');
  const counter = METHOD_COUNTERS[method];
  if (counter !== undefined) metrics.add(counter);
  metrics.observe('arangodb_client_connection_statistics_bytes_received', bytes);
}
