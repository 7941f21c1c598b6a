/** AWS::Cognito::* and AWS::WAFv2::* in one stack: made, changed and removed. */
import { beforeAll, expect, test } from 'bun:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import * as idp from '@aws-sdk/client-cognito-identity-provider';
import * as waf from '@aws-sdk/client-wafv2';
import { useServer } from './test-server.ts';

const server = useServer();
let stacks: cfn.CloudFormationClient;
let pools: idp.CognitoIdentityProviderClient;
let acls: waf.WAFV2Client;

beforeAll(() => {
  stacks = new cfn.CloudFormationClient(server.options());
  pools = new idp.CognitoIdentityProviderClient(server.options());
  acls = new waf.WAFV2Client(server.options());
});

const visible = (MetricName: string) => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: true,
  MetricName,
});

const template = (more: { readonly minimum: number; readonly blocked: string; readonly group: boolean }) => ({
  Resources: {
    Pool: {
      Type: 'AWS::Cognito::UserPool',
      Properties: {
        UserPoolName: 'shop',
        UsernameAttributes: ['email'],
        AutoVerifiedAttributes: ['email'],
        MfaConfiguration: 'OPTIONAL',
        EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
        Policies: { PasswordPolicy: { MinimumLength: more.minimum } },
        Schema: [{ Name: 'tenant', AttributeDataType: 'String', Mutable: true }],
        UserPoolTags: { team: 'blue' },
      },
    },
    Scopes: {
      Type: 'AWS::Cognito::UserPoolResourceServer',
      Properties: {
        UserPoolId: { Ref: 'Pool' },
        Identifier: 'orders',
        Name: 'Orders',
        Scopes: [{ ScopeName: 'read', ScopeDescription: 'reads' }],
      },
    },
    Client: {
      Type: 'AWS::Cognito::UserPoolClient',
      DependsOn: 'Scopes',
      Properties: {
        UserPoolId: { Ref: 'Pool' },
        GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: ['orders/read'],
      },
    },
    Domain: {
      Type: 'AWS::Cognito::UserPoolDomain',
      Properties: { UserPoolId: { Ref: 'Pool' }, Domain: 'shop-stack' },
    },
    ...(more.group && {
      Admins: {
        Type: 'AWS::Cognito::UserPoolGroup',
        Properties: { UserPoolId: { Ref: 'Pool' }, GroupName: 'admins', Precedence: 1 },
      },
      Ada: {
        Type: 'AWS::Cognito::UserPoolUser',
        Properties: { UserPoolId: { Ref: 'Pool' }, Username: 'ada@example.com', MessageAction: 'SUPPRESS' },
      },
      AdaIsAdmin: {
        Type: 'AWS::Cognito::UserPoolUserToGroupAttachment',
        Properties: {
          UserPoolId: { Ref: 'Pool' },
          GroupName: { Ref: 'Admins' },
          Username: { Ref: 'Ada' },
        },
      },
    }),
    Blocked: {
      Type: 'AWS::WAFv2::IPSet',
      Properties: { Scope: 'REGIONAL', IPAddressVersion: 'IPV4', Addresses: [more.blocked] },
    },
    Patterns: {
      Type: 'AWS::WAFv2::RegexPatternSet',
      Properties: { Name: 'paths', Scope: 'REGIONAL', RegularExpressionList: ['^/admin'] },
    },
    Acl: {
      Type: 'AWS::WAFv2::WebACL',
      Properties: {
        Name: 'shop',
        Scope: 'REGIONAL',
        DefaultAction: { Allow: {} },
        VisibilityConfig: visible('shop'),
        Rules: [
          {
            Name: 'blocked',
            Priority: 0,
            Action: { Block: {} },
            VisibilityConfig: visible('blocked'),
            Statement: {
              OrStatement: {
                Statements: [
                  { IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': ['Blocked', 'Arn'] } } },
                  {
                    RegexPatternSetReferenceStatement: {
                      Arn: { 'Fn::GetAtt': ['Patterns', 'Arn'] },
                      FieldToMatch: { UriPath: {} },
                      TextTransformations: [{ Priority: 0, Type: 'LOWERCASE' }],
                    },
                  },
                  {
                    ByteMatchStatement: {
                      SearchString: 'evil',
                      FieldToMatch: { SingleHeader: { Name: 'user-agent' } },
                      PositionalConstraint: 'CONTAINS',
                      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
                    },
                  },
                ],
              },
            },
          },
        ],
      },
    },
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'shop' } },
    Method: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: { Ref: 'Api' },
        ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
        HttpMethod: 'GET',
        AuthorizationType: 'NONE',
        Integration: {
          Type: 'MOCK',
          RequestTemplates: { 'application/json': '{"statusCode":200}' },
          IntegrationResponses: [{ StatusCode: '200' }],
        },
        MethodResponses: [{ StatusCode: '200' }],
      },
    },
    Deployment: {
      Type: 'AWS::ApiGateway::Deployment',
      DependsOn: 'Method',
      Properties: { RestApiId: { Ref: 'Api' } },
    },
    Stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: { RestApiId: { Ref: 'Api' }, DeploymentId: { Ref: 'Deployment' }, StageName: 'v1' },
    },
    Protected: {
      Type: 'AWS::WAFv2::WebACLAssociation',
      DependsOn: 'Stage',
      Properties: {
        ResourceArn: { 'Fn::Sub': 'arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/v1' },
        WebACLArn: { 'Fn::GetAtt': ['Acl', 'Arn'] },
      },
    },
  },
  Outputs: {
    Pool: { Value: { Ref: 'Pool' } },
    PoolArn: { Value: { 'Fn::GetAtt': ['Pool', 'Arn'] } },
    Issuer: { Value: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] } },
    Client: { Value: { Ref: 'Client' } },
    Secret: { Value: { 'Fn::GetAtt': ['Client', 'ClientSecret'] } },
    Capacity: { Value: { 'Fn::GetAtt': ['Acl', 'Capacity'] } },
    Api: { Value: { Ref: 'Api' } },
  },
});

