import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, DEFAULT_CONFIG } from '#base';
import { checkExposure, endpointUrl, parseEndpoint, type Endpoint } from './endpoint.ts';

const tcp = (host: string, port: number, isSecure = false): Endpoint => ({ type: 'tcp', host, port, isSecure });

test('endpoints in their forms', () => {
  const cases: readonly (readonly [text: string, endpoint: Endpoint, url: string])[] = [
    ['tcp://127.0.0.1:8529', tcp('127.0.0.1', 8529), 'http://127.0.0.1:8529'],
    ['http://localhost', tcp('localhost', 8529), 'http://localhost:8529'],
    ['tcp://*:80', tcp('0.0.0.0', 80), 'http://0.0.0.0:80'],
    ['http+tcp://[::1]:0', tcp('::1', 0), 'http://[::1]:0'],
    ['SSL://fox.example:443/', tcp('fox.example', 443, true), 'https://fox.example:443'],
    ['vst+ssl://127.0.0.1:1', tcp('127.0.0.1', 1, true), 'https://127.0.0.1:1'],
    ['unix:///run/foxden.sock', { type: 'unix', path: '/run/foxden.sock' }, 'unix:///run/foxden.sock'],
  ];
  for (const [text, endpoint, url] of cases) {
    assert.deepEqual(parseEndpoint(text), endpoint, text);
    assert.equal(endpointUrl(endpoint, endpoint.type === 'tcp' ? endpoint.port : 0), url);
  }
});

test('what is no endpoint is refused', () => {
  for (const text of [
    '',
    '8529',
    'localhost:8529',
    'tcp://',
    'tcp://a:b',
    'tcp://a:70000',
    'ftp://a:1',
    'unix://relative',
    'tcp://a:1/path',
    'tcp://::1:8529',
  ]) {
    assert.throws(() => parseEndpoint(text), ConfigError, text);
  }
});

test('without authentication only this machine may come in', () => {
  const check = (endpoints: readonly string[], isOn = false): void =>
    checkExposure({ ...DEFAULT_CONFIG, 'server.authentication': isOn, 'server.endpoint': [...endpoints] });
  for (const endpoint of ['tcp://127.0.0.1:1', 'ssl://localhost:1', 'tcp://[::1]:1', 'unix:///tmp/x', 'tcp://127.1.2.3:1'])
    check([endpoint]);
  check(['tcp://0.0.0.0:1'], true);
  for (const endpoint of [
    'tcp://0.0.0.0:1',
    'tcp://*:1',
    'ssl://[::]:1',
    'tcp://example.com:1',
    'tcp://10.0.0.1:1',
    'tcp://127.0.0.1.example.com:1',
  ])
    assert.throws(() => check(['tcp://127.0.0.1:1', endpoint]), ConfigError, endpoint);
});
