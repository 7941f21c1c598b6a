/** Rules of web ACLs against requests, without a server: what matches, what is counted, and that nothing can be slow. */
import { describe, expect, test } from 'bun:test';
import type { FieldToMatch, Rule, Statement, TextTransformationType } from '@aws-sdk/client-wafv2';
import type { WebAclRequest } from '../../base/ports.ts';
import { capacityOf } from './capacity.ts';
import { compileWebAcl } from './compile.ts';
import { looksLikeScripting } from './cross-site-scripting.ts';
import { createRateWindow } from './rate-window.ts';
import { looksLikeSqlInjection } from './sql-injection.ts';
import { compileTransforms } from './transform.ts';
import type { Outcome, WebAclDefinition } from './web-acl.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly ip?: string;
  readonly country?: string;
}

const requestOf = (sent: Sent): WebAclRequest => ({
  method: sent.method ?? 'GET',
  rawPath: sent.path ?? '/',
  rawQuery: sent.query ?? '',
  rawHeaders: (sent.headers ?? []).flat(),
  sourceIp: sent.ip ?? '192.0.2.1',
  protocol: 'HTTP/1.1',
  body: async (most) => bytes(sent.body ?? '').subarray(0, most),
});

const visibility = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: false, MetricName: 'm' };

const rule = (Statement: Statement, more: Partial<Rule> = {}): Rule => ({
  Name: 'rule',
  Priority: 0,
  Statement,
  Action: { Block: {} },
  VisibilityConfig: visibility,
  ...more,
});

function webAcl(rules: readonly Rule[], more: Partial<WebAclDefinition> = {}) {
  let nowMs = 1_000_000;
  const windows = new Map<string, ReturnType<typeof createRateWindow>>();
  const compiled = compileWebAcl(
    {
      name: 'acl',
      labelNamespace: 'awswaf:123456789012:webacl:acl:',
      rules,
      customResponseBodies: {},
      defaultAction: { Allow: {} },
      visibility,
      bodyBytes: 16 * 1024,
      ...more,
    },
    {
      addresses: () => ['192.0.2.0/24', '2001:db8::/32'],
      patterns: () => ['^/admin', 'p.ssword'],
      group: () => ({
        name: 'group',
        labelNamespace: 'awswaf:123456789012:rulegroup:group:',
        customResponseBodies: {},
        rules: [rule(contains({ UriPath: {} }, 'bad'), { Name: 'inner', RuleLabels: [{ Name: 'seen' }] })],
      }),
    },
    {
      now: () => nowMs,
      count(name, key, seconds) {
        const window = windows.get(name) ?? createRateWindow(seconds, 100);
        windows.set(name, window);
        return window.count(key, nowMs);
      },
    },
  );
  return {
    ask: (sent: Sent): Promise<Outcome> => compiled.inspect(requestOf(sent), sent.country),
    later: (ms: number) => (nowMs += ms),
  };
}

function contains(
  FieldToMatch: FieldToMatch,
  text: string,
  Type: TextTransformationType = 'NONE',
): Statement {
  return {
    ByteMatchStatement: {
      SearchString: bytes(text),
      FieldToMatch,
      PositionalConstraint: 'CONTAINS',
      TextTransformations: [{ Priority: 0, Type }],
    },
  };
}

const at = (
  PositionalConstraint: 'EXACTLY' | 'STARTS_WITH' | 'ENDS_WITH' | 'CONTAINS_WORD',
  text: string,
): Statement => ({
  ByteMatchStatement: {
    SearchString: bytes(text),
    FieldToMatch: { UriPath: {} },
    PositionalConstraint,
    TextTransformations: [{ Priority: 0, Type: 'NONE' }],
  },
});

const plain = [{ Priority: 0, Type: 'NONE' as const }];

