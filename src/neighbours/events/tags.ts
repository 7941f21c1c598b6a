/** Tags of rules and buses. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { buses, DEFAULT_BUS, findBus, findRule, ruleKey, rules } from './bus-row.ts';
import { invalid } from './fault.ts';
import type { EventsRoom } from './room.ts';

type Tags = Readonly<Record<string, string>>;

export function tagsOf(given: readonly Tag[] | undefined): Tags {
  const tags = Object.fromEntries((given ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  return checkTags(tags);
}

function checkTags(tags: Tags): Tags {
  if (Object.keys(tags).length <= limits.eventTags) return tags;
  throw invalid(`A resource has at most ${limits.eventTags} tags.`);
}

export const tagOperations = ({ store }: EventsRoom) => {
  const edit = async (
    scope: Scope,
    arn: string | undefined,
    change: (tags: Tags) => Tags,
  ): Promise<object> => {
    await store.transaction((rows) => changeTags(rows, scope, arn, change));
    return {};
  };
  return {
    TagResource: (input: TagResourceRequest, { scope }: Call) =>
      edit(scope, input.ResourceARN, (tags) => checkTags({ ...tags, ...tagsOf(input.Tags) })),

    UntagResource: (input: UntagResourceRequest, { scope }: Call) =>
      edit(scope, input.ResourceARN, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
      ),

    async ListTagsForResource(
      input: ListTagsForResourceRequest,
      { scope }: Call,
    ): Promise<ListTagsForResourceResponse> {
      const { row } = await findTagged(store, scope, input.ResourceARN);
      return { Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
};

/** `event-bus/NAME`, `rule/NAME` or `rule/BUS/NAME`. */
function resourceOf(arn: string | undefined): readonly string[] {
  return parseArn(arn ?? '')?.resource.split('/') ?? [];
}

function findTagged(rows: Pick<Transaction, 'get'>, scope: Scope, arn: string | undefined) {
  const [kind, first = '', second] = resourceOf(arn);
  if (kind === 'event-bus') return findBus(rows, scope, first);
  return findRule(rows, scope, second ?? first, second === undefined ? DEFAULT_BUS : first);
}

async function changeTags(
  rows: Transaction,
  scope: Scope,
  arn: string | undefined,
  change: (tags: Tags) => Tags,
): Promise<void> {
  const [kind, first = '', second] = resourceOf(arn);
  if (kind === 'event-bus') {
    const bus = await findBus(rows, scope, first);
    return rows.put(buses, bus.scope, bus.name, { ...bus.row, tags: change(bus.row.tags) });
  }
  const { row, scope: owner } = await findRule(
    rows,
    scope,
    second ?? first,
    second === undefined ? DEFAULT_BUS : first,
  );
  return rows.put(rules, owner, ruleKey(row.bus, row.name), { ...row, tags: change(row.tags) });
}
