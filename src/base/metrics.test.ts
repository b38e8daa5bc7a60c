import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetricsMemory, metrics } from './metrics.ts';

test('what threads count in their lanes is added up', () => {
  const memory = createMetricsMemory(2);
  metrics.attach(memory, 0);
  metrics.add('arangodb_http_request_statistics_total_requests_total', 2);
  metrics.set('arangodb_scheduler_num_working_threads', 3);
  metrics.attach(memory, 1);
  metrics.add('arangodb_http_request_statistics_total_requests_total');
  metrics.set('arangodb_scheduler_num_working_threads', 1);
  assert.equal(metrics.value('arangodb_http_request_statistics_total_requests_total'), 3);
  assert.equal(metrics.value('arangodb_scheduler_num_working_threads'), 4);
});

test('a histogram counts cumulatively, as Prometheus has it', () => {
  metrics.attach(createMetricsMemory(1), 0);
  for (const seconds of [0.0005, 0.02, 0.02, 100]) metrics.observe('arangodb_client_connection_statistics_total_time', seconds);
  const lines = metrics
    .text()
    .split('\n')
    .filter((line) => line.startsWith('arangodb_client_connection_statistics_total_time'));
  assert.deepEqual(lines, [
    'arangodb_client_connection_statistics_total_time_bucket{le="0.001"} 1',
    'arangodb_client_connection_statistics_total_time_bucket{le="0.01"} 1',
    'arangodb_client_connection_statistics_total_time_bucket{le="0.05"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="0.1"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="0.2"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="0.5"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="1"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="5"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="15"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="30"} 3',
    'arangodb_client_connection_statistics_total_time_bucket{le="+Inf"} 4',
    'arangodb_client_connection_statistics_total_time_count 4',
    'arangodb_client_connection_statistics_total_time_sum 100.0405',
  ]);
});
