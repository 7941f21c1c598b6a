import { expect, test } from 'bun:test';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

test('made, changed, refused and removed', async () => {
  const { run } = openControlPlane();
  const { id: restApiId = '', rootResourceId: resourceId } = await run.CreateRestApi({ name: 'a' }, CALL);
  const made = await run.CreateRequestValidator({ restApiId, name: 'v' }, CALL);
  const place = { restApiId, requestValidatorId: made.id ?? '' };
  expect(made).toEqual({
    id: expect.any(String),
    name: 'v',
    validateRequestBody: false,
    validateRequestParameters: false,
  });
  const update = (op: 'add' | 'replace', path: string, value?: string) =>
    refusal(run.UpdateRequestValidator({ ...place, patchOperations: [{ op, path, value }] }, CALL));
  expect(await update('replace', '/validateRequestBody', 'true')).toMatchObject({
    validateRequestBody: true,
  });
  expect(await update('replace', '/validateRequestBody')).toMatchObject({ validateRequestBody: false });
  expect(await update('replace', '/name', '')).toBe(
    'BadRequestException: Request Validator name cannot be blank',
  );
  expect(await update('add', '/validateRequestBody', 'true')).toBe(
    "BadRequestException: Invalid patch path  '/validateRequestBody' specified for op 'add'. Please choose supported operations",
  );
  expect(await update('replace', '/invalidPath', 'true')).toBe(
    "BadRequestException: Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/name, /validateRequestParameters, /validateRequestBody]",
  );
  const method = { restApiId, resourceId, httpMethod: 'GET', authorizationType: 'NONE' };
  await run.PutMethod({ ...method, requestValidatorId: made.id }, CALL);
  expect(await refusal(run.DeleteRequestValidator(place, CALL))).toStartWith('ConflictException');
  await run.DeleteMethod(method, CALL);
  await run.DeleteRequestValidator(place, CALL);
  const missing = 'NotFoundException: Invalid Request Validator identifier specified';
  expect(await refusal(run.GetRequestValidator(place, CALL))).toBe(missing);
  expect(await refusal(run.DeleteRequestValidator(place, CALL))).toBe(missing);
});

test('a wrong API is a bad request when creating, not found when listing', async () => {
  const { run } = openControlPlane();
  expect(await refusal(run.CreateRequestValidator({ restApiId: 'x' }, CALL))).toBe(
    'BadRequestException: Invalid REST API identifier specified',
  );
  expect(await refusal(run.GetRequestValidators({ restApiId: 'x' }, CALL))).toBe(
    'NotFoundException: Invalid API identifier specified 123456789012:x',
  );
});
