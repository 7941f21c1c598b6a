/** Whether a request is sampled where nobody decided before: the first rule that fits, its reservoir, then its rate. */
import type { SamplingRule } from '@aws-sdk/client-xray';
import type { Now } from '../../base/clock.ts';
import type { SampledRequest, SampleTrace } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { defaultRule } from './sampling-rule.ts';

export interface Sampler {
  readonly sample: SampleTrace;
  /** The rules are read again at the next request. */
  readonly forget: () => void;
}

interface Compiled {
  readonly fits: (request: SampledRequest) => boolean;
  readonly reservoir: number;
  readonly rate: number;
  second: number;
  taken: number;
}

/** Until the rules are there, which is a moment after the first request, the default holds. */
export function createSampler(
  load: (scope: Scope) => Promise<readonly SamplingRule[]>,
  now: Now,
  draw: () => number,
): Sampler {
  let known = new Map<string, readonly Compiled[]>();
  const rulesFor = (scope: Scope): readonly Compiled[] => {
    const key = `${scope.account}/${scope.region}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const usual = [compile(defaultRule(scope))];
    const generation = known;
    known.set(key, usual);
    load(scope).then(
      (rules) => void generation.set(key, rules.map(compile)),
      () => undefined, // the default stays
    );
    return usual;
  };
  return {
    forget() {
      known = new Map();
    },
    sample(request) {
      const rule = rulesFor(request.scope).find(({ fits }) => fits(request));
      if (rule === undefined) return false;
      const second = Math.floor(now() / 1000);
      if (rule.second !== second) {
        rule.second = second;
        rule.taken = 0;
      }
      if (rule.taken < rule.reservoir) {
        rule.taken++;
        return true;
      }
      return draw() < rule.rate;
    },
  };
}

function compile(rule: SamplingRule): Compiled {
  const service = glob(rule.ServiceName);
  const type = glob(rule.ServiceType);
  const host = glob(rule.Host);
  const method = glob(rule.HTTPMethod);
  const path = glob(rule.URLPath);
  const arn = glob(rule.ResourceARN);
  const hasAttributes = Object.keys(rule.Attributes ?? {}).length > 0;
  return {
    // Requests of stages have no attributes to go by.
    fits: (request) =>
      !hasAttributes &&
      service(request.serviceName) &&
      type('AWS::ApiGateway::Stage') &&
      host(request.host) &&
      method(request.method) &&
      path(request.path) &&
      arn(request.stageArn),
    reservoir: rule.ReservoirSize ?? 0,
    rate: rule.FixedRate ?? 0,
    second: 0,
    taken: 0,
  };
}

/** `*` for anything, `?` for one character; case does not count. */
function glob(pattern = '*'): (text: string) => boolean {
  if (pattern === '*') return () => true;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'i');
  return (text) => expression.test(text);
}
