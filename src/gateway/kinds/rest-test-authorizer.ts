/**
 * TestInvokeAuthorizer: one authorizer asked by hand about a request that goes no further. What it says is shown, not
 * obeyed. https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeAuthorizer.html
 */
import { reasonOf } from '../../base/fault.ts';
import { compileRestAuthorizers } from '../authorizers/rest-authorizers.ts';
import { compileLambdaQuestion } from '../authorizers/rest-lambda.ts';
import type {
  RestDefinition,
  TestInvokeAuthorizer,
  TestInvokeAuthorizerAnswer,
  TestInvokeAuthorizerRequest,
} from '../config.ts';
import type { Engine } from '../engine.ts';
import type { Checked } from '../plan.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import { stampedLines, testedCall } from './rest-test.ts';

type Said = Pick<TestInvokeAuthorizerAnswer, 'principalId' | 'policy' | 'claims'>;

export function createTestInvokeAuthorizer(engine: Engine): TestInvokeAuthorizer {
  return async (request) => {
    const log = stampedLines(engine.ports.now);
    const call = callOf(engine, request, log.lines);
    const { said, refusal } = await ask(engine, request, call);
    if (refusal !== null) log.lines.push(refusal.details.reason ?? refusal.text ?? refusal.type);
    return {
      clientStatus: refusal === null ? 0 : call.stage.refuse(refusal, call).status,
      log: `Execution log for request ${call.requestId}\n${log.print()}`,
      latencyMs: engine.ports.now() - call.receivedAt,
      ...said,
    };
  };
}

async function ask(
  engine: Engine,
  { authorizer }: TestInvokeAuthorizerRequest,
  call: Checked,
): Promise<{ said: Said; refusal: Refusal | null }> {
  try {
    if (authorizer.type !== 'COGNITO_USER_POOLS') {
      const { principalId, policyDocument } = await compileLambdaQuestion(
        authorizer,
        call.stage,
        engine,
      )(call);
      call.facts.lines?.push(`Using valid authorizer policy for principal: ${hidden(String(principalId))}`);
      return {
        said: { principalId: String(principalId), policy: JSON.stringify(policyDocument) },
        refusal: null,
      };
    }
    const authorize = compileRestAuthorizers([authorizer], call.stage, engine).cognito(authorizer.id ?? '');
    const { authorizer: identity } = await authorize(call, []);
    return { said: { claims: identity?.['claims'] as Record<string, string> }, refusal: null }; // as user pools' authorizers put them
  } catch (thrown) {
    const refusal = isRefusal(thrown)
      ? thrown
      : new Refusal('AUTHORIZER_FAILURE', null, { reason: reasonOf(thrown) });
    return { said: {}, refusal };
  }
}

const hidden = (text: string): string => `${'*'.repeat(Math.max(0, text.length - 2))}${text.slice(-2)}`;

/** A call of an API that has nothing but a root. */
function callOf(engine: Engine, request: TestInvokeAuthorizerRequest, lines: string[]): Checked {
  const definition: RestDefinition = {
    resources: [
      {
        id: 'root',
        path: '/',
        resourceMethods: { GET: { authorizationType: 'NONE', methodIntegration: { type: 'MOCK' } } },
      },
    ],
    models: [],
    requestValidators: [],
    authorizers: [request.authorizer],
    gatewayResponses: [],
    binaryMediaTypes: [],
    apiKeySource: 'HEADER',
    endpointTypes: ['REGIONAL'],
    vpcEndpointIds: [],
  };
  const { apiId, scope, target, rawHeaders, body, stageVariables } = request;
  return testedCall(
    engine,
    {
      apiId,
      scope,
      target,
      rawHeaders,
      body,
      stageVariables,
      definition,
      resourceId: 'root',
      httpMethod: 'GET',
      caller: request.caller,
    },
    lines,
  );
}
