/** Recorded queries whose answers differ from ours, and why. */
export const KNOWN_MISSES: readonly { readonly reason: string; readonly ids: readonly string[] }[] = [
  {
    reason: 'The example of the manual shows the result of another call.',
    ids: ['static:arangodb/3.12/aql/functions/bit.md:280:3'],
  },
  {
    reason: 'Rows that are equal by what they are sorted by come in another order.',
    ids: ['static:arangodb/3.12/get-started/start-using-aql/sort-limit.md:151'],
  },
  {
    reason: 'ArangoDB 3.0 made null of what is no number; since then it counts as 0.',
    ids: [
      'aql-arithmetic#testUnaryMinusNonNumeric/4',
      'aql-arithmetic#testUnaryMinusNonNumeric/11',
      'aql-arithmetic#testUnaryMinusNonNumeric/12',
      'aql-arithmetic#testUnaryMinusNonNumeric/14',
      'aql-arithmetic#testBinaryModulusInvalid/42',
      'aql-arithmetic#testBinaryModulusInvalid/45',
    ],
  },
  {
    reason: 'The recording shows an empty array as an empty string.',
    ids: ['aql-bind#testBindArray1/1'],
  },
  {
    reason: 'Until 3.4 CALL and APPLY took every unknown name for that of a user function.',
    ids: [
      'aql-call-apply#testCallNonExisting/2',
      'aql-call-apply#testCallNonExisting/3',
      'aql-call-apply#testCallNonExisting/4',
      'aql-call-apply#testCallNonExisting/6',
      'aql-call-apply#testCallNonExisting/7',
      'aql-call-apply#testApplyNonExisting/3',
      'aql-call-apply#testApplyNonExisting/4',
      'aql-call-apply#testApplyNonExisting/5',
      'aql-call-apply#testApplyNonExisting/7',
      'aql-call-apply#testApplyNonExisting/8',
    ],
  },
  {
    reason: 'Names of attributes that are no strings were made as JavaScript does; since then as by TO_STRING.',
    ids: ['aql-dynamic-attributes#testDynamicAttributesNonStringNames/1'],
  },
  {
    reason: 'ArangoDB 3.0 made strings as JavaScript does; since then null is "" and arrays and objects are JSON.',
    ids: [
      'aql-functions-string#testLeftInvalid/4',
      'aql-functions-string#testLeftInvalid/7',
      'aql-functions-string#testLeftInvalid/8',
      'aql-functions-string#testRightInvalid/4',
      'aql-functions-string#testRightInvalid/7',
      'aql-functions-string#testRightInvalid/8',
      'aql-functions-string#testTrimInvalid/7',
      'aql-functions-string#testTrimInvalid/10',
      'aql-functions-string#testTrimInvalid/11',
      'aql-functions-string#testTrimInvalid/16',
      'aql-functions-string#testFindFirstInvalid/9',
      'aql-functions-string#testFindFirstInvalid/11',
      'aql-functions-string#testCharLengthInvalid/3',
      'aql-functions-string#testCharLengthInvalid/6',
      'aql-functions-string#testCharLengthInvalid/7',
      'aql-functions-string#testUpperInvalid/3',
      'aql-functions-string#testUpperInvalid/6',
      'aql-functions-string#testUpperInvalid/7',
    ],
  },
  {
    reason: 'The functions on graphs are gone since 3.0.',
    ids: [
      'aql-graph#testShortestPathDijkstraOutbound/1',
      'aql-graph#testShortestPathDijkstraInbound/1',
      'aql-graph#testShortestPathDijkstraNotConnected/1',
    ],
  },
  {
    reason: 'Edges without valid ends are error 1233 since 3.1.',
    ids: [
      'aql-modify-noncluster#testInsertEdgeInvalid/1',
      'aql-modify-noncluster#testInsertEdgeNoTo/1',
      'aql-modify-noncluster#testInsertEdgeNoToWhat/1',
    ],
  },
  {
    reason: 'In ArangoDB 3.0 the last of repeated names counted; since then the first.',
    ids: ['aql-dynamic-attributes#testDynamicAttributesRepeated/1', 'aql-dynamic-attributes#testDynamicAttributesOverwritingRegular/1'],
  },
  {
    reason: 'Since names may have any characters, an unknown one is 1203 in 3.12.',
    ids: ['aql-queries-simple#testNaming/6'],
  },
  {
    reason: 'Since 3.4 CALL and APPLY may call each other.',
    ids: ['aql-call-apply#testApplyDisallowed/1', 'aql-call-apply#testApplyDisallowed/2'],
  },
];
