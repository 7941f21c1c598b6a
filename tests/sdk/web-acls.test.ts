/** Web ACLs through the official SDK: made, associated, and asked before anything else judges a request. */
import { beforeAll, describe, expect, test } from 'bun:test';
import * as rest from '@aws-sdk/client-api-gateway';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as idp from '@aws-sdk/client-cognito-identity-provider';
import * as waf from '@aws-sdk/client-wafv2';
import { useServer } from './test-server.ts';

const server = useServer();
let client: waf.WAFV2Client;
let apis: rest.APIGatewayClient;

beforeAll(() => {
  client = new waf.WAFV2Client({ ...server.options(), maxAttempts: 1 });
  apis = new rest.APIGatewayClient({ ...server.options(), maxAttempts: 1 });
});

const visible = (MetricName: string): waf.VisibilityConfig => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: false,
  MetricName,
});

const pathRule = (Name: string, text: string, more: Partial<waf.Rule> = {}): waf.Rule => ({
  Name,
  Priority: 0,
  Action: { Block: {} },
  VisibilityConfig: visible(Name),
  Statement: {
    ByteMatchStatement: {
      SearchString: new TextEncoder().encode(text),
      FieldToMatch: { UriPath: {} },
      PositionalConstraint: 'CONTAINS',
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
    },
  },
  ...more,
});

let count = 0;
async function makeAcl(Rules: waf.Rule[], more: Partial<waf.CreateWebACLRequest> = {}) {
  const { Summary } = await client.send(
    new waf.CreateWebACLCommand({
      Name: `acl-${++count}`,
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: visible('acl'),
      Rules,
      ...more,
    }),
  );
  return {
    Name: Summary?.Name ?? '',
    Id: Summary?.Id ?? '',
    Scope: 'REGIONAL' as const,
    arn: Summary?.ARN ?? '',
  };
}

/** A mock that echoes the header a rule inserts; a method of it wants a signature. */
async function makeApi() {
  const api = await apis.send(
    new rest.ImportRestApiCommand({
      body: Buffer.from(
        JSON.stringify({
          openapi: '3.0.1',
          info: { title: 'shop', version: '1' },
          paths: Object.fromEntries(
            ['/open', '/evil', '/signed'].map((path) => [
              path,
              {
                'x-amazon-apigateway-any-method': {
                  ...(path === '/signed' && { 'x-amazon-apigateway-auth': { type: 'AWS_IAM' } }),
                  responses: { '200': { description: 'ok' } },
                  'x-amazon-apigateway-integration': {
                    type: 'mock',
                    requestTemplates: { 'application/json': '{"statusCode":200}' },
                    responses: {
                      default: {
                        statusCode: '200',
                        responseTemplates: {
                          'application/json': '{"inserted":"$input.params(\'x-amzn-waf-tag\')"}',
                        },
                      },
                    },
                  },
                },
              },
            ]),
          ),
        }),
      ),
    }),
  );
  await apis.send(new rest.CreateDeploymentCommand({ restApiId: api.id, stageName: 'v1' }));
  return {
    apiId: api.id ?? '',
    stageArn: `arn:aws:apigateway:us-east-1::/restapis/${api.id}/stages/v1`,
    call: (path: string, init: RequestInit = {}) =>
      fetch(`${server.url}/_aws/execute-api/${api.id}/v1${path}`, init),
  };
}

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no failure';
  } catch (thrown) {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  }
}

