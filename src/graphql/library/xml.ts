/** `util.xml`. https://docs.aws.amazon.com/appsync/latest/devguide/xml-helpers-in-util-xml-js.html */
import { XMLParser } from 'fast-xml-parser';

/** Texts stay texts ("01" is no number), attributes are left out, entities beyond XML's own are not read. */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: true,
  htmlEntities: false,
});

export const xmlToMap = (text: string): unknown => parser.parse(text) as unknown;
