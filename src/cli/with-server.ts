/** Commands that talk to a server: a client for as long as they run, and the refusals of a service's management in words. */
import type { Client } from './client.ts';
import { describeServiceError, Failure, ServerError, type ServiceSubject } from './failure.ts';
import { connect, type ServerGiven } from './server-options.ts';

export async function withServer<Result>(given: ServerGiven, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await connect(given);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

export async function withService<Result>(given: ServerGiven & ServiceSubject, use: (client: Client) => Promise<Result>): Promise<Result> {
  try {
    return await withServer(given, use);
  } catch (error) {
    const text = error instanceof ServerError ? describeServiceError(error, given) : undefined;
    if (text === undefined) throw error;
    throw new Failure(text, { cause: error });
  }
}
