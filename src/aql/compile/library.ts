/** All that compiled queries may call, beside AQL's functions and the run itself. */
export { bufferOf } from '#documents';
export { compareValues, documentText, DocumentView, equalValues, groupKey, plain, toBool, toNumber } from '#values';
export { finiteOrNull, levelOf, plus } from './groups.ts';
export { rangesOf, withoutRepeats } from './index-rows.ts';
export { joinedColumns, joinedRows } from './join-rows.ts';
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
  isNotIn,
  makeObject,
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
export { limitCount, limitOffset, listOf, rowsUpTo } from './rows.ts';
export { TopRows } from './top-rows.ts';
export { windowRows } from './window.ts';
export { enumeratePaths, shortestPathRows } from '../graph/paths.ts';
export { Traversal } from '../graph/traversal.ts';