describe('a stage of a REST API', () => {
  test('is asked before authorization, changes at once, and is open again without', async () => {
    const api = await makeApi();
    const acl = await makeAcl([pathRule('evil', '/evil'), pathRule('signed', '/signed', { Priority: 1 })]);
    expect((await api.call('/evil')).status).toBe(200);
    expect((await api.call('/signed')).headers.get('x-amzn-errortype')).toBe(
      'MissingAuthenticationTokenException',
    );
    await client.send(new waf.AssociateWebACLCommand({ ResourceArn: api.stageArn, WebACLArn: acl.arn }));
    const stage = await apis.send(new rest.GetStageCommand({ restApiId: api.apiId, stageName: 'v1' }));
    expect(stage.webAclArn).toBe(acl.arn);
    const blocked = await api.call('/evil');
    expect(blocked.status).toBe(403);
    expect(blocked.headers.get('x-amzn-errortype')).toBe('ForbiddenException');
    expect(await blocked.text()).toBe('{"message":"Forbidden"}');
    expect((await api.call('/signed')).headers.get('x-amzn-errortype')).toBe('ForbiddenException');
    expect((await api.call('/open')).status).toBe(200);
    // Before the route, too: a path that nobody has is blocked like any other.
    expect((await api.call('/no/evil')).headers.get('x-amzn-errortype')).toBe('ForbiddenException');
    expect((await api.call('/no')).headers.get('x-amzn-errortype')).toBe(
      'MissingAuthenticationTokenException',
    );

    const got = await client.send(new waf.GetWebACLCommand(acl));
    const update = (LockToken: string | undefined, Rules: waf.Rule[]) =>
      client.send(
        new waf.UpdateWebACLCommand({
          ...acl,
          LockToken,
          Rules,
          DefaultAction: { Allow: {} },
          VisibilityConfig: visible('acl'),
        }),
      );
    await update(got.LockToken, [pathRule('open', '/open')]);
    expect((await api.call('/open')).status).toBe(403);
    expect((await api.call('/evil')).status).toBe(200);
    expect(await failure(update(got.LockToken, []))).toStartWith('WAFOptimisticLockException');

    const { LockToken } = await client.send(new waf.GetWebACLCommand(acl));
    expect(await failure(client.send(new waf.DeleteWebACLCommand({ ...acl, LockToken })))).toStartWith(
      'WAFAssociatedItemException',
    );
    const listed = await client.send(new waf.ListResourcesForWebACLCommand({ WebACLArn: acl.arn }));
    expect(listed.ResourceArns).toEqual([api.stageArn]);
    await client.send(new waf.DisassociateWebACLCommand({ ResourceArn: api.stageArn }));
    expect((await api.call('/open')).status).toBe(200);
    await client.send(new waf.DeleteWebACLCommand({ ...acl, LockToken }));
    expect(await failure(client.send(new waf.GetWebACLCommand(acl)))).toStartWith(
      'WAFNonexistentItemException',
    );
  });

  test('custom answers, inserted headers, bodies, and an address set that changes', async () => {
    const api = await makeApi();
    const set = await client.send(
      new waf.CreateIPSetCommand({
        Name: 'here',
        Scope: 'REGIONAL',
        IPAddressVersion: 'IPV4',
        Addresses: [],
      }),
    );
    const acl = await makeAcl(
      [
        {
          Name: 'tag',
          Priority: 0,
          Action: {
            Count: { CustomRequestHandling: { InsertHeaders: [{ Name: 'tag', Value: 'watched' }] } },
          },
          VisibilityConfig: visible('tag'),
          Statement: { NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['FR'] } } } },
        },
        {
          Name: 'sql',
          Priority: 1,
          Action: {
            Block: {
              CustomResponse: {
                ResponseCode: 422,
                CustomResponseBodyKey: 'no',
                ResponseHeaders: [{ Name: 'x-why', Value: 'sql' }],
              },
            },
          },
          VisibilityConfig: visible('sql'),
          Statement: {
            SqliMatchStatement: {
              FieldToMatch: { Body: { OversizeHandling: 'MATCH' } },
              TextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }],
            },
          },
        },
        {
          Name: 'here',
          Priority: 2,
          Action: { Block: {} },
          VisibilityConfig: visible('here'),
          Statement: { IPSetReferenceStatement: { ARN: set.Summary?.ARN } },
        },
      ],
      { CustomResponseBodies: { no: { ContentType: 'TEXT_PLAIN', Content: 'not here' } } },
    );
    await client.send(new waf.AssociateWebACLCommand({ ResourceArn: api.stageArn, WebACLArn: acl.arn }));
    expect(await (await api.call('/open', { headers: { 'x-amzn-waf-tag': 'forged' } })).json()).toEqual({
      inserted: 'watched',
    });
    expect(
      await (await api.call('/open', { headers: { 'cloudfront-viewer-country': 'FR' } })).json(),
    ).toEqual({
      inserted: '',
    });
    const attack = await api.call('/open', { method: 'POST', body: 'q=1%27%20OR%20%271%27=%271' });
    expect([attack.status, attack.headers.get('x-why'), await attack.text()]).toEqual([
      422,
      'sql',
      'not here',
    ]);
    const large = await api.call('/open', { method: 'POST', body: 'x'.repeat(20_000) });
    expect(large.status).toBe(422);

    const ips = { Name: 'here', Id: set.Summary?.Id, Scope: 'REGIONAL' as const };
    await client.send(
      new waf.UpdateIPSetCommand({ ...ips, LockToken: set.Summary?.LockToken, Addresses: ['127.0.0.0/8'] }),
    );
    expect((await api.call('/open')).status).toBe(403);
    const { LockToken } = await client.send(new waf.GetIPSetCommand(ips));
    expect(await failure(client.send(new waf.DeleteIPSetCommand({ ...ips, LockToken })))).toStartWith(
      'WAFAssociatedItemException',
    );
    const samples = await client.send(
      new waf.GetSampledRequestsCommand({
        WebAclArn: acl.arn,
        RuleMetricName: 'here',
        Scope: 'REGIONAL',
        MaxItems: 10,
        TimeWindow: { StartTime: new Date(Date.now() - 60_000), EndTime: new Date(Date.now() + 1000) },
      }),
    );
    expect(samples.SampledRequests).toHaveLength(1);
    expect(samples.SampledRequests?.[0]).toMatchObject({
      Action: 'BLOCK',
      Request: { ClientIP: '127.0.0.1', Method: 'GET', URI: '/v1/open' },
    });
  });

  test('a rate holds back who calls too often, and says whom', async () => {
    const api = await makeApi();
    const acl = await makeAcl([
      {
        Name: 'often',
        Priority: 0,
        Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
        VisibilityConfig: visible('often'),
        Statement: { RateBasedStatement: { Limit: 10, EvaluationWindowSec: 600, AggregateKeyType: 'IP' } },
      },
    ]);
    await client.send(new waf.AssociateWebACLCommand({ ResourceArn: api.stageArn, WebACLArn: acl.arn }));
    const statuses: number[] = [];
    for (let calls = 0; calls < 12; calls++) statuses.push((await api.call('/open')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);
    const keys = await client.send(
      new waf.GetRateBasedStatementManagedKeysCommand({
        Scope: 'REGIONAL',
        WebACLName: acl.Name,
        WebACLId: acl.Id,
        RuleName: 'often',
      }),
    );
    expect(keys.ManagedKeysIPV4?.Addresses).toEqual(['127.0.0.1/32']);
  });

  test('what it decides is logged, as far as the filter keeps it, without what is redacted', async () => {
    const api = await makeApi();
    const acl = await makeAcl([pathRule('evil', '/evil')]);
    const group = `aws-waf-logs-${acl.Name}`;
    await client.send(
      new waf.PutLoggingConfigurationCommand({
        LoggingConfiguration: {
          ResourceArn: acl.arn,
          LogDestinationConfigs: [`arn:aws:logs:us-east-1:123456789012:log-group:${group}`],
          RedactedFields: [{ SingleHeader: { Name: 'authorization' } }],
          LoggingFilter: {
            DefaultBehavior: 'DROP',
            Filters: [
              {
                Behavior: 'KEEP',
                Requirement: 'MEETS_ANY',
                Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
              },
            ],
          },
        },
      }),
    );
    await client.send(new waf.AssociateWebACLCommand({ ResourceArn: api.stageArn, WebACLArn: acl.arn }));
    await api.call('/open');
    await api.call('/evil', { headers: { authorization: 'secret' } });
    const cloudWatch = new logs.CloudWatchLogsClient(server.options());
    const messages = async (): Promise<string[]> => {
      const found = await cloudWatch
        .send(new logs.FilterLogEventsCommand({ logGroupName: group }))
        .catch(() => undefined);
      return found?.events?.map(({ message = '' }) => message) ?? [];
    };
    let written = await messages();
    while (written.length === 0) {
      await Bun.sleep(10);
      written = await messages();
    }
    expect(written).toHaveLength(1);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      action: 'BLOCK',
      terminatingRuleId: 'evil',
      httpRequest: { uri: '/v1/evil', clientIp: '127.0.0.1' },
    });
    expect(written[0]).not.toContain('secret');
  });
});

