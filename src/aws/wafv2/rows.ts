/** What is kept of web ACLs and what they are made of. Keys are `{id}`, which is unique in its region. */
import type {
  AssociationConfig,
  CaptchaConfig,
  ChallengeConfig,
  CustomResponseBody,
  DefaultAction,
  LoggingConfiguration,
  VisibilityConfig,
} from '@aws-sdk/client-wafv2';
import { table } from '../../store/store.ts';

/** What all of them have. */
export interface NamedRow {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly description?: string;
  readonly lockToken: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface IpSetRow extends NamedRow {
  readonly version: 'IPV4' | 'IPV6';
  readonly addresses: readonly string[];
}

export interface RegexSetRow extends NamedRow {
  readonly patterns: readonly string[];
}

export interface RuleGroupRow extends NamedRow {
  readonly capacity: number;
  /** JSON, whose bytes are base64: packed-rules.ts. */
  readonly rules: string;
  readonly visibility: VisibilityConfig;
  readonly bodies: Readonly<Record<string, CustomResponseBody>>;
}

export interface WebAclRow extends RuleGroupRow {
  readonly defaultAction: DefaultAction;
  readonly association?: AssociationConfig;
  readonly captcha?: CaptchaConfig;
  readonly challenge?: ChallengeConfig;
}

export const ipSets = table<IpSetRow>('wafv2.ip-sets');
export const regexSets = table<RegexSetRow>('wafv2.regex-pattern-sets');
export const ruleGroups = table<RuleGroupRow>('wafv2.rule-groups');
export const webAcls = table<WebAclRow>('wafv2.web-acls');
/** By the ARN of what is protected. */
export const associations = table<{ readonly webAclArn: string }>('wafv2.associations');
/** By the ARN of the web ACL. */
export const loggings = table<LoggingConfiguration>('wafv2.logging-configurations');
/** Under one key: rises with every change of what web ACLs are compiled from. */
export const generations = table<{ readonly generation: number }>('wafv2.generations');
