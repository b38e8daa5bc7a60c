/** /_admin/server: secrets and certificates, what is in use and reading them anew. Only digests are told. */
import { ArangoError, ConfigError, readTlsFiles, summarizePem, type Config, type HttpAnswer } from '#base';
import { answerResult } from '../respond.ts';
import { get, post, type ApiRequest, type Route } from '../routes.ts';

export const serverSecretsApi: readonly Route[] = [
  get('/_admin/server/jwt', 'user', (request) => {
    demandSuperuser(request);
    return answerSecrets(request);
  }),

  post('/_admin/server/jwt', 'user', (request) => {
    demandSuperuser(request);
    telling(() => request.context.tokenSecrets.reload());
    return answerSecrets(request);
  }),

  get('/_admin/server/tls', 'user', ({ context }) => answerResult(telling(() => tlsSummary(context.server.config)))),

  post('/_admin/server/tls', 'user', (request) => {
    demandSuperuser(request);
    const { context } = request;
    const summary = telling(() => tlsSummary(context.server.config));
    context.order({ do: 'reload tls' });
    return answerResult(summary);
  }),
];

/** The server's own token, or nobody's where authentication is off. Throws 11. */
export function demandSuperuser({ user }: ApiRequest): void {
  if (user !== undefined) throw new ArangoError('ERROR_FORBIDDEN', { message: 'only the superuser may do this' });
}

function answerSecrets({ context }: ApiRequest): HttpAnswer {
  const [active, ...passive] = context.tokenSecrets.digests().map((sha256) => ({ sha256 }));
  return answerResult({ active: active ?? {}, passive });
}

function tlsSummary(config: Config): object {
  if (config['ssl.keyfile'] === '') return {};
  const { keyfile, authorities, byServerName } = readTlsFiles(config);
  return {
    keyfile: summarizePem(keyfile),
    ...(authorities === undefined ? {} : { clientCA: summarizePem(authorities) }),
    ...(byServerName.size === 0 ? {} : { SNI: Object.fromEntries(Array.from(byServerName, ([name, pem]) => [name, summarizePem(pem)])) }),
  };
}

/** A file that is not as its option wants it is the operator's to mend, who asks here. */
function telling<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ConfigError) throw new ArangoError('ERROR_ILLEGAL_OPTION', { message: cause.message }, { cause });
    throw cause;
  }
}
