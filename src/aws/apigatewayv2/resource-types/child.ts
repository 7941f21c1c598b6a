/** The shape of most types here: a noun under an API, with a create, an update and a delete operation. */
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { apiGatewayV2, cleared, gone, type Properties, pick, type Request, textOf } from './request.ts';

export interface ChildNoun {
  /** `Route`, of `AWS::ApiGatewayV2::Route`, `CreateRoute`, ... */
  readonly noun: string;
  /** The member that names one; also what `Fn::GetAtt` gives it by. */
  readonly id: string;
  /** Members that say where it belongs. */
  readonly parents: readonly string[];
  /** Members that create and update take. */
  readonly members: readonly string[];
  /** Those of them that an update can take away. */
  readonly clearable: readonly string[];
  readonly unsupported?: readonly string[];
  /** Properties that CloudFormation writes differently from the API. */
  readonly shape?: (properties: Properties) => Properties;
}

export function childType(child: ChildNoun): ResourceType<Properties> {
  const { noun, parents, members } = child;
  const shape = child.shape ?? ((properties: Properties) => properties);
  return {
    type: `AWS::ApiGatewayV2::${noun}`,
    ...(child.unsupported && { unsupported: child.unsupported }),

    async create(request) {
      const input = pick(shape(request.properties), [...parents, ...members]);
      return stateOf(child, await apiGatewayV2(request, `Create${noun}`, input));
    },

    async update(request, current) {
      const [before, after] = [shape(current.properties), shape(request.properties)];
      const gone = cleared(before, after, child.clearable);
      const input = { ...where(child, request, current.physicalId), ...merged(gone, pick(after, members)) };
      return stateOf(child, await apiGatewayV2(request, `Update${noun}`, input));
    },

    async delete(request, current) {
      const input = where(child, { ...request, properties: current.properties }, current.physicalId);
      await gone(apiGatewayV2(request, `Delete${noun}`, input));
    },
  };
}

/** A map that lost some keys and kept others is sent whole. */
const merged = (gone: Properties, kept: Properties): Properties =>
  Object.fromEntries(
    [...new Set([...Object.keys(gone), ...Object.keys(kept)])].map((name) => {
      const [left, now] = [gone[name], kept[name]];
      const both = typeof left === 'object' && typeof now === 'object' && !Array.isArray(left);
      return [name, both ? { ...left, ...now } : (now ?? left)];
    }),
  );

const where = (child: ChildNoun, { properties }: Request, physicalId: string): Properties => ({
  ...pick(properties, child.parents),
  [child.id]: physicalId,
});

function stateOf({ id }: ChildNoun, shown: Properties): ResourceState {
  const physicalId = textOf(shown[id]);
  return { physicalId, attributes: { [id]: physicalId } };
}
