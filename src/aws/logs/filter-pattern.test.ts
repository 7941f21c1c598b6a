import { describe, expect, test } from 'bun:test';
import { compileFilterPattern } from './filter-pattern.ts';
import { faultOf } from './testing/room.ts';

const order = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [
    { name: 'a', id: 1 },
    { name: 'b', id: 2 },
  ],
  SomeObject: null,
  cluster_name: 'c',
  'user name': 'x',
  latency: 12.5,
  ok: true,
  failed: false,
});
const access = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

const rows: [pattern: string, message: string, matches: boolean][] = [
  ['', 'anything', true],
  ['ERROR', '[ERROR 400] BAD REQUEST', true],
  ['ERROR', '[error 400] bad request', false],
  ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
  ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
  ['?ERROR ?ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
  ['?ERROR ?ARGUMENTS', 'fine', false],
  ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
  ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL ERROR SERVER', false],
  ['ERROR -ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', false],
  ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
  ['ERROR -"BAD REQUEST"', '[ERROR 400] BAD REQUEST', false],
  ['"say \\"hi\\""', 'they say "hi" there', true],
  ['%AUTHORIZED%', '[ERROR 401] UNAUTHORIZED REQUEST', true],
  ['%^\\d{3}$%', '404', true],
  ['{ $.eventType = "UpdateTrail" }', order, true],
  ['{$.eventType="UpdateTrail"}', order, true],
  ['{ $.eventType = UpdateTrail }', order, true],
  ['{ $.eventType != "UpdateTrail" }', order, false],
  ['{ $.sourceIPAddress != 123.123.* }', order, true],
  ['{ $.sourceIPAddress = 111.111.* }', order, true],
  ['{ $.sourceIPAddress = %^111\\.% }', order, true],
  ['{ $.arrayKey[0] = "value" }', order, true],
  ['{ $.arrayKey[5] = "value" }', order, false],
  ['{ $.objectList[1].id = 2 }', order, true],
  ['{ $.objectList[*].name = "b" }', order, true],
  ['{ $.SomeObject IS NULL }', order, true],
  ['{ $.SomeOtherObject NOT EXISTS }', order, true],
  ['{ $.eventType NOT EXISTS }', order, false],
  ['{ $.eventType EXISTS }', order, true],
  ['{ $.ok IS TRUE }', order, true],
  ['{ $.failed IS FALSE }', order, true],
  ["{ $.['user name'] = x }", order, true],
  ['{ $.latency > 12 }', order, true],
  ['{ $.latency >= 12.5 && $.latency < 1e2 }', order, true],
  ['{ $.latency > 100 }', order, false],
  ['{ ($.latency > 100) || ($.ok IS TRUE && $.eventType = Update*) }', order, true],
  ['{ $.ok IS FALSE || $.latency > 100 && $.eventType = "UpdateTrail" }', order, false],
  ['{ $.cluster_name = "c" }', 'no json', false],
  ['[ip, user, username, timestamp, request, status_code, bytes]', access, true],
  ['[ip, user, username, timestamp, request, status_code]', access, false],
  ['[..., status_code=4*, bytes]', access, true],
  ['[..., status_code=5*, bytes]', access, false],
  ['[ip, ..., request=*html*, status_code = 4*, bytes > 1000]', access, true],
  ['[..., status_code=404 || status_code=410, bytes > 1000 && bytes < 2000]', access, true],
  ['[ip=%127\\.0\\.0\\.[1-9]%, ...]', access, true],
  ['[ip, user, username!=frank, ...]', access, false],
  ['[w1=ERROR||w1=%WARN%, w2]', 'WARNING disk', true],
  ['[w1=ERROR||w1=%WARN%, w2]', 'INFO disk', false],
  ['[]', access, true],
];

describe('filter patterns', () => {
  for (const [pattern, message, matches] of rows)
    test(`${pattern} ${matches ? 'matches' : 'does not match'} ${message.slice(0, 40)}`, () => {
      expect(compileFilterPattern(pattern).matches(message)).toBe(matches);
    });

  for (const pattern of [
    '{ $.a = }',
    '{ $.a ',
    '[a, b',
    '{ a = 1 }',
    '[..., a, ...]',
    '"open',
    '%(group)%',
    '[a=1 && b=2]',
  ])
    test(`${pattern} is refused`, async () => {
      expect(await faultOf(async () => compileFilterPattern(pattern))).toBe(
        'InvalidParameterException: Invalid filter pattern',
      );
    });

  test('fields and selectors can be read out', () => {
    expect(compileFilterPattern('[ip, ..., code, bytes]').extract(access)).toEqual({
      $ip: '127.0.0.1',
      $code: '404',
      $bytes: '1534',
    });
    expect(compileFilterPattern('{ $.latency > 1 && $.ok IS TRUE }').extract(order)).toEqual({
      '$.latency': '12.5',
      '$.ok': 'true',
    });
  });
});
