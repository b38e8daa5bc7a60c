/** /_api/job: what became of requests that were answered with 202 at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ArangoError, clock } from '#base';
import { EMPTY, type Job } from '../jobs.ts';
import { answerJson } from '../respond.ts';
import { del, get, put, type ApiRequest, type Route } from '../routes.ts';

const MOMENT_MS = 50;
const LOOK_MS = 5;

export const jobApi: readonly Route[] = [
  get('/_api/job/:id', 'user', async (request) => {
    const { context, params, user } = request;
    if (params.id === 'done' || params.id === 'pending') {
      await settled(() => context.jobs.list(user, { isDone: false }));
      const jobs = context.jobs.list(user, { isDone: params.id === 'done' });
      return answerJson(
        200,
        jobs.slice(0, request.query.findNumber('count') ?? 100).map(({ id }) => id),
      );
    }
    if (!/^\d+$/.test(params.id))
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: `expecting done, pending or the id of a job, found '${params.id}'` });
    await settled(() => [context.jobs.get(user, params.id)]);
    return { ...EMPTY, status: context.jobs.get(user, params.id).answer === undefined ? 204 : 200 };
  }),

  /** The answer itself, once. */
  put('/_api/job/:id', 'user', ({ context, params, user }) => {
    const job = context.jobs.get(user, params.id);
    const { answer } = job;
    if (answer === undefined) return { ...EMPTY, status: 204 };
    context.jobs.forget(job);
    return { ...answer, headers: { ...answer.headers, 'x-arango-async-id': job.id } };
  }),

  put('/_api/job/:id/cancel', 'user', ({ context, params, user }) => {
    context.jobs.cancel(context.jobs.get(user, params.id));
    return answerJson(200, { result: true });
  }),

  ...[get, put, del].map((method) =>
    method('/_api/job', 'user', () => {
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER');
    }),
  ),

  del('/_api/job/:id', 'user', (request) => {
    for (const job of jobsToDelete(request)) request.context.jobs.forget(job);
    return answerJson(200, { result: true });
  }),
];

/** Jobs that have only just begun, perhaps in another thread, are given a moment: most are done by then. */
async function settled(find: () => readonly Job[]): Promise<void> {
  const isYoung = ({ answer, createdAtSeconds }: Job): boolean =>
    answer === undefined && clock.now() - createdAtSeconds * 1000 <= MOMENT_MS;
  for (const deadline = clock.monotonic() + MOMENT_MS; find().some(isYoung) && clock.monotonic() < deadline;) await sleep(LOOK_MS);
}

function jobsToDelete({ context, params, query, user }: ApiRequest<'id'>): readonly Job[] {
  const done = context.jobs.list(user, { isDone: true });
  switch (params.id) {
    /** Those that are still to be done, too: they are done, and nobody learns what came of it. */
    case 'all':
      return [...done, ...context.jobs.list(user, { isDone: false })];
    case 'expired': {
      const stamp = query.findNumber('stamp');
      if (stamp === undefined) throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'bad parameter: "stamp" is missing' });
      return done.filter(({ createdAtSeconds }) => createdAtSeconds < stamp);
    }
    default:
      return [context.jobs.get(user, params.id)];
  }
}