describe('statements', () => {
  const rows: [string, Statement, Sent, boolean][] = [
    ['the whole path', at('EXACTLY', '/a'), { path: '/a' }, true],
    ['not the whole path', at('EXACTLY', '/a'), { path: '/a/' }, false],
    ['its beginning', at('STARTS_WITH', '/a'), { path: '/ab' }, true],
    ['its end', at('ENDS_WITH', '.php'), { path: '/x.php' }, true],
    ['a word', at('CONTAINS_WORD', 'admin'), { path: '/x/admin/y' }, true],
    ['a part of a word', at('CONTAINS_WORD', 'admin'), { path: '/x/administrator' }, false],
    ['a word behind a part of one', at('CONTAINS_WORD', 'admin'), { path: '/admins/admin' }, true],
    [
      'a header in any case',
      contains({ SingleHeader: { Name: 'User-Agent' } }, 'bot'),
      { headers: [['USER-AGENT', 'a bot']] },
      true,
    ],
    ['an absent header', contains({ SingleHeader: { Name: 'x' } }, ''), {}, false],
    [
      'a query argument, decoded',
      contains({ SingleQueryArgument: { Name: 'Q' } }, '<b', 'URL_DECODE'),
      { query: 'q=%3Cb' },
      true,
    ],
    ['any query argument', contains({ AllQueryArguments: {} }, 'evil'), { query: 'a=1&b=evil' }, true],
    ['the method', contains({ Method: {} }, 'TRACE'), { method: 'TRACE' }, true],
    ['the body', contains({ Body: { OversizeHandling: 'CONTINUE' } }, 'evil'), { body: 'so evil' }, true],
    [
      'a body beyond the limit',
      contains({ Body: { OversizeHandling: 'CONTINUE' } }, 'evil'),
      { body: `${'x'.repeat(16_384)}evil` },
      false,
    ],
    [
      'too large a body, as a match',
      contains({ Body: { OversizeHandling: 'MATCH' } }, 'evil'),
      { body: 'x'.repeat(16_385) },
      true,
    ],
    [
      'too large a body, as none',
      contains({ Body: { OversizeHandling: 'NO_MATCH' } }, 'x'),
      { body: 'x'.repeat(16_385) },
      false,
    ],
    [
      'a value inside JSON',
      contains(
        { JsonBody: { MatchPattern: { IncludedPaths: ['/user/*/name'] }, MatchScope: 'VALUE' } },
        'eve',
      ),
      { body: '{"user":[{"name":"eve"}],"other":1}' },
      true,
    ],
    [
      'a value elsewhere in JSON',
      contains({ JsonBody: { MatchPattern: { IncludedPaths: ['/user'] }, MatchScope: 'VALUE' } }, 'eve'),
      { body: '{"other":"eve"}' },
      false,
    ],
    [
      'JSON that cannot be read',
      contains(
        { JsonBody: { MatchPattern: { All: {} }, MatchScope: 'ALL', InvalidFallbackBehavior: 'MATCH' } },
        'x',
      ),
      { body: '{"a":' },
      true,
    ],
    [
      'a cookie',
      contains(
        {
          Cookies: {
            MatchPattern: { IncludedCookies: ['sid'] },
            MatchScope: 'VALUE',
            OversizeHandling: 'CONTINUE',
          },
        },
        'z',
      ),
      { headers: [['cookie', 'a=1; sid=xyz']] },
      true,
    ],
    [
      'the order of headers',
      contains({ HeaderOrder: { OversizeHandling: 'CONTINUE' } }, 'b:a'),
      {
        headers: [
          ['B', '1'],
          ['a', '2'],
        ],
      },
      true,
    ],
    [
      'a fingerprint that nobody has',
      contains({ JA3Fingerprint: { FallbackBehavior: 'MATCH' } }, 'x'),
      {},
      true,
    ],
    [
      'a regular expression',
      {
        RegexMatchStatement: {
          RegexString: '^/v\\d+/',
          FieldToMatch: { UriPath: {} },
          TextTransformations: plain,
        },
      },
      { path: '/v12/x' },
      true,
    ],
    [
      'a set of them',
      {
        RegexPatternSetReferenceStatement: {
          ARN: 'a',
          FieldToMatch: { UriPath: {} },
          TextTransformations: plain,
        },
      },
      { path: '/admin' },
      true,
    ],
    [
      'a size',
      {
        SizeConstraintStatement: {
          ComparisonOperator: 'GT',
          Size: 3,
          FieldToMatch: { QueryString: {} },
          TextTransformations: plain,
        },
      },
      { query: 'abcd' },
      true,
    ],
    ['an address', { IPSetReferenceStatement: { ARN: 'a' } }, { ip: '192.0.2.77' }, true],
    ['an address of version 6', { IPSetReferenceStatement: { ARN: 'a' } }, { ip: '2001:db8::5' }, true],
    ['another address', { IPSetReferenceStatement: { ARN: 'a' } }, { ip: '198.51.100.1' }, false],
    [
      'the last forwarded address',
      {
        IPSetReferenceStatement: {
          ARN: 'a',
          IPSetForwardedIPConfig: {
            HeaderName: 'X-Forwarded-For',
            FallbackBehavior: 'NO_MATCH',
            Position: 'LAST',
          },
        },
      },
      { ip: '198.51.100.1', headers: [['x-forwarded-for', '198.51.100.9, 192.0.2.9']] },
      true,
    ],
    [
      'a forwarded address that is none',
      {
        IPSetReferenceStatement: {
          ARN: 'a',
          IPSetForwardedIPConfig: {
            HeaderName: 'X-Forwarded-For',
            FallbackBehavior: 'MATCH',
            Position: 'FIRST',
          },
        },
      },
      { headers: [['x-forwarded-for', 'unknown']] },
      true,
    ],
    ['a country', { GeoMatchStatement: { CountryCodes: ['DE', 'FR'] } }, { country: 'FR' }, true],
    ['no known country', { GeoMatchStatement: { CountryCodes: ['DE'] } }, {}, false],
    [
      'and',
      { AndStatement: { Statements: [at('STARTS_WITH', '/a'), at('ENDS_WITH', 'z')] } },
      { path: '/az' },
      true,
    ],
    [
      'and, half',
      { AndStatement: { Statements: [at('STARTS_WITH', '/a'), at('ENDS_WITH', 'z')] } },
      { path: '/ab' },
      false,
    ],
    ['or', { OrStatement: { Statements: [at('EXACTLY', '/a'), at('EXACTLY', '/b')] } }, { path: '/b' }, true],
    ['not', { NotStatement: { Statement: at('EXACTLY', '/a') } }, { path: '/b' }, true],
  ];
  for (const [name, statement, sent, matches] of rows)
    test(`${name}: ${matches ? 'matches' : 'does not match'}`, async () => {
      const { action } = await webAcl([rule(statement)]).ask(sent);
      expect(action).toBe(matches ? 'BLOCK' : 'ALLOW');
    });

  test('what is not there is refused by name', () => {
    const managed = {
      ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet' },
    };
    expect(() => webAcl([rule(managed)])).toThrow('ManagedRuleGroupStatement: not supported by gatehouse');
    expect(() => webAcl([rule(at('EXACTLY', '/'), { Action: { Captcha: {} } })])).toThrow(
      'the action Captcha: not supported by gatehouse',
    );
  });
});

