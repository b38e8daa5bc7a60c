/** What the user may do in the database that the page is about, so that nothing is offered that the server would refuse. */
import { useQuery } from '../query.ts';
import { database } from '../router.ts';
import { api } from './client.ts';
import { userName } from './session.ts';

/** Undefined while it is not known yet. A server that asks nobody who they are lets everybody. */
export function useMayManage(): boolean | undefined {
  return useMayWrite(database.value);
}

/** Databases and users are made by who may write to `_system`. */
export function useMayAdminister(): boolean | undefined {
  return useMayWrite('_system');
}

function useMayWrite(name: string): boolean | undefined {
  const user = userName.value;
  const { data, error } = useQuery(user === undefined ? undefined : `rights\n${user}\n${name}`, (aborting) =>
    api.get<{ result: string }>(`/_api/user/${encodeURIComponent(user ?? '')}/database/${encodeURIComponent(name)}`, {}, aborting),
  );
  if (user === undefined) return true;
  // Whoever may not even ask is told by each answer what they may not do.
  return data === undefined ? (error === undefined ? undefined : true) : data.result === 'rw';
}
