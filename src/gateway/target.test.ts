import { expect, test } from 'bun:test';
import { apiTargetOf, domainOf } from './target.ts';

const rows: readonly [name: string, host: string, target: string, expected: unknown][] = [
  [
    'host with region',
    'abc.execute-api.eu-west-1.amazonaws.com',
    '/prod/a?b=c',
    ['abc', '/prod/a?b=c', 'host'],
  ],
  [
    'host on localhost',
    'abc.execute-api.localhost:4566',
    '/prod/a%2Fb//c',
    ['abc', '/prod/a%2Fb//c', 'host'],
  ],
  ['host of another project', 'abc.execute-api.localhost.localstack.cloud:4566', '/', ['abc', '/', 'host']],
  ['path', '127.0.0.1:4566', '/_aws/execute-api/abc/prod/a?b', ['abc', '/prod/a?b', 'path']],
  ['path without stage', '127.0.0.1:4566', '/_aws/execute-api/abc', ['abc', '/', 'path']],
  ['path, $default by name', 'x', '/_aws/execute-api/abc/$default/orders?a', ['abc', '/orders?a', 'path']],
  ['path, $default alone', 'x', '/_aws/execute-api/abc/%24default', ['abc', '/', 'path']],
  ['path, a stage like it', 'x', '/_aws/execute-api/abc/$defaults/a', ['abc', '/$defaults/a', 'path']],
  ['path with query alone', '127.0.0.1:4566', '/_aws/execute-api/abc?x=1', ['abc', '/?x=1', 'path']],
  ['old path', 'localhost:4566', '/restapis/abc/prod/_user_request_/a/b?c', ['abc', '/prod/a/b?c', 'path']],
  ['old path, root', 'localhost:4566', '/restapis/abc/prod/_user_request_', ['abc', '/prod', 'path']],
  ['absolute form', 'x', 'http://abc.execute-api.localhost/prod', ['abc', '/prod', 'host']],
  ['control plane', 'localhost:4566', '/restapis/abc/stages', undefined],
  ['no host', '', '/', undefined],
];

for (const [name, host, target, expected] of rows)
  test(`addressed by ${name}`, () => {
    const found = apiTargetOf(host, target);
    expect(found && [found.apiId, found.rawTarget, found.addressedBy]).toEqual(expected as undefined);
  });

test('the domain name leads back to this server', () => {
  const byHost = {
    apiId: 'abc',
    rawTarget: '/',
    addressedBy: 'host',
    host: 'abc.execute-api.localhost:4566',
  } as const;
  expect(domainOf(byHost, 'eu-west-1', 4566).domainName).toBe('abc.execute-api.localhost:4566');
  const byPath = { ...byHost, addressedBy: 'path', host: '127.0.0.1:4566' } as const;
  expect(domainOf(byPath, 'eu-west-1', 4566).domainName).toBe('abc.execute-api.eu-west-1.localhost:4566');
});
