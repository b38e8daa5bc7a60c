/** What of the recorded transcripts is not replayed, what it needs beside its own script, and where it may differ. */

/** Parts of ArangoDB that a single server without ArangoSearch does not have, and other versions. */
export const LEFT_OUT_TAGS: ReadonlySet<string> = new Set(
  'cluster enterprise arangosearch vector pregel hotbackup replication v4 legacy-docs'.split(' '),
);

/** Transcripts that are about something else than the server. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  generalGraphGetFromVertex: 'It asks for an edge picked at random.',
  generalGraphGetToVertex: 'It asks for an edge picked at random.',
  collectionIterate: 'It looks at documents picked at random.',
  viewUsage_05: 'It is about Views (ArangoSearch).',
  viewUsage_06: 'It is about Views (ArangoSearch).',
  viewUsage_08: 'It is about Views (ArangoSearch).',
  listCurrentConfigOpts: "It lists all options of ArangoDB's server.",
  shellHelp: 'It is the help of the shell itself.',
  QUERY_05_killQueries: 'It sends requests through the connection of the shell; tests/server/queries.test.ts does the same.',
  QUERY_02_listQueries: 'It sends requests through the connection of the shell; tests/server/queries.test.ts does the same.',
  GRAPHKSP_99_drop_graph: 'It drops a graph of examples that are left out.',
};

/** Scripts that come before a transcript, or a page; under the empty name those before each page. */
export const SETUPS: Readonly<Record<string, string>> = {
  '': `
    ["demo", "animals"].forEach((name) => db._create(name));
    db.demo.save({ _key: "schlonz", firstName: "Hugo", lastName: "Schlonz",
      address: { street: "Strasse 1", city: "Hier" }, hobbies: ["swimming", "biking", "programming"] });
  `,
  'arangodb/3.12/aql/execution-and-performance/explaining-queries.md': 'db._create("mycollection");',
  'arangodb/3.12/aql/execution-and-performance/query-statistics.md': 'db._create("mycollection");',
  GRAPHSP_02_A_to_D: 'examples.loadGraph("traversalGraph");',
  arangosh_remove_collection_properties_schema: 'db._create("schemaCollection");',
};

export const MISSES: Readonly<Record<string, string>> = {
  '02_workWithAQL_profileQuerySimpleIndex':
    'Documents are read in batches without a node of its own for that, unless they are read later than they are found.',
  '06_workWithAQL_statementsExtra': 'The recording begins with the output of a line that is not in the script.',
  IndexHandle: 'It shows 3.10; 3.12 has the selectivity too (IndexIdentifier).',
  collectionsDatabaseName: "The recording has ArangoDB's name for one of its collections of statistics, and those of other examples.",
  levenshtein_match_sample: 'A new analyzer is shown by the shell as what describes it, and in a service as an object.',
  generalGraphVertexCollectionRemove: 'db._exists gives true in the shell, and in a service what identifies the document.',
};
