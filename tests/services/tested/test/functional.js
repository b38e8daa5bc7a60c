'use strict';
const { expect } = require('chai');
const request = require('@arangodb/request');

describe('a suite', () => {
  let before = 0;
  beforeEach(() => before++);
  it('passes', () => expect(before).to.equal(1));
  it('fails', () => expect({ a: 1 }).to.eql({ a: 2 }));
  it('is pending');
  it.skip('is skipped', () => {
    throw new Error('never');
  });
  context('within another', () => {
    it('asks its own service', () => {
      expect(request.get(module.context.baseUrl).json).to.eql({ answer: 42 });
    });
    it('waits', async () => {
      await new Promise((later) => setTimeout(later, 2));
    });
    it('throws', () => {
      throw new TypeError('of a test');
    });
  });
});
