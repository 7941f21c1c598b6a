/** What a web ACL is compiled from, and what it says of a request. */
import type {
  CustomHTTPHeader,
  CustomResponseBody,
  DefaultAction,
  Rule,
  VisibilityConfig,
} from '@aws-sdk/client-wafv2';

export interface RuleGroupDefinition {
  readonly name: string;
  readonly labelNamespace: string;
  readonly rules: readonly Rule[];
  readonly customResponseBodies: Readonly<Record<string, CustomResponseBody>>;
}

export interface WebAclDefinition extends RuleGroupDefinition {
  readonly defaultAction: DefaultAction;
  readonly visibility: VisibilityConfig;
  /** How much of a body is looked at. */
  readonly bodyBytes: number;
}

/** What rules refer to by ARN. Each throws an Error when nobody has it. */
export interface References {
  readonly addresses: (arn: string) => readonly string[];
  readonly patterns: (arn: string) => readonly string[];
  readonly group: (arn: string) => RuleGroupDefinition;
}

export interface Environment {
  readonly now: () => number;
  /** Counts the requests of one key within a window; how many there were, this one included. */
  readonly count: (rule: string, key: string, windowSeconds: number) => number;
}

export interface RuleMatch {
  readonly ruleName: string;
  readonly metricName: string;
  readonly action: 'ALLOW' | 'BLOCK' | 'COUNT';
  readonly type: 'REGULAR' | 'RATE_BASED' | 'GROUP';
  readonly sampled: boolean;
  /** Of a rule inside a group. */
  readonly withinGroup?: string;
  readonly rateKey?: string;
}

export interface Outcome {
  readonly action: 'ALLOW' | 'BLOCK';
  /** The rule that decided; undefined: the default action did. */
  readonly terminating: RuleMatch | undefined;
  /** Rules that only counted, in order. */
  readonly counted: readonly RuleMatch[];
  readonly labels: readonly string[];
  readonly insertedHeaders: readonly CustomHTTPHeader[];
  readonly response?: CompiledResponse;
}

export interface CompiledResponse {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
  readonly contentType?: string;
}
