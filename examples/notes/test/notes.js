'use strict';
const { expect } = require('chai');

describe('notes', () => {
  it('are kept in a collection of their own', () => {
    expect(module.context.collection('notes').name()).to.equal(module.context.collectionName('notes'));
  });
});