test('labels go from rule to rule; counting goes on and adds headers', async () => {
  const acl = webAcl([
    rule(at('STARTS_WITH', '/a'), {
      Name: 'first',
      Priority: 1,
      Action: { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: 'seen', Value: 'yes' }] } } },
      RuleLabels: [{ Name: 'area:a' }],
    }),
    rule(
      {
        AndStatement: {
          Statements: [
            { LabelMatchStatement: { Scope: 'NAMESPACE', Key: 'area:' } },
            { LabelMatchStatement: { Scope: 'LABEL', Key: 'awswaf:123456789012:webacl:acl:area:a' } },
            at('ENDS_WITH', 'z'),
          ],
        },
      },
      { Name: 'second', Priority: 2 },
    ),
  ]);
  const passed = await acl.ask({ path: '/ab' });
  expect(passed.action).toBe('ALLOW');
  expect(passed.labels).toEqual(['awswaf:123456789012:webacl:acl:area:a']);
  expect(passed.insertedHeaders).toEqual([{ Name: 'x-amzn-waf-seen', Value: 'yes' }]);
  expect(passed.counted.map(({ ruleName }) => ruleName)).toEqual(['first']);
  expect((await acl.ask({ path: '/az' })).terminating?.ruleName).toBe('second');
});

test('a rule group decides, unless its rules are overridden or it only counts', async () => {
  const statement = { RuleGroupReferenceStatement: { ARN: 'g' } };
  const refer = (more: Partial<Rule>, own: object = {}) =>
    webAcl([
      rule(
        { RuleGroupReferenceStatement: { ...statement.RuleGroupReferenceStatement, ...own } },
        {
          Action: undefined,
          OverrideAction: { None: {} },
          ...more,
        },
      ),
    ]);
  const decided = await refer({}).ask({ path: '/bad' });
  expect(decided.action).toBe('BLOCK');
  expect(decided.terminating).toMatchObject({ ruleName: 'rule', withinGroup: 'inner', type: 'GROUP' });
  expect(decided.labels).toEqual(['awswaf:123456789012:rulegroup:group:seen']);
  expect((await refer({ OverrideAction: { Count: {} } }).ask({ path: '/bad' })).action).toBe('ALLOW');
  const overridden = refer({}, { RuleActionOverrides: [{ Name: 'inner', ActionToUse: { Count: {} } }] });
  expect((await overridden.ask({ path: '/bad' })).action).toBe('ALLOW');
});

