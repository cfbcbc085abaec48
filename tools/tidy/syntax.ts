import { parseSync, visitorKeys } from 'oxc-parser';
import type { Source } from './source.ts';

/** A word or a construct and where it begins in the text. */
export interface Spot {
  readonly text: string;
  readonly start: number;
}

export interface FunctionShape {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly parameters: number;
  /** The callback of `describe`, our `onStage` or `withWorkers`: a heading with tests under it. */
  readonly isSuite: boolean;
}

/** What the rules want to know about one file; comments never count as code. */
export interface Syntax {
  readonly imports: readonly Spot[];
  readonly functions: readonly FunctionShape[];
  readonly identifiers: readonly Spot[];
  /** Names of declared types, interfaces and classes. */
  readonly typeNames: readonly Spot[];
  /** String literals and the fixed parts of templates. */
  readonly strings: readonly Spot[];
  /** Constructs in one notation: `Date.now`, `new Date`, `fetch()`, `async`, `decimal literal` … */
  readonly constructs: readonly Spot[];
  readonly comments: readonly Spot[];
  readonly error: string | null;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

type Facts = {
  -readonly [Key in keyof Syntax]: Syntax[Key] extends readonly (infer T)[] ? T[] : never;
};

const parsed = new WeakMap<Source, Syntax>();

/** Parses a file once; later calls for the same source answer from memory. */
export function syntaxOf(source: Source): Syntax {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const syntax = parse(source);
  parsed.set(source, syntax);
  return syntax;
}

function parse({ path, text }: Source): Syntax {
  const { program, comments, errors } = parseSync(path, text, { preserveParens: false });
  const facts: Omit<Facts, 'error'> = {
    imports: [],
    functions: [],
    identifiers: [],
    typeNames: [],
    strings: [],
    constructs: [],
    comments: comments.map(({ value, start }) => ({ text: value, start })),
  };
  visit(program as unknown as Node, null, facts);
  return { ...facts, error: errors[0]?.message ?? null };
}

type Collected = Omit<Facts, 'error'>;

function visit(node: Node, parent: Node | null, facts: Collected): void {
  collectImport(node, facts);
  collectWords(node, facts);
  collectFunction(node, parent, facts);
  collectConstruct(node, facts);
  for (const key of visitorKeys[node.type] ?? []) {
    const child = node[key];
    for (const item of Array.isArray(child) ? child : [child]) {
      if (isNode(item)) visit(item, node, facts);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

const IMPORTS = [
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
];

function collectImport(node: Node, facts: Collected): void {
  if (!IMPORTS.includes(node.type)) return;
  const specifier = isNode(node.source) ? node.source : node.argument;
  if (!isNode(specifier)) return;
  const literal = isNode(specifier.literal) ? specifier.literal : specifier;
  if (typeof literal.value !== 'string') return;
  facts.imports.push({ text: literal.value, start: literal.start });
}

const TYPE_DECLARATIONS = ['TSTypeAliasDeclaration', 'TSInterfaceDeclaration', 'ClassDeclaration'];

function collectWords(node: Node, facts: Collected): void {
  const { name, value, start } = node;
  if (/^(Identifier|PrivateIdentifier|JSXIdentifier)$/.test(node.type)) {
    facts.identifiers.push({ text: String(name), start });
  }
  if (node.type === 'Literal' && typeof value === 'string') {
    facts.strings.push({ text: value, start });
  }
  if (node.type === 'TemplateElement' || node.type === 'JSXText') {
    const raw = node.type === 'JSXText' ? value : (value as { raw: string }).raw;
    facts.strings.push({ text: String(raw), start });
  }
  if (TYPE_DECLARATIONS.includes(node.type) && isNode(node.id)) {
    facts.typeNames.push({ text: String(node.id.name), start: node.id.start });
  }
}

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

function collectFunction(node: Node, parent: Node | null, facts: Collected): void {
  if (!FUNCTIONS.includes(node.type) || !isNode(node.body)) return;
  if (node.async === true) facts.constructs.push({ text: 'async', start: node.start });
  const parameters = (node.params as Node[]).filter(({ name }) => name !== 'this').length;
  const name = nameOf(node) ?? (parent === null ? null : nameOf(parent)) ?? 'this function';
  const isSuite = parent?.type === 'CallExpression' && isSuiteCall(parent);
  facts.functions.push({ name, start: node.start, end: node.end, parameters, isSuite });
}

function nameOf(node: Node): string | null {
  const id = node.id ?? node.key ?? node.left;
  return isNode(id) && typeof id.name === 'string' ? id.name : null;
}

function isSuiteCall(call: Node): boolean {
  const callee = call.callee;
  return isNode(callee) && /^(describe|suite|onStage|withWorkers)$/.test(String(callee.name));
}

function collectConstruct(node: Node, facts: Collected): void {
  const text = constructOf(node);
  if (text !== null) facts.constructs.push({ text, start: node.start });
}

function constructOf(node: Node): string | null {
  switch (node.type) {
    case 'MemberExpression':
      return memberName(node);
    case 'NewExpression':
      return identifier(node.callee, (name) => `new ${name}`);
    case 'CallExpression':
      return identifier(node.callee, (name) => `${name}()`);
    case 'AwaitExpression':
      return 'await';
    case 'BinaryExpression':
    case 'AssignmentExpression':
      return node.operator === '/' || node.operator === '/=' ? 'division' : null;
    case 'Literal':
      return isDecimal(node) ? 'decimal literal' : null;
    case 'ForOfStatement':
      return node.await === true ? 'await' : null;
    case 'ForStatement':
      return node.test === null ? 'endless loop' : null;
    case 'WhileStatement':
    case 'DoWhileStatement':
      return isNode(node.test) && node.test.value === true ? 'endless loop' : null;
    default:
      return null;
  }
}

function memberName(node: Node): string | null {
  if (!isNode(node.property) || node.computed === true) return null;
  const property = String(node.property.name);
  if (isNode(node.object) && node.object.type === 'MetaProperty') return `import.meta.${property}`;
  return identifier(node.object, (name) =>
    name === 'globalThis' ? `${property}()` : `${name}.${property}`,
  );
}

function identifier(value: unknown, format: (name: string) => string): string | null {
  return isNode(value) && value.type === 'Identifier' ? format(String(value.name)) : null;
}

function isDecimal({ value, raw }: Node): boolean {
  return typeof value === 'number' && (!Number.isInteger(value) || String(raw).includes('.'));
}
