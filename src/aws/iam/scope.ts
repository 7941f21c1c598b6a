/** IAM knows no regions: its rows live in the account's global scope. */
import { partitionOf } from '../../base/arn.ts';
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';

export const globalScope = (account: string): Scope => ({ account, region: GLOBAL_REGION });

/** `arn:aws:iam::123456789012:role/service/orders` for `iamArn(scope, 'role', '/service/', 'orders')`. */
export const iamArn = (scope: Scope, noun: string, path: string, name: string): string =>
  `arn:${partitionOf(scope.region)}:iam::${scope.account}:${noun}${path}${name}`;
