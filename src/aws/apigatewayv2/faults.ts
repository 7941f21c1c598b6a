/** API Gateway v2's errors, in the words that callers of AWS have reported. */
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';

export const badRequest = (message: string): Fault => new Fault('BadRequestException', message);

export const conflict = (message: string): Fault => new Fault('ConflictException', message);

const notFound = (message: string): Fault => new Fault('NotFoundException', message);

/** The account and the id, as in https://github.com/aws/aws-sam-cli/issues/7030 */
export const missingApi = (scope: Scope, apiId: string): Fault =>
  notFound(`Invalid API identifier specified ${scope.account}:${apiId}`);

/** `noun` as AWS writes it: Route, Integration, Authorizer, Model, Deployment, ... */
export const missing = (noun: string, id: string): Fault =>
  notFound(`Invalid ${noun} identifier specified ${id}`);

export const missingStage = (): Fault => notFound('Invalid stage identifier specified');

export const missingDomainName = (): Fault =>
  notFound('The domain name resource specified in the request was not found.');

/** A route setting that names no route: https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/pull/80 */
export const missingSettingsRoute = (routeKey: string): Fault =>
  notFound(`Unable to find Route by key ${routeKey} within the provided RouteSettings`);

/** Seen with status 429 and this code: https://github.com/anomalyco/ion/issues/513 */
export const tooMany = (nouns: string): Fault =>
  new Fault(
    'ConflictException',
    `Maximum number of ${nouns} for this API has been reached. Please contact AWS if you need additional ${nouns}.`,
    { status: 429 },
  );
