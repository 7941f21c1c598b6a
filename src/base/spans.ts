/** Work that was done for a request, as traces tell it. */
import type { Scope } from './scope.ts';

/** One piece of work of this server: a stage's answer, or a function's run. */
export interface Span {
  readonly scope: Scope;
  /** `1-5759e988-bd862e3fe1be46a994272793`. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly id: string;
  readonly parentId: string | undefined;
  /** `orders/prod`, or a function's name. */
  readonly name: string;
  /** `AWS::ApiGateway::Stage`, `AWS::Lambda::Function`. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** X-Ray keeps it. */
  readonly sampled: boolean;
  readonly failure: 'error' | 'throttle' | 'fault' | undefined;
  readonly http?: {
    readonly method: string;
    readonly url: string;
    readonly status: number;
    readonly clientIp: string;
    readonly userAgent: string | undefined;
    readonly route: string | undefined;
  };
  /** What X-Ray shows under `aws`. */
  readonly aws: Readonly<Record<string, unknown>>;
  /** The backend's part of it. */
  readonly backend?: {
    readonly startedAt: number;
    readonly endedAt: number;
    readonly status: number | undefined;
  };
}
