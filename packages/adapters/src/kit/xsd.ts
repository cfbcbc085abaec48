import { XMLParser } from 'fast-xml-parser';

/** One element of a schema or a document. */
type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
};

/** A schema, read once. */
export type Schema = {
  readonly root: Element;
  readonly types: ReadonlyMap<string, Element>;
};

const ATTRIBUTES = ':@';
const TEXT = '#text';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
});

/**
 * Test kit: reads an XML schema of the kind that ISO 20022 publishes. It uses named types,
 * sequences, choices, simple types with facets and attributes; anything else throws, so that a
 * schema is never half checked.
 */
export function readSchema(text: string): Schema {
  const schema = parse(text);
  const types = new Map<string, Element>();
  let root: Element | undefined;
  for (const child of schema.children) {
    if (child.name === 'element') root = child;
    else if (child.name === 'complexType' || child.name === 'simpleType') {
      types.set(child.attributes['name'] ?? '', child);
    } else throw new Error(`the schema has a ${child.name}, which this checker does not know`);
  }
  if (root === undefined) throw new Error('the schema has no root element');
  return { root, types };
}

/** Every way in which a document differs from its schema, as sentences; empty when valid. */
export function checkAgainst(schema: Schema, text: string): readonly string[] {
  const document = parse(text);
  const problems: string[] = [];
  const check = new Check(schema, problems);
  if (document.name !== schema.root.attributes['name']) return [`the root is ${document.name}`];
  check.element(document, schema.root.attributes['type'] ?? '', document.name);
  return problems;
}

function parse(text: string): Element {
  const nodes = parser.parse(text, true) as readonly Record<string, unknown>[];
  const element = nodes.map(toElement).find((one) => one !== undefined);
  if (element === undefined) throw new Error('there is no element');
  return element;
}