const StackName = 'identity';

async function outputs(): Promise<Record<string, string>> {
  const { Stacks } = await stacks.send(new cfn.DescribeStacksCommand({ StackName }));
  return Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

test('a pool, its parts, a web ACL and what it protects', async () => {
  const first = { minimum: 10, blocked: '192.0.2.0/24', group: true };
  await stacks.send(new cfn.CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template(first)) }));
  await cfn.waitUntilStackCreateComplete(
    { client: stacks, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName },
  );
  const made = await outputs();
  expect(made).toMatchObject({
    PoolArn: `arn:aws:cognito-idp:us-east-1:123456789012:userpool/${made['Pool']}`,
    Issuer: `https://cognito-idp.us-east-1.amazonaws.com/${made['Pool']}`,
    Capacity: '46',
  });
  const UserPoolId = made['Pool'];
  const members = await pools.send(new idp.ListUsersInGroupCommand({ UserPoolId, GroupName: 'admins' }));
  expect(members.Users).toHaveLength(1);
  const mfa = await pools.send(new idp.GetUserPoolMfaConfigCommand({ UserPoolId }));
  expect(mfa).toMatchObject({
    MfaConfiguration: 'OPTIONAL',
    SoftwareTokenMfaConfiguration: { Enabled: true },
  });
  const granted = await fetch(`${server.url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${made['Client']}:${made['Secret']}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  expect(await granted.json()).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  const call = (agent: string) =>
    fetch(`${server.url}/_aws/execute-api/${made['Api']}/v1/`, { headers: { 'user-agent': agent } });
  expect([(await call('good')).status, (await call('so evil')).status]).toEqual([200, 403]);

  const second = { minimum: 12, blocked: '127.0.0.1/32', group: false };
  await stacks.send(
    new cfn.UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(template(second)) }),
  );
  await cfn.waitUntilStackUpdateComplete(
    { client: stacks, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName },
  );
  const { UserPool } = await pools.send(new idp.DescribeUserPoolCommand({ UserPoolId }));
  expect(UserPool?.Policies?.PasswordPolicy?.MinimumLength).toBe(12);
  expect(UserPool?.MfaConfiguration).toBe('OPTIONAL');
  expect(UserPool?.UserPoolTags).toMatchObject({ team: 'blue' });
  expect((await pools.send(new idp.ListGroupsCommand({ UserPoolId }))).Groups).toEqual([]);
  expect((await call('good')).status).toBe(403);

  const fixed = template(second);
  fixed.Resources.Pool.Properties.UsernameAttributes = ['phone_number'];
  await stacks.send(new cfn.UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(fixed) }));
  const rolledBack = cfn.waitUntilStackUpdateComplete(
    { client: stacks, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName },
  );
  expect(
    await rolledBack.then(
      () => 'updated',
      () => 'refused',
    ),
  ).toBe('refused');
  const { StackEvents } = await stacks.send(new cfn.DescribeStackEventsCommand({ StackName }));
  expect(StackEvents?.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join(' ')).toContain(
    'Updates are not allowed for property - UsernameAttributes.',
  );

  await stacks.send(new cfn.DeleteStackCommand({ StackName }));
  await cfn.waitUntilStackDeleteComplete(
    { client: stacks, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName },
  );
  expect((await pools.send(new idp.ListUserPoolsCommand({ MaxResults: 10 }))).UserPools).toEqual([]);
  expect((await acls.send(new waf.ListWebACLsCommand({ Scope: 'REGIONAL' }))).WebACLs).toEqual([]);
  expect((await acls.send(new waf.ListIPSetsCommand({ Scope: 'REGIONAL' }))).IPSets).toEqual([]);
});
