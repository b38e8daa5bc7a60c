'use strict';
const { assert } = require('chai');
module.exports = {
  exported: {
    before() {
      this.made = 1;
    },
    'passes as well'() {
      assert.strictEqual(require('../../index').double(2), 4);
    },
    nested: {
      'passes inside'() {},
    },
  },
};
