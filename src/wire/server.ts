/** The generic AWS server: HTTP requests or calls from inside, to the handlers of the services. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../base/log.ts';
import type { CallOperation } from '../base/ports.ts';
import { createIdentifyCaller, type CallerPorts } from './caller.ts';
import type { PlainObject } from './codecs/record.ts';
import { createExchange } from './exchange.ts';
import { loadService, type ServicePlan } from './plan.ts';
import { notServed, unknownOperation } from './refusals.ts';
import { createRunOperation, type RunPorts } from './run-operation.ts';
import { sendReply } from './send-reply.ts';
import { serviceRow, type ServiceRow } from './services.ts';

/**
 * `services`: the running service of an id in `services.ts`, undefined when this server has none; asked at each call.
 */
export interface WirePorts extends CallerPorts, RunPorts {
  readonly log: Log;
  /** This server as others reach it (`http://127.0.0.1:4566`), for URLs in answers to calls from inside. */
  readonly endpoint?: () => string;
}

export interface Wire {
  /** Answers a request to the AWS control plane. Never rejects. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The same operations from inside: no bytes, the same checks. Throws Fault. */
  readonly call: CallOperation;
}

export function createWire(ports: WirePorts): Wire {
  const planOf = createPlans();
  const run = createRunOperation(ports);
  const exchange = createExchange({
    planOf,
    run,
    identifyCaller: createIdentifyCaller(ports),
    log: ports.log,
  });

  return {
    async handle(request, response) {
      const aborter = new AbortController();
      response.once('close', () => {
        if (!response.writableFinished) aborter.abort(new Error('the client went away'));
      });
      const { method = 'GET', url = '/', rawHeaders } = request;
      const scheme = Reflect.get(request.socket, 'encrypted') === true ? 'https' : 'http';
      const { signal } = aborter;
      const sourceIp = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
      const reply = await exchange({
        method,
        target: url,
        rawHeaders,
        body: request,
        scheme,
        sourceIp,
        signal,
      });
      await sendReply(reply, request, response, ports.log);
    },
    async call({ service, operation: name, input, scope, caller, calledVia }) {
      const row = serviceRow(service);
      if (row === undefined) throw notServed(service);
      const operation = (await planOf(row)).operations.get(name);
      if (operation === undefined) throw unknownOperation(row, name);
      return run(operation, input as PlainObject, {
        // an SDK input is an object with string keys
        scope,
        caller,
        requestId: randomUUID(),
        endpoint: ports.endpoint?.() ?? '',
        header: () => undefined,
        setStatus: () => {},
        signal: NEVER,
        calledVia: [calledVia ?? ''],
      });
    },
  };
}

/** Each service's schemas are loaded at its first call. */
function createPlans(): (row: ServiceRow) => Promise<ServicePlan> {
  const plans = new Map<string, Promise<ServicePlan>>();
  return (row) => {
    let plan = plans.get(row.id);
    if (plan === undefined) {
      plan = loadService(row);
      plans.set(row.id, plan);
    }
    return plan;
  };
}

const NEVER = new AbortController().signal;
