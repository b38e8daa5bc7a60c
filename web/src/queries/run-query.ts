/**
 * Running a query, and ending it before its time.
 *
 * The server gives no id before the answer, so the running query is found among all that run by its text and values, the latest of them. Batches after
 * the first wait on the server until they are wanted; a cursor that nobody will read any more is closed.
 */
import { api, ApiError, messageOf, send } from '../api/client.ts';
import { postJson, type CursorAnswer } from '../data/model.ts';
import type { EditorProblem } from '../editor/code-editor.tsx';
import type { BindValues } from './aql/bind-parameters.ts';

export interface QueryInput {
  readonly query: string;
  readonly bindVars: BindValues;
}

export interface RunOptions {
  /** Rows that are fetched at first. */
  readonly limit: number;
  readonly isProfiled: boolean;
}

export interface Ran {
  readonly rows: readonly unknown[];
  /** Of the cursor that has more. */
  readonly cursor: string | undefined;
  readonly extra: CursorAnswer['extra'];
  readonly isCached: boolean;
  /** As the browser saw it, network included. */
  readonly seconds: number;
}

export async function runQuery({ query, bindVars }: QueryInput, { limit, isProfiled }: RunOptions, aborting: AbortSignal): Promise<Ran> {
  const began = performance.now();
  const body = { query, bindVars, batchSize: limit, options: { profile: isProfiled ? 2 : 1 } };
  const answer = await postJson<CursorAnswer>('/_api/cursor', body, aborting);
  return {
    rows: answer.result,
    cursor: answer.hasMore ? answer.id : undefined,
    extra: answer.extra,
    isCached: answer.cached,
    seconds: (performance.now() - began) / 1000,
  };
}

/** The same result with its next batch. */
export async function fetchMore(ran: Ran): Promise<Ran> {
  if (ran.cursor === undefined) return ran;
  const answer = await postJson<CursorAnswer>(`/_api/cursor/${ran.cursor}`, undefined);
  return { ...ran, rows: [...ran.rows, ...answer.result], cursor: answer.hasMore ? ran.cursor : undefined };
}

export async function fetchAll(ran: Ran): Promise<Ran> {
  let now = ran;
  while (now.cursor !== undefined) now = await fetchMore(now);
  return now;
}

export function closeCursor({ cursor }: Ran): void {
  if (cursor === undefined) return;
  send('DELETE', `/_api/cursor/${cursor}`).catch(() => {
    // Its time was over before: then it is closed already.
  });
}

export interface RunningQuery {
  readonly id: string;
  readonly database: string;
  readonly user: string;
  readonly query: string;
  readonly bindVars: BindValues;
  readonly started: string;
  readonly runTime: number;
  readonly peakMemoryUsage?: number;
  readonly state: string;
  readonly stream: boolean;
}

/** Ends the query on the server; false when it does not run there (any more). */
export async function killQuery({ query, bindVars }: QueryInput): Promise<boolean> {
  const running = await api.get<readonly RunningQuery[]>('/_api/query/current');
  const values = JSON.stringify(bindVars);
  const own = running
    // The server cuts long texts.
    .filter(
      (each) =>
        query.startsWith(each.query.replace(/\.\.\.$/, '')) &&
        (Object.keys(each.bindVars).length === 0 || JSON.stringify(each.bindVars) === values),
    )
    .toSorted((a, b) => (a.started < b.started ? 1 : -1));
  const [latest] = own;
  if (latest === undefined) return false;
  await api.delete(`/_api/query/${latest.id}`);
  return true;
}

/** What is wrong, and where in the text, for a query that began at `origin` of the editor's text. */
export interface QueryFailure {
  readonly message: string;
  readonly problem: EditorProblem | undefined;
  readonly wasKilled: boolean;
}

export function failureOf(error: unknown, origin: { readonly line: number; readonly column: number }): QueryFailure {
  const said = messageOf(error);
  const place = /at position (\d+):(\d+)/.exec(said);
  const wasKilled = error instanceof ApiError && error.errorNum === QUERY_KILLED;
  if (place === null) return { message: said, problem: undefined, wasKilled };
  const [line, column] = [Number(place[1]), Number(place[2])];
  const problem = {
    line: line + origin.line - 1,
    column: line === 1 ? column + origin.column - 1 : column,
    message: said.replace(/^AQL: /, '').replace(/ near '[^]*$/, ''),
  };
  return { message: said, problem, wasKilled };
}

const QUERY_KILLED = 1500;
