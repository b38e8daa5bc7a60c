/** Whether a service can be loaded: its documentation is there when it is. */
import type { Client } from '../client.ts';
import { ServerError } from '../failure.ts';

/** The server's words for why not. */
export async function findServiceProblem(client: Client, database: string, mount: string): Promise<string | undefined> {
  try {
    await client.send({ path: '/_api/foxx/swagger', query: { mount }, database });
    return undefined;
  } catch (error) {
    if (error instanceof ServerError) return error.message;
    throw error;
  }
}
