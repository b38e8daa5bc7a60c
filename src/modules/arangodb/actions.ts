/** `require('@arangodb/actions')`: of what came before Foxx, the names of HTTP statuses, which services still use. */
import { STATUS_CODES } from 'node:http';
import { statusOfError } from '../foxx/answers.ts';

/** Where ArangoDB's name is not made of the status's own. */
const OTHER_NAMES: Readonly<Record<string, number>> = {
  HTTP_BAD: 400,
  HTTP_SERVER_ERROR: 500,
  HTTP_TOO_MANY_REQUESTS: 429,
  HTTP_PRECONDITION: 412,
};

const NAMES = Object.fromEntries(
  Object.entries(STATUS_CODES).map(([status, text = '']) => [`HTTP_${text.toUpperCase().replaceAll(/[^A-Z]+/g, '_')}`, Number(status)]),
);

export const actions: object = {
  ...NAMES,
  ...OTHER_NAMES,
  BODYFREE_METHODS: ['DELETE', 'GET', 'HEAD', 'OPTIONS'],
  /** The status that an error number is answered with. */
  arangoErrorToHttpCode: statusOfError,
};