test('a rate: over its limit within the window, by key, and good again after it', async () => {
  const acl = webAcl([
    rule({
      RateBasedStatement: {
        Limit: 10,
        EvaluationWindowSec: 60,
        AggregateKeyType: 'CUSTOM_KEYS',
        CustomKeys: [
          { IP: {} },
          { Header: { Name: 'x-tenant', TextTransformations: [{ Priority: 0, Type: 'LOWERCASE' }] } },
        ],
        ScopeDownStatement: at('STARTS_WITH', '/api'),
      },
    }),
  ]);
  const from = (tenant: string, path = '/api') => acl.ask({ path, headers: [['x-tenant', tenant]] });
  const actions: string[] = [];
  for (let sent = 0; sent < 11; sent++) actions.push((await from(sent % 2 ? 'A' : 'a')).action);
  expect(actions).toEqual([...Array<string>(10).fill('ALLOW'), 'BLOCK']);
  expect((await from('b')).action).toBe('ALLOW');
  expect((await from('a', '/other')).action).toBe('ALLOW');
  expect((await acl.ask({ path: '/api' })).action).toBe('ALLOW');
  acl.later(61_000);
  expect((await from('a')).action).toBe('ALLOW');
});

test('a custom response', async () => {
  const acl = webAcl(
    [
      rule(at('EXACTLY', '/x'), {
        Action: {
          Block: {
            CustomResponse: {
              ResponseCode: 418,
              CustomResponseBodyKey: 'tea',
              ResponseHeaders: [{ Name: 'x-why', Value: 'tea' }],
            },
          },
        },
      }),
    ],
    { customResponseBodies: { tea: { ContentType: 'APPLICATION_JSON', Content: '{"pot":"short"}' } } },
  );
  expect((await acl.ask({ path: '/x' })).response).toEqual({
    status: 418,
    headers: ['x-why', 'tea'],
    body: '{"pot":"short"}',
    contentType: 'application/json',
  });
});

describe('transformations', () => {
  const rows: [TextTransformationType, string, string][] = [
    ['LOWERCASE', 'AbÀ', 'abÀ'],
    ['URL_DECODE', 'a%3Cb+c%zz', 'a<b c%zz'],
    ['URL_DECODE_UNI', '%u003Cx%uFF41', '<xa'],
    ['HTML_ENTITY_DECODE', '&lt;&#x3c;&#60;&quot;&unknown;', '<<<"&unknown;'],
    ['COMPRESS_WHITE_SPACE', 'a \t\n b', 'a b'],
    ['CMD_LINE', 'C^:\\"WIN , dows"  /Q', 'c:win dows/q'],
    ['REPLACE_COMMENTS', 'UN/**/ION/* open', 'UN ION '],
    ['BASE64_DECODE', 'PHNjcmlwdD4=', '<script>'],
    ['BASE64_DECODE_EXT', 'PHN-j cmlwdD4', '<script>'],
    ['HEX_DECODE', '3c73', '<s'],
    ['SQL_HEX_DECODE', 'x=0x41424344', 'x=ABCD'],
    ['CSS_DECODE', 'ja\\76 asc\\72ipt', 'javascript'],
    ['JS_DECODE', '\\u003cs\\x63\\162', '<scr'],
    ['ESCAPE_SEQ_DECODE', 'a\\x41\\101\\n', 'aAA\n'],
    ['NORMALIZE_PATH', '/a//b/./c/../d', '/a/b/d'],
    ['NORMALIZE_PATH_WIN', '\\a\\..\\b', '/b'],
    ['REMOVE_NULLS', 'a\0b', 'ab'],
    ['REPLACE_NULLS', 'a\0b', 'a b'],
    ['UTF8_TO_UNICODE', Buffer.from('ü').toString('latin1'), '%u00fc'],
    ['MD5', 'a', Buffer.from('0cc175b9c0f1b6a831c399e269772661', 'hex').toString('latin1')],
  ];
  for (const [Type, given, expected] of rows)
    test(Type, () => expect(compileTransforms([{ Priority: 0, Type }])(given)).toBe(expected));

  test('in the order of their priorities', () => {
    const both = compileTransforms([
      { Priority: 2, Type: 'HTML_ENTITY_DECODE' },
      { Priority: 1, Type: 'URL_DECODE' },
    ]);
    expect(both('%26lt%3B')).toBe('<');
  });
});

