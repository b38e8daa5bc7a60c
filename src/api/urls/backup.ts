/** /_admin/backup: ArangoDB's hot backups. They are restored by `foxden restore`, into a directory that no server uses. */
import { ArangoError, type HttpAnswer } from '#base';
import { answerJson } from '../respond.ts';
import { post, type ApiRequest, type Route } from '../routes.ts';

export const backupApi: readonly Route[] = [
  post('/_admin/backup/create', 'system', async (request) => {
    const label = textOf(request, 'label');
    const { backups } = request.context;
    const backup = await backups.create(label);
    const { id, datetime, files } = backup;
    return answer(201, {
      id,
      datetime,
      potentiallyInconsistent: false,
      sizeInBytes: files.reduce((total, { bytes }) => total + bytes, 0),
      nrFiles: files.length,
      nrDBServers: 1,
      path: backups.pathOf(id),
    });
  }),

  post('/_admin/backup/list', 'system', async (request) => {
    const wanted = textOf(request, 'id');
    const backups = (await request.context.backups.list()).filter(({ id }) => wanted === undefined || id === wanted);
    if (wanted !== undefined && backups.length === 0)
      throw new ArangoError('ERROR_NO_SUCH_HOT_BACKUP', { message: `no such hot backup set can be found: ${wanted}` });
    const list = backups.map(({ id, version, datetime, files }) => [
      id,
      {
        id,
        version,
        datetime,
        available: true,
        potentiallyInconsistent: false,
        keys: [],
        nrPiecesPresent: 1,
        nrDBServers: 1,
        nrFiles: files.length,
        sizeInBytes: files.reduce((total, { bytes }) => total + bytes, 0),
      },
    ]);
    return answer(200, { server: request.context.server.serverId, list: Object.fromEntries(list) });
  }),

  post('/_admin/backup/delete', 'system', async (request) => {
    const id = textOf(request, 'id');
    if (id === undefined) throw new ArangoError('ERROR_BAD_PARAMETER', 'the body has no "id" of a backup');
    await request.context.backups.remove(id);
    return answer(200, {});
  }),

  post('/_admin/backup/restore', 'system', () => {
    throw new ArangoError('ERROR_HOT_RESTORE_INTERNAL', 'a running server cannot be restored: stop it and use "foxden restore"');
  }),
];

function answer(status: 200 | 201, result: object): HttpAnswer {
  return answerJson(status, { error: false, code: status, result });
}

function textOf(request: ApiRequest, name: string): string | undefined {
  if (request.http.body.length === 0) return undefined;
  const value = request.jsonObject()[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ArangoError('ERROR_BAD_PARAMETER', `"${name}" must be a string and is ${JSON.stringify(value)}`);
  return value;
}
