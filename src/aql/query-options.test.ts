import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQueryOptions, type QueryDefaults, type QueryOptions } from './query-options.ts';

const DEFAULTS: QueryDefaults = { memoryLimitBytes: 1000, maxRuntimeSeconds: 5, failOnWarning: true, maxPlans: 7, rules: ['-sort-limit'] };

test('what a query does not say is as the server says', () => {
  const check = (options: Parameters<typeof readQueryOptions>[0], expected: Partial<QueryOptions>, defaults = DEFAULTS): void => {
    const read = readQueryOptions(options, defaults);
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, read[name as keyof QueryOptions]])), expected);
  };
  check({}, { memoryLimitBytes: 1000, maxRuntimeSeconds: 5, failOnWarning: true, maxPlans: 7, rules: ['-sort-limit'] });
  check(
    { memoryLimit: 5, maxRuntime: 0, failOnWarning: false, maxPlans: 3 },
    { memoryLimitBytes: 5, maxRuntimeSeconds: 0, failOnWarning: false, maxPlans: 3 },
  );
  check({ optimizer: { rules: ['+all'] } }, { rules: ['-sort-limit', '+all'] });
  check({ memoryLimit: '5', maxRuntime: -1, failOnWarning: 1 }, { memoryLimitBytes: 1000, maxRuntimeSeconds: 5, failOnWarning: true });
  check({ memoryLimit: 5000 }, { memoryLimitBytes: 5000 });
  check({ memoryLimit: 0 }, { memoryLimitBytes: 0 });
  const strict = { ...DEFAULTS, mayExceedMemoryLimit: false };
  check({ memoryLimit: 5000 }, { memoryLimitBytes: 1000 }, strict);
  check({ memoryLimit: 0 }, { memoryLimitBytes: 1000 }, strict);
  check({ memoryLimit: 500 }, { memoryLimitBytes: 500 }, strict);
  check({}, { memoryLimitBytes: 0, maxRuntimeSeconds: 0, failOnWarning: false, maxPlans: 128, rules: [] }, { memoryLimitBytes: 0 });
});
