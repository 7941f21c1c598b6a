/**
 * Cross-site scripting: text that would run as a script where a page prints it, in markup, in an attribute or as an
 * address. AWS's detector is a black box; this one looks for what HTML itself runs. Entities and URL encoding are
 * undone by the rule's own text transformations, as on AWS.
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-xss-match.html
 */
import { RE2JS } from 're2js';

/** White space as browsers take it between the parts of a tag. */
const W = '[\\s\\x00\\x0b]';

/** `javascript` with what browsers ignore inside a scheme. */
const spaced = (word: string): string => [...word].join(`${W}*`);

const SIGNS = [
  // Elements that run, load or redirect something by being there.
  `<(?:${W}|/)*(?:script|i?frame|frameset|object|embed|applet|base|meta|link|style|svg|math|import|xml|xss|isindex|noscript|i?layer|bgsound|template|animate|set|foreignobject)(?:${W}|[/>"'<]|$)`,
  // Any element with a handler: <img src=x onerror=...>, <body/onload=...>.
  `<[a-z!?/][^>]*?(?:${W}|["'/])on[a-z]{3,40}${W}*=`,
  // Out of an attribute and into a handler: " onmouseover="...
  `["'\`](?:${W}|/)*[^<>"'\`]{0,100}?(?:${W}|["'\`/])on[a-z]{3,40}${W}*=`,
  // An address that runs.
  `(?:^|[\\s"'=(,;:])(?:${spaced('javascript')}|${spaced('vbscript')}|livescript|mocha)${W}*:`,
  `data:${W}*(?:text/html|image/svg\\+xml|application/xhtml\\+xml|text/xml)`,
  // Styles that run.
  `(?:style${W}*=|<style)[^>]{0,400}?(?:expression${W}*\\(|behaviou?r${W}*:|-moz-binding|@import|url${W}*\\(${W}*["']?${W}*javascript)`,
  // Markup that makes more markup.
  `<!(?:entity|doctype|\\[cdata\\[|attlist)|<\\?(?:xml|import)|<!--\\[if|\\bsrcdoc${W}*=|\\bformaction${W}*=|\\bxlink:href${W}*=`,
];

/** In linear time, whatever the text. */
const sign = RE2JS.compile(SIGNS.map((one) => `(?:${one})`).join('|'), RE2JS.CASE_INSENSITIVE);

export const looksLikeScripting = (text: string): boolean =>
  /[<"'`:=]/.test(text) && sign.matcher(text).find();
