/** A mapping template of fifteen lines, and the function that one would write in its place. */

export interface Order {
  readonly items: readonly {
    readonly id: number;
    readonly name: string;
    readonly price: number;
    readonly tags: readonly string[];
  }[];
}

export const TEMPLATE = `#set($root = $input.path('$'))
#set($currency = $input.params('currency'))
{
  "count": $root.items.size(),
  "items": [
#foreach($item in $root.items)
    {
      "id": "$item.id",
      "name": "$util.escapeJavaScript($item.name)",
      "price": "$item.price $currency",
      "first": "$item.tags[0]"
    }#if($foreach.hasNext),#end
#end
  ]
}`;

export function handWritten(text: string, currency: string): string {
  const order = JSON.parse(text) as Order; // the benchmark's own text
  return JSON.stringify({
    count: order.items.length,
    items: order.items.map((item) => ({
      id: String(item.id),
      name: item.name,
      price: `${item.price} ${currency}`,
      first: item.tags[0],
    })),
  });
}
