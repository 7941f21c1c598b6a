/** Tags as API Gateway checks them: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging.html */
import { limits } from '../../base/limits.ts';
import { badRequest } from './faults.ts';

export type TagSet = Readonly<Record<string, string>>;

/** The tags, checked. Names with `aws:` belong to AWS: CloudFormation alone sets them (its calls come from inside). */
export function checkedTags(tags: TagSet | undefined): Record<string, string> {
  const entries = Object.entries(tags ?? {});
  if (entries.length > limits.apiGatewayTags)
    throw badRequest(`Number of tags exceeds resource tag limit of ${limits.apiGatewayTags}`);
  for (const [name, value] of entries) {
    if (name.length < 1 || name.length > 128)
      throw badRequest('Tag keys must be between 1 and 128 characters');
    if (value.length > 256) throw badRequest('Tag values must be at most 256 characters');
  }
  return Object.fromEntries(entries);
}
