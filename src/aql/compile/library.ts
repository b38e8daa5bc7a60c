/** All that compiled queries may call, beside AQL's functions and the run itself. */
export { compareStrings, compareValues, documentText, DocumentView, equalValues, plain, toBool, toNumber } from '#values';
export { finiteOrNull, greater, lesser, makeAggregator, plus } from './aggregates.ts';
export { GroupMap, levelOf, ValueSet } from './groups.ts';
export { rangesOf } from './index-rows.ts';
export { sizeOf } from './memory.ts';
export { insertRows, removeRows, replaceRows, updateRows, upsertRow } from './modify.ts';
export {
  add,
  allMatch,
  anyMatches,
  atLeastMatch,
  attribute,
  attributeName,
  divide,
  element,
  expanded,
  isIn,
  isInRange,
  modulo,
  multiply,
  noneMatches,
  questionMatches,
  rangeArray,
  rangeBound,
  sliceBounds,
  subtract,
} from './operators.ts';
export { fresh, json, plainList } from './output.ts';
export { limitCount, limitOffset, listOf } from './rows.ts';
export { TopRows } from './top-rows.ts';
export { windowRows } from './window.ts';
