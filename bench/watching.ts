/**
 * What watching a request costs it: the steps recorded for `explain`, kept in the ring, and AWS's metrics counted.
 * `bun bench/watching.ts`. In one process and without a network, because a few microseconds drown in a socket's.
 */
import type { Observation } from '../src/base/observation.ts';
import { limits } from '../src/base/limits.ts';
import { beginTrail, endLast, enter, keptBody, noteAnswer, noteOutput } from '../src/gateway/trail.ts';
import { createApiMetrics } from '../src/observe/api-metrics.ts';
import { createMetricBuffer } from '../src/observe/metric-buffer.ts';
import { createRequestRing } from '../src/observe/request-ring.ts';

const ROUNDS = 300_000;
const BODY = Buffer.from('{"statusCode":200,"items":[1,2,3]}');
const HEADERS = ['Content-Type', 'application/json'];

const ring = createRequestRing(limits.explainRequests);
const count = createApiMetrics(createMetricBuffer(() => {}));

/** One request's way through a plan with every step, as `serve.ts` walks it. */
function walk(isOn: boolean): Observation {
  const facts = isOn ? { trail: beginTrail() } : {};
  enter(facts, 'authorize');
  enter(facts, 'throttle');
  enter(facts, 'read');
  enter(facts, 'validate');
  enter(facts, 'transform');
  enter(facts, 'integrate', undefined);
  noteOutput(facts, BODY);
  noteAnswer(facts, HEADERS, BODY);
  const { trail } = facts as { trail?: ReturnType<typeof beginTrail> };
  if (trail !== undefined) {
    endLast(trail, performance.now());
    trail.body = keptBody(BODY);
  }
  return { ...OBSERVED, startedAt: Date.now(), endedAt: Date.now(), trail };
}

const OBSERVED: Observation = {
  requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  extendedRequestId: 'JKJaXmPLvHcESHA=',
  apiId: 'a1b2c3d4e5',
  apiName: 'bench',
  metrics: 'REST',
  scope: { account: '123456789012', region: 'us-east-1' },
  stageName: 'bench',
  routeKey: 'GET /mock',
  detailedMetrics: true,
  method: 'GET',
  rawPath: '/bench/mock',
  sourceIp: '127.0.0.1',
  rawHeaders: [],
  traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  traced: false,
  startedAt: 0,
  endedAt: 0,
  cache: undefined,
  canary: false,
  status: 200,
  responseBytes: 30,
  requestBytes: 0,
  integrationStatus: 200,
  integrationLatencyMs: 1,
  errorType: undefined,
  errorMessage: undefined,
  reason: undefined,
  abandoned: false,
  trail: undefined,
};

function microseconds(work: () => void): number {
  for (let at = 0; at < ROUNDS / 3; at++) work();
  const began = performance.now();
  for (let at = 0; at < ROUNDS; at++) work();
  return ((performance.now() - began) * 1000) / ROUNDS;
}

const off = microseconds(() => void walk(false));
const on = microseconds(() => ring.keep(walk(true)));
const counted = microseconds(() => count({ ...OBSERVED, endedAt: Date.now() }));
console.log(`explain off      ${off.toFixed(2)} us a request`);
console.log(`explain on       ${on.toFixed(2)} us a request, ${(on - off).toFixed(2)} more`);
console.log(`AWS's metrics    ${counted.toFixed(2)} us a request`);
if (on - off > 3) process.exitCode = 1;
