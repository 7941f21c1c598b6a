/** Who makes a request, by which of the API's modes. */
import type { AuthorizationType } from './config.ts';
import type { AuthTypeName } from './effects.ts';

export interface Identity {
  readonly type: AuthorizationType;
  /** As `ctx.identity` shows it; null for API keys. */
  readonly shown: unknown;
  readonly groups: readonly string[];
  /** `Type.field` names a Lambda authorizer keeps from this caller. */
  readonly deniedFields: ReadonlySet<string>;
  /** Until when what was decided holds: milliseconds since 1970. */
  readonly goodUntil: number;
  /** For caches: callers that differ here share nothing. */
  readonly key: string;
  /** Asked for each field when the caller is known to IAM. */
  readonly mayAccess?: (typeName: string, fieldName: string) => Promise<boolean>;
}

export const AUTH_TYPE_NAMES: Readonly<Record<AuthorizationType, AuthTypeName>> = {
  API_KEY: 'API Key Authorization',
  AWS_IAM: 'IAM Authorization',
  AMAZON_COGNITO_USER_POOLS: 'User Pool Authorization',
  OPENID_CONNECT: 'Open ID Connect Authorization',
  AWS_LAMBDA: 'Lambda Authorization',
};
