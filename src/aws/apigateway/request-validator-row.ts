import { table } from '../../store/store.ts';

export interface RequestValidatorRow {
  readonly id: string;
  readonly name?: string | undefined;
  readonly validateRequestBody: boolean;
  readonly validateRequestParameters: boolean;
}

/** Keyed `{apiId}/{id}`. */
export const validators = table<RequestValidatorRow>('apigateway.request-validators');
