/** Rows of AppSync. */
import type {
  AdditionalAuthenticationProvider,
  ApiCache,
  CreateGraphqlApiRequest,
  DataSource,
  FunctionConfiguration,
  Resolver,
} from '@aws-sdk/client-appsync';
import { arnOf } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';

type Plain<T> = { readonly [Key in keyof T]: T[Key] };

export interface ApiRow {
  readonly apiId: string;
  readonly name: string;
  readonly settings: Plain<Omit<CreateGraphqlApiRequest, 'name' | 'tags'>>;
  readonly additional: readonly AdditionalAuthenticationProvider[];
  readonly tags: Readonly<Record<string, string>>;
  readonly schema?: string;
  readonly schemaStatus?: { readonly status: 'SUCCESS' | 'FAILED'; readonly details: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly cache?: ApiCache;
  /** ARN of the web ACL in front of it. */
  readonly webAcl?: string;
}

export interface ApiKeyRow {
  readonly id: string;
  readonly description?: string;
  /** Seconds since 1970, on the hour. */
  readonly expires: number;
  readonly deletes: number;
}

/** Where an API lives, by its id: ids are unique over all accounts and regions. */
export const apiPlaces = table<Scope>('appsync.api-places');
export const apis = table<ApiRow>('appsync.apis');
/** The following are keyed `apiId/...`. */
export const apiKeys = table<ApiKeyRow>('appsync.api-keys');
export const dataSources = table<DataSource>('appsync.data-sources');
export const functions = table<FunctionConfiguration>('appsync.functions');
export const resolvers = table<Resolver>('appsync.resolvers');

export const apiArn = (scope: Scope, apiId: string): string => arnOf(scope, 'appsync', `apis/${apiId}`);
