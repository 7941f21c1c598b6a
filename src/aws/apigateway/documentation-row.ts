import type { DocumentationPartLocation } from '@aws-sdk/client-api-gateway';
import { table } from '../../store/store.ts';

export interface DocumentationPartRow {
  readonly id: string;
  readonly location: DocumentationPartLocation;
  /** A JSON object, as text. */
  readonly properties: string;
}

/** Keyed `{apiId}/{id}`. */
export const documentationParts = table<DocumentationPartRow>('apigateway.documentation-parts');

export interface DocumentationVersionRow {
  readonly version: string;
  readonly description?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdDate: number;
  /** The parts as they were. */
  readonly parts: readonly DocumentationPartRow[];
}

/** Keyed `{apiId}/{version}`. */
export const documentationVersions = table<DocumentationVersionRow>('apigateway.documentation-versions');
