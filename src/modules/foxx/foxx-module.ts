/** `require('@arangodb/foxx')`: the entry that older services use for what has modules of its own. */
import type { Environment } from '../environment.ts';
import type { JoiSchema } from './libraries.ts';
import { Router } from './router.ts';
import { toJsonSchema } from './swagger.ts';

export function createFoxx(environment: Environment): object {
  const { host } = environment.source;
  const exportsOf = (mount: string): unknown => host.exportsOf(mount.startsWith('/') ? mount : `/${mount}`);
  return {
    createRouter,
    getExports: exportsOf,
    requireService: exportsOf,
    toJSONSchema: (id: string, schema: JoiSchema) => ({ ...(toJsonSchema(schema) as object), id }),
    get queues() {
      return environment.load('@arangodb/foxx/queues');
    },
  };
}

export function createRouter(): Router {
  return new Router();
}
