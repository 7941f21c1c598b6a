/** A request that the gateway itself answers: AWS's type of gateway response, and its words. */
import type { GatewayResponseType } from '@aws-sdk/client-api-gateway';

/** REST's types; HTTP APIs word the same events in their own way (kinds/http-refusals.ts). */
export type RefusalType = GatewayResponseType;

export interface RefusalDetails {
  /** Overrides the type's status while it is not customised, as AWS does for integration failures. */
  readonly status?: number;
  /** The exact body while the type is not customised. */
  readonly bytes?: string;
  /** Overrides the type's `x-amzn-ErrorType`. */
  readonly errorType?: string;
  readonly headers?: readonly string[];
  readonly validationError?: string;
  /** Goes out as it is, whatever is customised: the answer of a web ACL's rule. */
  readonly verbatim?: {
    readonly status: number;
    readonly headers: readonly string[];
    readonly body: string;
  };
  /** For logs only. */
  readonly reason?: string;
}

export class Refusal extends Error {
  readonly type: RefusalType;
  /** `$context.error.message`; null prints as `null`. */
  readonly text: string | null;
  readonly details: RefusalDetails;

  constructor(type: RefusalType, text: string | null, details: RefusalDetails = {}) {
    super(text ?? type);
    this.name = 'Refusal';
    this.type = type;
    this.text = text;
    this.details = details;
  }
}

export const isRefusal = (thrown: unknown): thrown is Refusal => thrown instanceof Refusal;

/** A method that is set up wrongly: `reason` as AWS's execution log says it. */
export const configurationError = (reason: string, status = 500): Refusal =>
  new Refusal('API_CONFIGURATION_ERROR', 'Internal server error', {
    status,
    reason: `Execution failed due to configuration error: ${reason}`,
  });
