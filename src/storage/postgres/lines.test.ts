import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINES_BYTES, LineTable } from './lines.ts';

const [ANNA, BERT] = [7, 8];

test('a connection that died before its borrower took it is not taken for the next one at its place', () => {
  const table = new LineTable(new SharedArrayBuffer(LINES_BYTES), 0);
  const [lender] = table.all();
  const { place } = lender!;
  lender!.lend(ANNA, 40);
  const annas = table.lentTo(ANNA, place);
  assert(annas);
  assert.equal(table.lentTo(BERT, place), undefined);

  assert(lender!.breakOff());
  lender!.free();
  assert.equal(table.lentTo(ANNA, place), undefined, 'nobody has it');
  lender!.lend(BERT, 41);
  assert.equal(table.lentTo(ANNA, place), undefined, 'another thread has it');
  assert.equal(annas.beginWriting({ isRead: true }), false, 'nor does who knows the former loan write to it');
  const berts = table.lentTo(BERT, place);
  assert.equal(berts?.descriptor, 41);
  assert(berts.beginWriting({ isRead: true }));
});

test('what rests can be taken back by either side, and only once', () => {
  const table = new LineTable(new SharedArrayBuffer(LINES_BYTES), 0);
  const [lender] = table.all();
  lender!.lend(ANNA, 40);
  const borrower = table.lentTo(ANNA, lender!.place)!;
  assert.equal(lender!.recall(), false, 'it is in use');
  borrower.rest();
  assert(borrower.take());
  borrower.rest();
  assert(lender!.recall());
  assert.equal(borrower.take(), false);
  assert(lender!.isReturned);
});
