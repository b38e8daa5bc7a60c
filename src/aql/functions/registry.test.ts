import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, testContext } from './constant-expression.suite.ts';
import { FUNCTIONS } from './registry.ts';

test('every example of every function comes out as written, with its warning', async (t) => {
  for (const { name, examples } of FUNCTIONS) {
    await t.test(name, () => {
      assert(examples.length > 0, 'a function has examples');
      for (const [expression, result, warning] of examples) {
        const context = testContext({ foxes: [{ _key: 'vixen', legs: 4 }] });
        assert.deepEqual(evaluate(`RETURN ${expression}`, {}, context), [result], expression);
        assert.deepEqual(
          context.warnings.map(([error]) => error),
          warning === undefined ? [] : [warning],
          expression,
        );
      }
    });
  }
});
