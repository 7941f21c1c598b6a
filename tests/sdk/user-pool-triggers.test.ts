/** A SAM template with a trigger and an authorizer, on real functions: signing up is judged, the API knows who calls. */
import { expect, test } from 'bun:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import * as idp from '@aws-sdk/client-cognito-identity-provider';
import { useServer } from './test-server.ts';

const server = useServer();
const StackName = 'sam-identity';
const PASSWORD = 'Correct-Horse-7';

const template = {
  Transform: 'AWS::Serverless-2016-10-31',
  Globals: { Function: { Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: 5 } },
  Resources: {
    Pool: { Type: 'AWS::Cognito::UserPool', Properties: { AutoVerifiedAttributes: ['email'] } },
    Client: {
      Type: 'AWS::Cognito::UserPoolClient',
      Properties: {
        UserPoolId: { Ref: 'Pool' },
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      },
    },
    Judge: {
      Type: 'AWS::Serverless::Function',
      Properties: {
        InlineCode: `exports.handler = async (event) => {
          if (!event.request.userAttributes.email.endsWith('@example.com')) throw new Error('Not one of us');
          event.response.autoConfirmUser = true;
          event.response.autoVerifyEmail = true;
          return event;
        };`,
        Events: {
          SignUp: { Type: 'Cognito', Properties: { UserPool: { Ref: 'Pool' }, Trigger: 'PreSignUp' } },
        },
      },
    },
    Api: {
      Type: 'AWS::Serverless::Api',
      Properties: {
        StageName: 'v1',
        Auth: {
          DefaultAuthorizer: 'Users',
          Authorizers: { Users: { UserPoolArn: { 'Fn::GetAtt': ['Pool', 'Arn'] } } },
        },
      },
    },
    Who: {
      Type: 'AWS::Serverless::Function',
      Properties: {
        InlineCode: `exports.handler = async (event) => ({
          statusCode: 200,
          body: event.requestContext.authorizer.claims.email,
        });`,
        Events: {
          Get: { Type: 'Api', Properties: { RestApiId: { Ref: 'Api' }, Path: '/who', Method: 'get' } },
        },
      },
    },
  },
  Outputs: { Client: { Value: { Ref: 'Client' } }, Api: { Value: { Ref: 'Api' } } },
};

test('a SAM template with a trigger and an authorizer', async () => {
  const stacks = new cfn.CloudFormationClient(server.options());
  const pools = new idp.CognitoIdentityProviderClient({ ...server.options(), maxAttempts: 1 });
  await stacks.send(
    new cfn.CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'],
    }),
  );
  await cfn.waitUntilStackCreateComplete(
    { client: stacks, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName },
  );
  const { Stacks } = await stacks.send(new cfn.DescribeStacksCommand({ StackName }));
  const output = (name: string) =>
    Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
  const ClientId = output('Client');
  const join = (email: string) =>
    pools.send(
      new idp.SignUpCommand({
        ClientId,
        Username: email.split('@')[0],
        Password: PASSWORD,
        UserAttributes: [{ Name: 'email', Value: email }],
      }),
    );
  const refused = await join('eve@elsewhere.net').catch(
    (thrown: Error) => `${thrown.name}: ${thrown.message}`,
  );
  expect(refused).toBe('UserLambdaValidationException: PreSignUp failed with error Not one of us.');
  expect((await join('ada@example.com')).UserConfirmed).toBe(true);
  const { AuthenticationResult } = await pools.send(
    new idp.InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId,
      AuthParameters: { USERNAME: 'ada', PASSWORD },
    }),
  );
  const url = `${server.url}/_aws/execute-api/${output('Api')}/v1/who`;
  expect((await fetch(url)).status).toBe(401);
  const answer = await fetch(url, { headers: { authorization: AuthenticationResult?.IdToken ?? '' } });
  expect(await answer.text()).toBe('ada@example.com');
}, 60_000);
