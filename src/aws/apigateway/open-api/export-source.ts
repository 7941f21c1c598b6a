import type { Scope } from '../../../base/scope.ts';
import type { RestDefinition } from '../../../gateway/config.ts';
import type { DocumentationVersionRow } from '../documentation-row.ts';
import type { RestApiRow } from '../rest-api-row.ts';

/** What goes into a document beside what OpenAPI itself knows. */
export interface Extensions {
  readonly integrations: boolean;
  readonly authorizers: boolean;
  /** Everything else of API Gateway's: validators, gateway responses, policy, binary types. */
  readonly apigateway: boolean;
  readonly documentation: boolean;
  /** `x-postman-meta` at methods that have to be signed. */
  readonly postman: boolean;
}

/** A frozen API on its way to becoming a document. */
export interface ExportSource {
  readonly version: 2 | 3;
  readonly scope: Scope;
  readonly api: RestApiRow;
  readonly definition: RestDefinition;
  readonly stageName: string;
  readonly apiVersion: string;
  readonly extensions: Extensions;
  readonly documentation?: DocumentationVersionRow;
}
