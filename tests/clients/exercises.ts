/**
 * What is asked of three services that other people wrote, step by step over HTTP. The same steps run against fixtures in their likeness
 * (in every test run) and against the originals, where they have been fetched.
 */
import assert from 'node:assert/strict';

export interface Exercise {
  /** The folder of the fixture in `tests/services`. */
  readonly fixture: string;
  /** The folder of the original, below wherever the originals are. */
  readonly original: string;
  readonly mount: string;
  readonly steps: (base: string) => Promise<void>;
}

async function send(
  url: string,
  method: string,
  json?: unknown,
): Promise<{ readonly status: number; readonly text: string; readonly type: string; readonly headers: Headers }> {
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') ?? '', headers: answer.headers };
}

async function helloSteps(base: string): Promise<void> {
  const get = (path: string): ReturnType<typeof send> => send(base + path, 'GET');
  const hello = await get('/hello');
  assert.deepEqual([hello.status, hello.type, hello.text], [200, 'text/plain; charset=utf-8', 'Hello World!\n']);
  assert.deepEqual(JSON.parse((await get('/hello_text')).text), { result: 'Hello World!\n' });
  assert.deepEqual(JSON.parse((await get('/hello_json')).text), { result: 'Hello World!\n' });
  assert.equal((await get('/hello_name/John%20Doe')).text, 'Hello John Doe');
  assert.equal((await get('/sum?a=40&b=2')).text, 'Result is 42');
  assert.match((await get('/get_from_db')).text, /^entry \d+ from collection texts\n$/);
  assert.deepEqual(JSON.parse((await get('/run_aql')).text), [2, 4]);
  assert.equal((await send(`${base}/save_tiger/x`, 'POST', { name: 5 })).status, 400);
  const failure = await get('/error');
  assert.equal(failure.status, 403);
  for (const path of ['/echo_response', '/inspect_response', '/context']) {
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    assert.ok(answer.text.length > 2, path);
  }
  const root = await get('/');
  assert.equal(root.status, 307);
  assert.ok(root.headers.get('location')?.endsWith('/index.html'));
  assert.equal((await get('/index.html')).status, 200);
  const wrongVerb = await send(`${base}/hello`, 'DELETE');
  assert.deepEqual([wrongVerb.status, wrongVerb.headers.get('allow')], [405, 'GET']);
}

async function todoSteps(base: string): Promise<void> {
  assert.deepEqual(JSON.parse((await send(`${base}/`, 'GET')).text), []);
  const created = await send(`${base}/`, 'POST', { label: 'a' });
  assert.equal(created.status, 201);
  const { _key: key, done } = JSON.parse(created.text) as { _key: string; done: boolean };
  assert.equal(done, false);
  const [listed] = JSON.parse((await send(`${base}/`, 'GET')).text) as { key: string; label: string; url: string }[];
  assert.deepEqual([listed?.key, listed?.label], [key, 'a']);
  assert.ok(listed?.url.startsWith('http://') && listed.url.endsWith(`/${key}`));
  assert.equal((JSON.parse((await send(`${base}/${key}`, 'GET')).text) as { label: string }).label, 'a');
  assert.equal((await send(`${base}/${key}`, 'PATCH', {})).status, 400);
  assert.equal((JSON.parse((await send(`${base}/${key}`, 'PATCH', { done: true })).text) as { done: boolean }).done, true);
  const removed = await send(`${base}/${key}`, 'DELETE');
  assert.deepEqual([removed.status, removed.text], [204, '']);
  for (const method of ['DELETE', 'GET']) {
    const missing = await send(`${base}/${key}`, method);
    assert.equal(missing.status, 404, method);
    assert.equal((JSON.parse(missing.text) as { errorMessage: string }).errorMessage, 'Todo item does not exist');
  }
}

async function stockSteps(base: string): Promise<void> {
  const status = await send(`${base}/status`, 'GET');
  assert.deepEqual([status.status, status.text], [200, 'OK']);
  assert.match(status.type, /^text\/plain/);
  const created = await send(`${base}/entities`, 'POST', { name: 'box', colour: 'red' });
  assert.equal(created.status, 200);
  const entity = JSON.parse(created.text) as Record<string, unknown>;
  assert.deepEqual([entity['name'], entity['colour'], entity['_key']], ['box', 'red', undefined]);
  assert.ok(Number.isInteger(entity['created']) && Math.abs((entity['created'] as number) - Date.now() / 1000) < 100);
  assert.equal((await send(`${base}/entities`, 'POST', {})).status, 400);
  const one = `${base}/entities/${entity['id'] as string}`;
  assert.equal((JSON.parse((await send(one, 'GET')).text) as { name: string }).name, 'box');
  const unknown = await send(`${base}/entities/unknown`, 'GET');
  assert.equal(unknown.status, 404);
  assert.equal((JSON.parse(unknown.text) as { errorMessage: string }).errorMessage, 'Entity does not exist');
  assert.equal((await send(one, 'PATCH', { type: 't' })).status, 204);
  assert.equal((await send(one, 'PATCH', {})).status, 400);
  assert.equal((JSON.parse((await send(one, 'GET')).text) as { type: string }).type, 't');
  assert.equal((await send(one, 'DELETE')).status, 204);
  assert.equal((await send(one, 'DELETE')).status, 404);
}

export const EXERCISES: readonly Exercise[] = [
  { fixture: 'hello-tour', original: 'demo-hello-foxx', mount: '/hello', steps: helloSteps },
  { fixture: 'todo-list', original: 'foxx-training/examples/05_todos', mount: '/todos', steps: todoSteps },
  { fixture: 'stock-api', original: 'Arango-Foxx-Inventory-API', mount: '/inventory', steps: stockSteps },
];
