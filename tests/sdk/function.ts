/** A function that is ready to be called, made through the official client. */
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';

export interface FunctionUnderTest {
  readonly arn: string;
  /** As REST APIs name it. */
  readonly invocationUri: string;
  allowApi(apiId: string): Promise<void>;
  delete(): Promise<void>;
}

export async function createFunction(
  options: { readonly endpoint: string; readonly region: string; readonly credentials: object },
  FunctionName: string,
  files: Readonly<Record<string, string>>,
  more: Partial<lambda.CreateFunctionCommandInput> = {},
): Promise<FunctionUnderTest> {
  const settings = { ...options, maxAttempts: 1 } as lambda.LambdaClientConfig & iam.IAMClientConfig;
  const functions = new lambda.LambdaClient(settings);
  const RoleName = `${FunctionName}-role`;
  const roles = new iam.IAMClient(settings);
  const { Role } = await roles.send(
    new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) }),
  );
  const ZipFile = zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])),
  );
  const { FunctionArn: arn = '' } = await functions.send(
    new lambda.CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: Role?.Arn,
      Code: { ZipFile },
      ...more,
    }),
  );
  await lambda.waitUntilFunctionActiveV2({ client: functions, maxWaitTime: 30 }, { FunctionName });
  return {
    arn,
    invocationUri: `arn:aws:apigateway:${options.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
    async allowApi(apiId) {
      await functions.send(
        new lambda.AddPermissionCommand({
          FunctionName,
          StatementId: `api-${apiId}`,
          Action: 'lambda:InvokeFunction',
          Principal: 'apigateway.amazonaws.com',
          SourceArn: `arn:aws:execute-api:${options.region}:123456789012:${apiId}/*`,
        }),
      );
    },
    async delete() {
      await functions.send(new lambda.DeleteFunctionCommand({ FunctionName }));
      await roles.send(new iam.DeleteRoleCommand({ RoleName }));
    },
  };
}

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
