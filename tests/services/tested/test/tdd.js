'use strict';
const assert = require('assert');
suite('another suite', () => {
  let is = 'not set up';
  setup(() => (is = 'set up'));
  test('passes too', () => assert.strictEqual(is, 'set up'));
});
