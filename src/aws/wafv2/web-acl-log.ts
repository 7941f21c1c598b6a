/**
 * What a web ACL writes of each request: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
 * Log groups only; other destinations are refused when the configuration is made.
 */
import type { FieldToMatch, LoggingConfiguration, LoggingFilter } from '@aws-sdk/client-wafv2';
import { randomUUID } from 'node:crypto';
import { parseArn } from '../../base/arn.ts';
import type { WebAclRequest } from '../../base/ports.ts';
import type { Outcome, RuleMatch } from '../../lang/waf/web-acl.ts';
import type { WafPorts } from './ports.ts';
import type { WebAclRow } from './rows.ts';

export interface LoggedRequest {
  readonly row: WebAclRow;
  readonly request: WebAclRequest;
  readonly country: string | undefined;
  readonly outcome: Outcome;
}

/** Writes what the configuration keeps of a request to its log groups. */
export function writeWebAclLog(
  ports: WafPorts,
  configuration: LoggingConfiguration,
  logged: LoggedRequest,
): void {
  const { row, outcome } = logged;
  if (!isWanted(configuration.LoggingFilter, outcome)) return;
  const { account, region } = parseArn(row.arn) ?? { account: '', region: '' };
  const timestamp = ports.now();
  const message = JSON.stringify(recordOf(logged, configuration, timestamp));
  for (const destination of configuration.LogDestinationConfigs ?? []) {
    const group =
      parseArn(destination)
        ?.resource.replace(/^log-group:/, '')
        .replace(/:\*$/, '') ?? '';
    ports.writeLogEvents({ account, region }, group, `${region}_${row.name}_0`, [{ timestamp, message }]);
  }
}

function isWanted(filter: LoggingFilter | undefined, outcome: Outcome): boolean {
  if (filter === undefined) return true;
  for (const { Conditions = [], Requirement, Behavior } of filter.Filters ?? []) {
    const holds = Conditions.map(({ ActionCondition, LabelNameCondition }) =>
      ActionCondition === undefined
        ? outcome.labels.includes(LabelNameCondition?.LabelName ?? '')
        : ActionCondition.Action === outcome.action ||
          outcome.counted.some(({ action }) => action === ActionCondition.Action),
    );
    const applies = Requirement === 'MEETS_ALL' ? holds.every(Boolean) : holds.some(Boolean);
    if (applies) return Behavior === 'KEEP';
  }
  return filter.DefaultBehavior === 'KEEP';
}

const REDACTED = 'REDACTED';

function recordOf(
  { row, request, country, outcome }: LoggedRequest,
  { RedactedFields = [] }: LoggingConfiguration,
  timestamp: number,
): object {
  const { terminating, counted } = outcome;
  const ruled = (match: RuleMatch) => ({
    ruleId: match.ruleName,
    action: match.action,
    ruleMatchDetails: [],
  });
  return {
    timestamp,
    formatVersion: 1,
    webaclId: row.arn,
    terminatingRuleId: terminating?.ruleName ?? 'Default_Action',
    terminatingRuleType: terminating?.type ?? 'REGULAR',
    action: outcome.action,
    terminatingRuleMatchDetails: [],
    httpSourceName: '-',
    httpSourceId: '-',
    ruleGroupList: [],
    rateBasedRuleList: [],
    nonTerminatingMatchingRules: counted.map(ruled),
    requestHeadersInserted:
      outcome.insertedHeaders.length === 0
        ? null
        : outcome.insertedHeaders.map(({ Name, Value }) => ({ name: Name, value: Value })),
    responseCodeSent: outcome.response?.status ?? null,
    httpRequest: {
      clientIp: request.sourceIp,
      country: country ?? '-',
      headers: headersOf(request, RedactedFields),
      uri: has(RedactedFields, 'UriPath') ? REDACTED : request.rawPath,
      args: has(RedactedFields, 'QueryString') ? REDACTED : request.rawQuery,
      httpVersion: request.protocol,
      httpMethod: has(RedactedFields, 'Method') ? REDACTED : request.method,
      requestId: randomUUID(),
    },
    ...(outcome.labels.length > 0 && { labels: outcome.labels.map((name) => ({ name })) }),
  };
}

const has = (fields: readonly FieldToMatch[], name: keyof FieldToMatch): boolean =>
  fields.some((field) => field[name] !== undefined);

function headersOf({ rawHeaders }: WebAclRequest, redacted: readonly FieldToMatch[]): object[] {
  const hidden = redacted.map(({ SingleHeader }) => SingleHeader?.Name?.toLowerCase());
  const headers: object[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    headers.push({ name, value: hidden.includes(name.toLowerCase()) ? REDACTED : rawHeaders[at + 1] });
  }
  return headers;
}
