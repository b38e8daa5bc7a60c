/**
 * `createGraphQLRouter`: a schema behind GET and POST. Works with `graphql-sync`, which is bundled, and with the official `graphql`,
 * whose asynchronous results are waited for.
 */
import assert from 'node:assert';
import { loadPackage } from '../loader/bundled.ts';
import { escapeHtml } from './answers.ts';
import { joi } from './libraries.ts';
import type { FoxxRequest } from './request.ts';
import type { FoxxResponse } from './response.ts';
import { Router } from './router.ts';

/** What is used of a GraphQL library. */
interface GraphQL {
  readonly Source: new (text: string, name: string) => unknown;
  readonly specifiedRules: readonly unknown[];
  readonly parse: (source: unknown) => unknown;
  readonly validate: (schema: unknown, document: unknown, rules: readonly unknown[]) => readonly unknown[];
  readonly getOperationAST: (document: unknown, operationName?: string | null) => { readonly operation: string } | null | undefined;
  readonly execute: (...values: readonly unknown[]) => unknown;
  readonly formatError: (error: unknown) => unknown;
  /** Where it takes its arguments as one object. */
  readonly version?: string;
}

interface GraphQLOptions {
  readonly schema?: unknown;
  readonly context?: unknown;
  readonly rootValue?: unknown;
  readonly pretty?: boolean;
  readonly formatError?: (error: unknown) => unknown;
  readonly validationRules?: readonly unknown[];
  readonly graphiql?: boolean;
  readonly graphql?: GraphQL;
}

interface Input {
  readonly query?: string | undefined;
  readonly variables?: unknown;
  readonly operationName?: string | undefined;
}

interface Result {
  readonly errors?: readonly unknown[];
  readonly data?: unknown;
}

/** Options, a schema alone, or a function that makes them for each request. */
export function createGraphQLRouter(given: GraphQLOptions | ((req: FoxxRequest, res: FoxxResponse) => GraphQLOptions)): Router {
  assert(given, 'Must pass options for graphql');
  const handler = (req: FoxxRequest, res: FoxxResponse): unknown => {
    const options = typeof given === 'function' && !('getQueryType' in given) ? given(req, res) : (given as GraphQLOptions);
    return answer(options, req, res);
  };
  const router = new Router();
  const text = joi().string().optional();
  router.get(handler, 'get').queryParam('query', text).queryParam('variables', text).queryParam('operationName', text);
  router
    .post(handler, 'post')
    .body(['application/json', 'application/x-www-form-urlencoded', 'application/graphql'])
    .queryParam('query', text)
    .queryParam('variables', text)
    .queryParam('operationName', text);
  return router;
}

function answer(options: GraphQLOptions, req: FoxxRequest, res: FoxxResponse): unknown {
  const library = options.graphql ?? (loadPackage('graphql-sync') as GraphQL);
  const { input, isRaw } = readInput(req, res);
  const showsPage = options.graphiql === true && !isRaw && req.accepts('json', 'html') === 'html';
  const finish = (result: Result | null): void => {
    const format = options.formatError ?? library.formatError;
    const formatted = result?.errors === undefined ? result : { ...result, errors: result.errors.map((error) => format(error)) };
    if (!showsPage) {
      res.json(formatted, options.pretty);
      return;
    }
    res.set('content-type', 'text/html; charset=utf-8');
    res.body = graphiqlPage(input, formatted);
  };
  const fail = (error: unknown): void => {
    res.status(500);
    finish({ errors: [error] });
  };
  try {
    const result = run(library, options, input, { req, res, showsPage });
    if (result instanceof Promise) return result.then((value) => finish(value as Result), fail);
    finish(result as Result | null);
  } catch (error) {
    fail(error);
  }
  return undefined;
}

function readInput({ body, queryParams }: FoxxRequest, res: FoxxResponse): { readonly input: Input; readonly isRaw: boolean } {
  const isQuery = typeof body === 'string' || Buffer.isBuffer(body);
  const params = (isQuery ? { query: String(body) } : (body ?? {})) as Record<string, unknown>;
  const pick = (name: string): string | undefined => (queryParams[name] || params[name] || undefined) as string | undefined;
  const variables: unknown = pick('variables');
  return {
    input: {
      query: pick('query'),
      operationName: pick('operationName'),
      variables: typeof variables === 'string' ? parseVariables(variables, res) : variables,
    },
    isRaw: queryParams['raw'] !== undefined || params['raw'] !== undefined,
  };
}

function parseVariables(text: string, res: FoxxResponse): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return res.throw(400, 'Variables are invalid JSON', error as Error);
  }
}

/** Null when there is nothing to do but to show the page. */
function run(
  library: GraphQL,
  options: GraphQLOptions,
  { query, variables, operationName }: Input,
  { req, res, showsPage }: { readonly req: FoxxRequest; readonly res: FoxxResponse; readonly showsPage: boolean },
): unknown {
  const refuse = (status: number, errors: readonly unknown[]): Result => {
    res.status(status);
    return { errors };
  };
  if (query === undefined) return showsPage ? null : refuse(400, [new Error('Must provide query string')]);
  const schema = options.schema ?? options;
  let document: unknown;
  try {
    document = library.parse(new library.Source(query, 'GraphQL request'));
  } catch (error) {
    return refuse(400, [error]);
  }
  const errors = library.validate(schema, document, [...library.specifiedRules, ...(options.validationRules ?? [])]);
  if (errors.length > 0) return refuse(400, errors);
  if (req.method === 'GET') {
    const operation = library.getOperationAST(document, operationName)?.operation ?? 'query';
    if (operation !== 'query') {
      if (showsPage) return null;
      res.set('allow', 'POST');
      return refuse(405, [new Error(`Can only perform a ${operation} operation from a POST request`)]);
    }
  }
  const { rootValue, context: contextValue } = options;
  // Since version 16 there is one argument; before, both forms, and in the oldest only the other.
  return Number(library.version?.split('.')[0] ?? 0) >= 15
    ? library.execute({ schema, document, rootValue, contextValue, variableValues: variables, operationName })
    : library.execute(schema, document, rootValue, contextValue, variables, operationName);
}

/** GraphiQL from a public CDN, as ArangoDB has it: it is for developers. */
function graphiqlPage({ query, variables, operationName }: Input, result: Result | null): string {
  const state = { query, variables: variables === undefined ? undefined : JSON.stringify(variables, null, 2), operationName };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><title>GraphiQL</title><meta name="robots" content="noindex">
<link rel="stylesheet" href="https://unpkg.com/graphiql@2/graphiql.min.css">
<style>html,body,#graphiql{height:100%;margin:0}</style>
</head>
<body>
<div id="graphiql"><pre>${escapeHtml(JSON.stringify(result, null, 2))}</pre></div>
<script src="https://unpkg.com/react@18/umd/react.production.min.js"></script>
<script src="https://unpkg.com/react-dom@18/umd/react-dom.production.min.js"></script>
<script src="https://unpkg.com/graphiql@2/graphiql.min.js"></script>
<script>
const state = ${embed(state)};
ReactDOM.createRoot(document.getElementById('graphiql')).render(React.createElement(GraphiQL, {
  fetcher: GraphiQL.createFetcher({ url: location.pathname }),
  defaultQuery: state.query, variables: state.variables, operationName: state.operationName, response: ${embed(JSON.stringify(result, null, 2))},
}));
</script>
</body>
</html>
`;
}

/** JSON that cannot end the script it stands in. */
function embed(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').replaceAll('<', String.raw`\u003c`);
}
