import { expect, test } from 'bun:test';
import { Router } from './router.ts';

const routes = [
  'GET /',
  'GET /pets',
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'POST /pets/{kind}/1',
  'GET /pets/{proxy+}',
  'ANY /{proxy+}',
  'GET /a/{x}/c',
  'ANY /users/me',
  'GET /users/{id}',
];
const router = new Router<string>();
for (const route of routes) router.add(route.split(' ')[0] ?? '', route.split(' ')[1] ?? '', route);

const rows: readonly [
  request: string,
  route: string | undefined,
  parameters?: Record<string, string> | null,
][] = [
  ['GET /', 'GET /'],
  ['GET /pets', 'GET /pets'],
  ['POST /pets', 'ANY /{proxy+}', { proxy: 'pets' }],
  ['GET /pets/dog/1', 'GET /pets/dog/1'],
  ['GET /pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['POST /pets/dog/1', 'POST /pets/{kind}/1', { kind: 'dog' }],
  ['GET /pets/cat/3/4', 'GET /pets/{proxy+}', { proxy: 'cat/3/4' }],
  ['DELETE /pets/cat/3', 'ANY /{proxy+}', { proxy: 'pets/cat/3' }],
  ['GET /pets%2Fdog', 'ANY /{proxy+}', { proxy: 'pets%2Fdog' }],
  ['GET /Pets', 'ANY /{proxy+}', { proxy: 'Pets' }],
  ['GET /pets//x', 'GET /pets/{proxy+}', { proxy: '/x' }],
  ['GET /a//c', 'ANY /{proxy+}', { proxy: 'a//c' }],
  ['GET /a/b/c', 'GET /a/{x}/c', { x: 'b' }],
  ['DELETE /users/me', 'ANY /users/me'],
  ['GET /users/me', 'ANY /users/me'],
  ['GET /users/you', 'GET /users/{id}', { id: 'you' }],
  ['POST /', undefined],
];

for (const [request, route, parameters] of rows)
  test(`${request} -> ${route ?? 'nothing'}`, () => {
    const [method = '', path = ''] = request.split(' ');
    const found = router.find(method, path);
    expect(found?.target).toBe(route as string);
    if (found !== undefined) expect(found.parameters).toEqual(parameters ?? null);
  });

test('a path of many routes costs what its depth costs', () => {
  const large = new Router<number>();
  for (let i = 0; i < 300; i++) large.add('GET', `/part${i}/{id}/items/{item}`, i);
  expect(large.find('GET', '/part299/7/items/8')).toEqual({
    target: 299,
    parameters: { id: '7', item: '8' },
  });
});
