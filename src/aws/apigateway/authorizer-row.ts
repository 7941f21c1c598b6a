import type { Authorizer } from '@aws-sdk/client-api-gateway';
import { table } from '../../store/store.ts';

/** The SDK's shape, with what every authorizer has. */
export interface AuthorizerRow extends Authorizer {
  readonly id: string;
  readonly name: string;
  readonly type: 'TOKEN' | 'REQUEST' | 'COGNITO_USER_POOLS';
}

/** Keyed `{apiId}/{id}`. */
export const authorizers = table<AuthorizerRow>('apigateway.authorizers');