describe('SQL injection', () => {
  const attacks = [
    "' OR '1'='1",
    "' or 1=1--",
    "admin'--",
    "admin' #",
    "x') OR ('a'='a",
    '1 OR 1=1',
    '1 UNION SELECT username, password FROM users',
    '1 UNION ALL SELECT NULL,NULL,NULL--',
    "-1' UNION SELECT 1,2,3 -- -",
    '1; DROP TABLE users',
    "'; EXEC xp_cmdshell('dir')--",
    '1 AND SLEEP(5)',
    "1' AND (SELECT 1 FROM (SELECT COUNT(*),CONCAT(version(),FLOOR(RAND(0)*2))x FROM information_schema.tables GROUP BY x)a)--",
    '1/**/UNION/**/SELECT/**/1',
    '1 /*!50000UNION*/ /*!50000SELECT*/ 1,2',
    "' || (SELECT password FROM users LIMIT 1) || '",
    '" OR ""="',
    "1' WAITFOR DELAY '0:0:5'--",
    '1 AND EXTRACTVALUE(1, CONCAT(0x7e, VERSION()))',
  ];
  const innocents = [
    'hello world',
    "O'Brien",
    "it's 5 or 6 o'clock",
    'select a table from the union catalogue',
    'rock & roll',
    '1+1=2',
    'me@example.com',
    'https://example.com/a?b=c&d=e',
    'The "best" of and or not',
    'Drop me a line; update follows',
    '2024-01-01T00:00:00Z',
    '{"id":1,"name":"x"}',
    "rock 'n' roll",
  ];
  for (const text of attacks)
    test(`is seen in ${text}`, () => expect(looksLikeSqlInjection(text, 'LOW')).toBe(true));
  for (const text of innocents)
    test(`is not seen in ${text}`, () => expect(looksLikeSqlInjection(text, 'LOW')).toBe(false));
  test('HIGH sees what LOW lets pass', () => {
    expect(looksLikeSqlInjection('1 ORDER BY 3', 'LOW')).toBe(false);
    expect(looksLikeSqlInjection('1 ORDER BY 3', 'HIGH')).toBe(true);
  });
});

describe('cross-site scripting', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '<ScRiPt src=//x>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '"><body onload=x>',
    '" onmouseover="alert(1)',
    'javascript:alert(1)',
    'java\tscript:alert(1)',
    '<a href="javascript:alert(1)">',
    '<iframe src="//evil">',
    'data:text/html;base64,PHNjcmlwdD4=',
    '<div style="width: expression(alert(1))">',
    '<object data="x">',
  ];
  const innocents = [
    'hello world',
    'a < b and b > c',
    'I wrote a script: it works',
    'price <= 5',
    'one="two"',
    '<3 you',
    'on time = on budget',
    'https://example.com/?description=yes',
    '<b>bold</b>',
  ];
  for (const text of attacks) test(`is seen in ${text}`, () => expect(looksLikeScripting(text)).toBe(true));
  for (const text of innocents)
    test(`is not seen in ${text}`, () => expect(looksLikeScripting(text)).toBe(false));
});

