/**
 * Universal targets: `arn:aws:scheduler:::aws-sdk:sqs:sendMessage` calls any operation of any service.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
interface Universal {
  /** The service's id in the wire's table. */
  readonly service: string;
  readonly operation: string;
}

/** Names of AWS's SDK for Java, where they differ from the ids here. */
const IDS: Readonly<Record<string, string>> = {
  sfn: 'stepfunctions',
  eventbridge: 'events',
  cloudwatchlogs: 'logs',
  cognitoidentityprovider: 'cognito-idp',
  elasticloadbalancingv2: 'elbv2',
  dynamodbstreams: 'dynamodbstreams',
};

export function universalOf(arn: string | undefined): Universal | undefined {
  const [, name, method] =
    /^arn:aws[\w-]*:scheduler:::aws-sdk:([a-z0-9-]+):([a-zA-Z0-9]+)$/.exec(arn ?? '') ?? [];
  if (name === undefined || method === undefined) return undefined;
  return { service: IDS[name] ?? name, operation: method.charAt(0).toUpperCase() + method.slice(1) };
}

/** Members that are bytes come as texts in JSON. */
const BYTES: Readonly<Record<string, readonly string[]>> = {
  'lambda.Invoke': ['Payload'],
  'kinesis.PutRecord': ['Data'],
};

export function universalInput({ service, operation }: Universal, text: string): object {
  const input: unknown = JSON.parse(text);
  if (typeof input !== 'object' || input === null) return {};
  const shaped: Record<string, unknown> = { ...input };
  for (const name of BYTES[`${service}.${operation}`] ?? []) {
    const value = shaped[name];
    if (value !== undefined)
      shaped[name] = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  }
  return shaped;
}
