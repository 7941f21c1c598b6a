import { expect, test } from 'bun:test';
import { compileSelection, compileSelectionKey, SelectionError, type SelectionValues } from './compile.ts';

const VARIABLES: Readonly<Record<string, unknown>> = {
  'request.method': 'GET',
  'request.path': '/orders',
  'request.header.x-api-key': 'k1',
  'request.querystring.v': '2',
  'context.authorizer.usageIdentifierKey': 'k2',
  'integration.response.statuscode': 204,
  'stageVariables.name': 'dev',
};

const values: SelectionValues = {
  variable: (name) => VARIABLES[name],
  body: (of) =>
    of === 'request' ? { action: 'join', n: 1, flag: true, list: [{ k: 'v' }], nil: null } : { error: 'Bad' },
};

const rows: [expression: string, expected: string | undefined][] = [
  ['$request.body.action', 'join'],
  ['${request.body.action}', 'join'],
  ['${request.body.action}-beta', 'join-beta'],
  ['$request.body.n', '1'],
  ['$request.body.flag', 'true'],
  ['$request.body.list[0].k', 'v'],
  ['$request.body.list', '[{"k":"v"}]'],
  ['$request.body.nope', undefined],
  ['$request.body.nil', undefined],
  ['$request.header.x-api-key', 'k1'],
  ['$request.querystring.v', '2'],
  ['$context.authorizer.usageIdentifierKey', 'k2'],
  ['${request.method} ${request.path}', 'GET /orders'],
  ['$request.method $request.path', 'GET /orders'],
  ['$integration.response.statuscode', '204'],
  ['$integration.response.body.error', 'Bad'],
  ['$stageVariables.name', 'dev'],
  ['$request.header.nope', undefined],
  ['${request.method}${request.header.nope}', undefined],
  ['\\$default', '$default'],
  ['$default', '$default'],
  ['plain', 'plain'],
];

for (const [expression, expected] of rows)
  test(expression, () => expect(compileSelection(expression)(values)).toBe(expected));

test('what is no expression is refused', () => {
  for (const expression of ['$nope.x', '${request.body', '${request.body[}', '${}'])
    expect(() => compileSelection(expression)).toThrow(SelectionError);
});

test('keys and patterns', () => {
  const rows: [key: string, value: string, fits: boolean][] = [
    ['join', 'join', true],
    ['join', 'joins', false],
    ['/2\\d\\d/', '204', true],
    ['/2\\d\\d/', '2040', false],
    ['/2\\d\\d|3\\d\\d/', '301', true],
    ['/', '/', true],
  ];
  for (const [key, value, fits] of rows) expect(compileSelectionKey(key)(value)).toBe(fits);
});