describe('a user pool', () => {
  test('public operations and hosted pages are asked, administrators are not', async () => {
    const pools = new idp.CognitoIdentityProviderClient({ ...server.options(), maxAttempts: 1 });
    const { UserPool } = await pools.send(new idp.CreateUserPoolCommand({ PoolName: 'shop' }));
    const made = await pools.send(
      new idp.CreateUserPoolClientCommand({ UserPoolId: UserPool?.Id, ClientName: 'web' }),
    );
    const ClientId = made.UserPoolClient?.ClientId;
    const acl = await makeAcl([
      {
        Name: 'sdk',
        Priority: 0,
        Action: { Block: {} },
        VisibilityConfig: visible('sdk'),
        Statement: { IPSetReferenceStatement: { ARN: await localAddresses() } },
      },
    ]);
    const signUp = () =>
      failure(pools.send(new idp.SignUpCommand({ ClientId, Username: 'ada', Password: 'Correct-Horse-7' })));
    await client.send(new waf.AssociateWebACLCommand({ ResourceArn: UserPool?.Arn, WebACLArn: acl.arn }));
    expect(await signUp()).toBe('ForbiddenException: Request not allowed due to WAF block.');
    expect((await fetch(`${server.url}/logout?client_id=${ClientId}`)).status).toBe(403);
    const users = await pools.send(new idp.ListUsersCommand({ UserPoolId: UserPool?.Id }));
    expect(users.Users).toEqual([]);
    await client.send(new waf.DisassociateWebACLCommand({ ResourceArn: UserPool?.Arn }));
    expect(await signUp()).toBe('no failure');
  });

  async function localAddresses(): Promise<string | undefined> {
    const set = await client.send(
      new waf.CreateIPSetCommand({
        Name: 'local',
        Scope: 'REGIONAL',
        IPAddressVersion: 'IPV4',
        Addresses: ['127.0.0.1/32'],
      }),
    );
    return set.Summary?.ARN;
  }
});

