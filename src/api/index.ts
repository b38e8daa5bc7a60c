/** The door of `api`. */
export { handleApi, ROUTES, type RoutedRequest } from './api.ts';
export { findAsync, Jobs } from './jobs.ts';
export type { ApiContext, ServerFacts } from './routes.ts';
export { answerVelocypack, readVelocypack } from './velocypack.ts';
