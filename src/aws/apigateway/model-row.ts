import { table } from '../../store/store.ts';

export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly contentType: string;
  /** JSON Schema draft 4, as text; `#/definitions/X` and full model URLs as they came. */
  readonly schema?: string | undefined;
}

/** Keyed `{apiId}/{name}`. */
export const models = table<ModelRow>('apigateway.models');