describe('refusals', () => {
  const rows: [string, () => Promise<unknown>, string][] = [
    [
      'a managed rule group',
      () =>
        makeAcl([
          {
            Name: 'common',
            Priority: 0,
            OverrideAction: { None: {} },
            VisibilityConfig: visible('common'),
            Statement: {
              ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet' },
            },
          },
        ]),
      'the managed rule group AWS AWSManagedRulesCommonRuleSet: not supported by gatehouse',
    ],
    [
      'a captcha',
      () => makeAcl([pathRule('x', 'x', { Action: { Captcha: {} } })]),
      'the action Captcha: not supported by gatehouse',
    ],
    [
      'two rules of one priority',
      () => makeAcl([pathRule('a', 'x'), pathRule('b', 'x')]),
      'You have used none or multiple values for a field that requires exactly one value.',
    ],
    [
      'an address set that is not there',
      () =>
        makeAcl([
          pathRule('x', 'x', {
            Statement: {
              IPSetReferenceStatement: {
                ARN: 'arn:aws:wafv2:us-east-1:123456789012:regional/ipset/gone/11111111-1111-1111-1111-111111111111',
              },
            },
          }),
        ]),
      'AWS WAF couldn’t perform the operation because your resource doesn’t exist.',
    ],
    [
      'a pattern with a back reference',
      () =>
        client.send(
          new waf.CreateRegexPatternSetCommand({
            Name: 'p',
            Scope: 'REGIONAL',
            RegularExpressionList: [{ RegexString: '(a)\\1' }],
          }),
        ),
      'The regular expression isn’t valid.',
    ],
    [
      'an address with no prefix',
      () =>
        client.send(
          new waf.CreateIPSetCommand({
            Name: 'i',
            Scope: 'REGIONAL',
            IPAddressVersion: 'IPV4',
            Addresses: ['10.0.0.1'],
          }),
        ),
      'field: IP_ADDRESS, parameter: 10.0.0.1',
    ],
    [
      'more than a rule group has room for',
      () =>
        client.send(
          new waf.CreateRuleGroupCommand({
            Name: 'g',
            Scope: 'REGIONAL',
            Capacity: 5,
            VisibilityConfig: visible('g'),
            Rules: [pathRule('x', 'x')],
          }),
        ),
      'the rules use 10 of 5 WCUs',
    ],
    [
      'a resource that no web ACL protects here',
      async () => {
        const acl = await makeAcl([]);
        const ResourceArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/x/1';
        return client.send(new waf.AssociateWebACLCommand({ ResourceArn, WebACLArn: acl.arn }));
      },
      'not supported by gatehouse',
    ],
    [
      'CloudFront',
      () => client.send(new waf.ListWebACLsCommand({ Scope: 'CLOUDFRONT' })),
      'Scope CLOUDFRONT: not supported by gatehouse',
    ],
  ];
  for (const [name, work, words] of rows)
    test(name, async () => {
      expect(await failure(work())).toContain(words);
    });
});
