/** Calls of what a function reads from or is told through: made by its role, as on AWS, whose rights count where IAM is enforced. */
import { parseArn } from '../../base/arn.ts';
import type { Caller } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { LambdaRoom } from './ports.ts';

export interface SourceCall {
  <Output>(service: string, operation: string, input: object): Promise<Output>;
}

/** In the source's own region and account. */
export function createSourceCall(
  room: Pick<LambdaRoom, 'call'>,
  { arn, roleArn, sessionName, fallback }: SourceOf,
): SourceCall {
  const source = parseArn(arn);
  const scope =
    source?.region && source.account ? { account: source.account, region: source.region } : fallback;
  const caller = roleCaller(roleArn, sessionName, fallback.account);
  return async <Output>(service: string, operation: string, input: object) =>
    (await room.call({
      service,
      operation,
      input,
      scope,
      caller,
      calledVia: 'lambda.amazonaws.com',
    })) as Output; // the caller names the operation's own output
}

export interface SourceOf {
  readonly arn: string;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly fallback: Scope;
}

/** `arn:aws:iam::1:role/path/name` acts as `arn:aws:sts::1:assumed-role/name/session`. */
function roleCaller(roleArn: string, sessionName: string, fallback: string): Caller {
  const role = parseArn(roleArn);
  const account = role?.account || fallback;
  const name = role?.resource.split('/').at(-1) ?? 'none';
  return {
    kind: 'assumed-role',
    account,
    arn: `arn:${role?.partition ?? 'aws'}:sts::${account}:assumed-role/${name}/${sessionName}`,
    userId: `${name}:${sessionName}`,
    accessKeyId: '',
  };
}
