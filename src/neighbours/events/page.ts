/** Pages of EventBridge's lists: all unless a limit is given. */
interface PageInput {
  readonly Limit?: number | undefined;
  readonly NextToken?: string | undefined;
}

export function pageOf<Item>(
  items: readonly Item[],
  { Limit, NextToken }: PageInput,
  keyOf: (item: Item) => string,
) {
  const after = NextToken === undefined ? undefined : Buffer.from(NextToken, 'base64').toString();
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, Limit ?? 100);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined;
  return {
    page: [...page],
    NextToken: more ? { NextToken: Buffer.from(keyOf(last)).toString('base64') } : {},
  };
}