function toElement(node: Readonly<Record<string, unknown>>): Element | undefined {
  const tag = Object.keys(node).find((key) => key !== ATTRIBUTES);
  if (tag === undefined || tag === TEXT) return undefined;
  const inside = node[tag] as readonly Record<string, unknown>[];
  return {
    name: tag.slice(tag.indexOf(':') + 1),
    attributes: (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>,
    children: inside.flatMap((child) => toElement(child) ?? []),
    text: inside.map((child) => String(child[TEXT] ?? '')).join(''),
  };
}

/** Forms of the built-in types that the schemas build on. */
const BUILT_IN: Readonly<Record<string, RegExp>> = {
  'xs:string': /^/,
  'xs:boolean': /^(true|false|0|1)$/,
  'xs:decimal': /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
  'xs:date': /^\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?$/,
  'xs:dateTime': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/,
  'xs:time': /^\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/,
  'xs:gYear': /^\d{4}(Z|[+-]\d{2}:\d{2})?$/,
  'xs:gYearMonth': /^\d{4}-\d{2}(Z|[+-]\d{2}:\d{2})?$/,
  'xs:base64Binary': /^[A-Za-z0-9+/=\s]*$/,
};

/** The children of an element and how many of them are accounted for. */
type Row = { readonly children: readonly Element[]; place: number };

class Check {
  readonly #schema: Schema;
  readonly #problems: string[];

  constructor(schema: Schema, problems: string[]) {
    this.#schema = schema;
    this.#problems = problems;
  }

  element(element: Element, typeName: string, path: string): void {
    const type = this.#schema.types.get(typeName);
    if (type === undefined || type.name === 'simpleType') {
      for (const child of element.children) this.#say(path, `has ${child.name} inside a value`);
      this.#attributes(element, [], path);
      this.#value(element.text, typeName, path);
      return;
    }
    const [content] = type.children;
    const attributes = type.children.filter((child) => child.name === 'attribute');
    if (content?.name === 'simpleContent') {
      const [extension] = content.children;
      this.#value(element.text, extension?.attributes['base'] ?? '', path);
      this.#attributes(element, extension?.children ?? [], path);
      return;
    }
    this.#attributes(element, attributes, path);
    if (/\S/.test(element.text)) this.#say(path, 'has text between its elements');
    const row = { children: element.children, place: 0 };
    if (content !== undefined) this.#particle(content, row, path);
    const extra = row.children[row.place];
    if (extra !== undefined) this.#say(path, `has ${extra.name} where it is not allowed`);
  }

  /** Takes the children that satisfy a part of the content model. */
  #particle(part: Element, row: Row, path: string): void {
    const least = Number(part.attributes['minOccurs'] ?? '1');
    const given = part.attributes['maxOccurs'] ?? '1';
    const most = given === 'unbounded' ? Number.POSITIVE_INFINITY : Number(given);
    let count = 0;
    while (count < most && this.#begins(part, row.children[row.place])) {
      this.#once(part, row, path);
      count += 1;
    }
    if (count >= least) return;
    // A sequence that has not begun may still be satisfied by nothing at all.
    if (part.name === 'sequence') this.#once(part, row, path);
    else this.#say(path, `lacks ${part.attributes['name'] ?? `one of a ${part.name}`}`);
  }

  #once(part: Element, row: Row, path: string): void {
    const child = row.children[row.place];
    switch (part.name) {
      case 'element':
        if (child !== undefined) {
          this.element(child, part.attributes['type'] ?? '', `${path}/${child.name}`);
        }
        row.place += 1;
        return;
      case 'any':
        row.place += 1;
        return;
      case 'choice': {
        const chosen = part.children.find((option) => this.#begins(option, child));
        if (chosen !== undefined) this.#particle(chosen, row, path);
        return;
      }
      case 'sequence':
        for (const one of part.children) this.#particle(one, row, path);
        return;
      default:
        throw new Error(`the schema has a ${part.name}, which this checker does not know`);
    }
  }

  /** Whether an element can begin this part of the content model. */
  #begins(part: Element, child: Element | undefined): boolean {
    if (child === undefined) return false;
    if (part.name === 'any') return true;
    if (part.name === 'element') return part.attributes['name'] === child.name;
    if (part.name === 'choice') return part.children.some((one) => this.#begins(one, child));
    for (const one of part.children) {
      if (this.#begins(one, child)) return true;
      if (one.attributes['minOccurs'] !== '0') return false;
    }
    return false;
  }

  #attributes(element: Element, declared: readonly Element[], path: string): void {
    const names = new Set(declared.map((one) => one.attributes['name']));
    for (const name of Object.keys(element.attributes)) {
      if (!name.startsWith('xmlns') && !names.has(name)) this.#say(path, `has attribute ${name}`);
    }
    for (const one of declared) {
      const value = element.attributes[one.attributes['name'] ?? ''];
      if (value !== undefined) this.#value(value, one.attributes['type'] ?? '', path);
      else if (one.attributes['use'] === 'required') {
        this.#say(path, `lacks attribute ${one.attributes['name']}`);
      }
    }
  }

  #value(text: string, typeName: string, path: string): void {
    const builtIn = BUILT_IN[typeName];
    if (builtIn !== undefined) {
      if (!builtIn.test(text)) this.#say(path, `is not of type ${typeName}`);
      return;
    }
    const [restriction] = this.#schema.types.get(typeName)?.children ?? [];
    if (restriction?.name !== 'restriction') throw new Error(`unknown type ${typeName}`);
    this.#value(text, restriction.attributes['base'] ?? '', path);
    const facets = restriction.children;
    const allowed = facets.filter((facet) => facet.name === 'enumeration');
    if (allowed.length > 0 && !allowed.some((facet) => facet.attributes['value'] === text)) {
      this.#say(path, `is none of the values of ${typeName}`);
    }
    for (const facet of facets) this.#facet(facet, text, path);
  }

  #facet(facet: Element, text: string, path: string): void {
    const value = facet.attributes['value'] ?? '';
    const length = [...text].length;
    const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.');
    const isKept: Readonly<Record<string, () => boolean>> = {
      enumeration: () => true,
      minLength: () => length >= Number(value),
      maxLength: () => length <= Number(value),
      pattern: () => new RegExp(`^(?:${value})$`, 'u').test(text),
      fractionDigits: () => fraction.length <= Number(value),
      totalDigits: () => whole.replace(/^0+/, '').length + fraction.length <= Number(value),
      minInclusive: () => Number(text) >= Number(value),
    };
    const check = isKept[facet.name];
    if (check === undefined) throw new Error(`the schema has a facet ${facet.name}`);
    if (!check()) this.#say(path, `breaks ${facet.name} ${value}`);
  }

  #say(path: string, sentence: string): void {
    this.#problems.push(`${path} ${sentence}`);
  }
}
