/**
 * Integrations that are not proxies (AWS, HTTP, MOCK): the request is transformed for the backend, the answer for the
 * client. One way for all; the backend is what differs.
 */
import { compileResponseTransform } from '../mapping/response-transform.ts';
import { compileRequestTransform, type BackendRequest } from '../mapping/request-transform.ts';
import { MappingScope } from '../mapping/scope.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import type { Checked, Reply } from '../plan.ts';
import type { RawHeaders } from '../raw-headers.ts';
import { enter, keptMessage, noteOutput } from '../trail.ts';

export interface BackendAnswer {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
  /** What selection patterns are matched against: the status, or a function's errorMessage. */
  readonly selection: string;
}

export type Backend = (call: Checked, request: BackendRequest) => BackendAnswer | Promise<BackendAnswer>;

export function compileCustom(
  method: RestMethod,
  backend: Backend,
  traced: boolean,
): (call: Checked) => Reply | Promise<Reply> {
  const toBackend = compileRequestTransform(method);
  const toClient = compileResponseTransform(method, traced);
  const back = (scope: MappingScope, answer: BackendAnswer): Reply => {
    const { facts } = scope.call;
    noteOutput(facts, keptMessage(facts, answer));
    enter(facts, 'transform');
    return toClient(scope, answer);
  };
  return (call) => {
    enter(call.facts, 'transform');
    const scope = new MappingScope(call);
    const request = toBackend(scope);
    enter(call.facts, 'integrate', keptMessage(call.facts, request));
    const answer = backend(call, request);
    return answer instanceof Promise ? answer.then((late) => back(scope, late)) : back(scope, answer);
  };
}