test('capacity is counted as the statements’ pages say', () => {
  const cost = (statement: Statement) => capacityOf([rule(statement)], () => 77);
  expect(cost(at('EXACTLY', 'x'))).toBe(2);
  expect(cost(contains({ AllQueryArguments: {} }, 'x', 'LOWERCASE'))).toBe(30);
  expect(cost(contains({ JsonBody: { MatchPattern: { All: {} }, MatchScope: 'ALL' } }, 'x'))).toBe(20);
  expect(cost({ SqliMatchStatement: { FieldToMatch: { UriPath: {} }, TextTransformations: plain } })).toBe(
    20,
  );
  expect(cost({ XssMatchStatement: { FieldToMatch: { UriPath: {} }, TextTransformations: plain } })).toBe(40);
  expect(
    cost({
      RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP', ScopeDownStatement: at('EXACTLY', 'x') },
    }),
  ).toBe(4);
  expect(cost({ NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['DE'] } } } })).toBe(1);
  expect(cost({ RuleGroupReferenceStatement: { ARN: 'a' } })).toBe(77);
});

describe('nothing is slow, whatever is written or sent', () => {
  const long = 'a'.repeat(64 * 1024);
  const hostile: [string, Statement, Sent][] = [
    [
      'a pattern that explodes elsewhere',
      {
        RegexMatchStatement: {
          RegexString: '^(a+)+$',
          FieldToMatch: { Body: { OversizeHandling: 'CONTINUE' } },
          TextTransformations: plain,
        },
      },
      { body: `${long}!` },
    ],
    [
      'an alternation of overlaps',
      {
        RegexMatchStatement: {
          RegexString: '(a|aa|a?b)*c$',
          FieldToMatch: { Body: { OversizeHandling: 'CONTINUE' } },
          TextTransformations: plain,
        },
      },
      { body: long },
    ],
    [
      'tags that never end',
      {
        XssMatchStatement: {
          FieldToMatch: { Body: { OversizeHandling: 'CONTINUE' } },
          TextTransformations: plain,
        },
      },
      { body: '<a '.repeat(21_000) },
    ],
    [
      'quotes and handlers',
      {
        XssMatchStatement: {
          FieldToMatch: { Body: { OversizeHandling: 'CONTINUE' } },
          TextTransformations: plain,
        },
      },
      { body: '" o'.repeat(21_000) },
    ],
    [
      'SQL without an end',
      {
        SqliMatchStatement: {
          FieldToMatch: { Body: { OversizeHandling: 'CONTINUE' } },
          TextTransformations: plain,
          SensitivityLevel: 'HIGH',
        },
      },
      { body: "'/*(".repeat(16_000) },
    ],
    [
      'every transformation of a long text',
      contains({ Body: { OversizeHandling: 'CONTINUE' } }, 'zzz', 'NORMALIZE_PATH'),
      { body: '../'.repeat(21_000) },
    ],
    [
      'comments that open and open',
      contains({ Body: { OversizeHandling: 'CONTINUE' } }, 'zzz', 'REPLACE_COMMENTS'),
      { body: '/*'.repeat(32_000) },
    ],
    [
      'JSON as deep as it is long',
      contains(
        { JsonBody: { MatchPattern: { All: {} }, MatchScope: 'ALL', InvalidFallbackBehavior: 'NO_MATCH' } },
        'zzz',
      ),
      { body: '['.repeat(30_000) + ']'.repeat(30_000) },
    ],
  ];
  for (const [name, statement, sent] of hostile)
    test(name, async () => {
      const acl = webAcl([rule(statement)], { bodyBytes: 64 * 1024 });
      const began = performance.now();
      await acl.ask(sent);
      expect(performance.now() - began).toBeLessThan(2000);
    });

  test('back references and look-around are refused, not run', () => {
    for (const RegexString of ['(a)\\1', '(?=a)b', '(?<!a)b'])
      expect(() =>
        webAcl([
          rule({
            RegexMatchStatement: { RegexString, FieldToMatch: { UriPath: {} }, TextTransformations: plain },
          }),
        ]),
      ).toThrow();
  });
});
