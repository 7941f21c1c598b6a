/** The last requests that each rule matched, in memory: GetSampledRequests. */
import type {
  GetRateBasedStatementManagedKeysRequest,
  GetSampledRequestsRequest,
  SampledHTTPRequest,
} from '@aws-sdk/client-wafv2';
import { limits } from '../../base/limits.ts';
import type { WebAclRequest } from '../../base/ports.ts';
import type { Outcome, RuleMatch } from '../../lang/waf/web-acl.ts';
import { missing } from './fault.ts';
import type { Inspection } from './inspection.ts';
import { byArn } from './named.ts';
import { unpackRules } from './packed-rules.ts';
import type { WafPorts } from './ports.ts';
import { statementsOf } from './references.ts';
import { type WebAclRow, webAcls } from './rows.ts';
import type { Call } from '../../wire/service.ts';

export interface Sampler {
  readonly note: (
    row: WebAclRow,
    request: WebAclRequest,
    country: string | undefined,
    outcome: Outcome,
  ) => void;
  /** By web ACL and metric: how many there were, and the last of them. */
  readonly of: (webAclArn: string, metric: string) => Sample;
}

interface Sample {
  population: number;
  readonly requests: SampledHTTPRequest[];
}

const THREE_HOURS_MS = 3 * 3_600_000;

export function createSampler(now: () => number): Sampler {
  const samples = new Map<string, Sample>();
  const sampleOf = (key: string): Sample => {
    const known = samples.get(key) ?? { population: 0, requests: [] };
    samples.set(key, known);
    if (samples.size > limits.wafSampledMetrics) samples.delete(samples.keys().next().value ?? '');
    return known;
  };
  return {
    note(row, request, country, outcome) {
      const keep = (metric: string, match: RuleMatch | undefined): void => {
        const sample = sampleOf(`${row.arn} ${metric}`);
        sample.population++;
        sample.requests.push(sampleFrom(request, country, outcome, match, now()));
        if (sample.requests.length > limits.wafSampledRequests) sample.requests.shift();
      };
      const matched = [...outcome.counted, ...(outcome.terminating ? [outcome.terminating] : [])];
      for (const match of matched) if (match.sampled) keep(match.metricName, match);
      if (!row.visibility.SampledRequestsEnabled) return;
      if (outcome.terminating === undefined) keep('Default_Action', undefined);
      keep(row.visibility.MetricName ?? '', outcome.terminating);
    },
    of: (webAclArn, metric) => samples.get(`${webAclArn} ${metric}`) ?? { population: 0, requests: [] },
  };
}

function sampleFrom(
  request: WebAclRequest,
  country: string | undefined,
  outcome: Outcome,
  match: RuleMatch | undefined,
  nowMs: number,
): SampledHTTPRequest {
  const Headers = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2)
    Headers.push({ Name: request.rawHeaders[at], Value: request.rawHeaders[at + 1] });
  return {
    Request: {
      ClientIP: request.sourceIp,
      Country: country ?? '-',
      URI: request.rawQuery === '' ? request.rawPath : `${request.rawPath}?${request.rawQuery}`,
      Method: request.method,
      HTTPVersion: request.protocol,
      Headers,
    },
    Weight: 1,
    Timestamp: new Date(nowMs),
    Action: match?.action ?? outcome.action,
    ...(match?.withinGroup !== undefined && { RuleNameWithinRuleGroup: match.withinGroup }),
    ...(outcome.insertedHeaders.length > 0 && {
      RequestHeadersInserted: outcome.insertedHeaders.map(({ Name, Value }) => ({ Name, Value })),
    }),
    ...(outcome.response && { ResponseCodeSent: outcome.response.status }),
    ...(outcome.labels.length > 0 && { Labels: outcome.labels.map((Name) => ({ Name })) }),
  };
}

export const sampledRequestOperations = (ports: WafPorts, sampler: Sampler, inspection: Inspection) => ({
  GetSampledRequests: async (input: GetSampledRequestsRequest) => {
    const { row } = await byArn(ports.store, input.WebAclArn);
    const { StartTime, EndTime } = input.TimeWindow ?? {};
    const end = Math.min(EndTime?.getTime() ?? ports.now(), ports.now());
    const start = Math.max(StartTime?.getTime() ?? 0, ports.now() - THREE_HOURS_MS);
    const { population, requests } = sampler.of(row.arn, input.RuleMetricName ?? '');
    const within = requests.filter(({ Timestamp }) => {
      const at = Timestamp?.getTime() ?? 0;
      return at >= start && at <= end;
    });
    return {
      SampledRequests: within.slice(-(input.MaxItems ?? 100)),
      PopulationSize: within.length < requests.length ? within.length : population,
      TimeWindow: { StartTime: new Date(start), EndTime: new Date(end) },
    };
  },

  /** The addresses that a rule by address holds back now. */
  GetRateBasedStatementManagedKeys: async (
    input: GetRateBasedStatementManagedKeysRequest,
    { scope }: Call,
  ) => {
    const all = await ports.store.list(webAcls, scope);
    const found = all.find(({ row }) => row.id === input.WebACLId && row.name === input.WebACLName);
    const rule = found && unpackRules(found.row.rules).find(({ Name }) => Name === input.RuleName);
    if (found === undefined || rule === undefined) throw missing();
    const [statement] = [...statementsOf([rule])].filter((one) => one.RateBasedStatement !== undefined);
    const limit = statement?.RateBasedStatement?.Limit ?? Infinity;
    const keys = inspection.limitedKeys(found.row.arn, rule.Name ?? '', limit).map(addressOf);
    return {
      ManagedKeysIPV4: {
        IPAddressVersion: 'IPV4' as const,
        Addresses: keys.filter((key) => !key.includes(':')).map((key) => `${key}/32`),
      },
      ManagedKeysIPV6: {
        IPAddressVersion: 'IPV6' as const,
        Addresses: keys.filter((key) => key.includes(':')).map((key) => `${key}/128`),
      },
    };
  },
});

const addressOf = (key: string): string => {
  const [first] = JSON.parse(key) as unknown[]; // a list of texts: rate.ts writes it
  return String(first);
};
