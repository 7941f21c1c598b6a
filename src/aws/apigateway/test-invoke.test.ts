import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

test('the gateway runs the API as it stands, undeployed', async () => {
  const plane = openControlPlane({
    testInvoke: async (request) => ({
      status: 200,
      rawHeaders: ['X', '1', 'X', '2'],
      body: `${request.httpMethod} ${request.target} ${request.definition.resources.length} ${request.rawHeaders}`,
      log: 'Execution log\n',
      latencyMs: 3,
    }),
  });
  const method = await mockApi(plane);
  const headers = { a: '1', b: 'lost' };
  const multiValueHeaders = { b: ['2', '3'] };
  expect(await plane.run.TestInvokeMethod({ ...method, headers, multiValueHeaders }, CALL)).toEqual({
    status: 200,
    body: 'GET / 1 a,1,b,2,b,3',
    headers: { X: '2' },
    multiValueHeaders: { X: ['1', '2'] },
    log: 'Execution log\n',
    latency: 3,
  });
});

test('without a gateway it is refused by name; what is missing comes first', async () => {
  const plane = openControlPlane();
  const method = await mockApi(plane);
  expect(await refusal(plane.run.TestInvokeMethod(method, CALL))).toBe(
    'BadRequestException: TestInvokeMethod: not supported by gatehouse',
  );
  expect(await refusal(plane.run.TestInvokeMethod({ ...method, httpMethod: 'PUT' }, CALL))).toBe(
    'NotFoundException: Invalid Method identifier specified',
  );
});
