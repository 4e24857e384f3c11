// The forms that our schemas are made of give what typebox gives, marks that it does not list included; so its types are true of them.
import { Type as TypeBox } from 'typebox'
import { Value } from 'typebox/value'
import t from 'tap'
import { Type } from '../../src/shared/schema-forms.ts'

/** With the properties that are not listed, in one order. */
function show (schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(show)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(Object.getOwnPropertyNames(schema).sort().map(name => {
    const { value, enumerable } = Object.getOwnPropertyDescriptor(schema, name) as PropertyDescriptor
    return [enumerable === true ? name : `${name} (not listed)`, show(value)]
  }))
}

function makeEach (maker: typeof Type) {
  const words = maker.Union([maker.Literal('a', { description: 'one' }), maker.Literal(1), maker.Literal(true)], { default: 'a' })
  return {
    Array: maker.Array(maker.String({ minLength: 1 }), { minItems: 1, default: ['x'], description: 'x' }),
    Boolean: maker.Boolean({ default: false }),
    Enum: maker.Enum(['a', 'b'], { description: 'x' }),
    Integer: maker.Integer({ minimum: 1, maximum: 9 }),
    Literal: maker.Literal('word'),
    Number: maker.Number(),
    Object: maker.Object({ needed: maker.String(), other: maker.Optional(maker.Boolean()), words }, { additionalProperties: false, default: {} }),
    ObjectOfNothingNeeded: maker.Object({ other: maker.Optional(maker.Number({ minimum: 0 })) }),
    Optional: maker.Optional(maker.Optional(maker.Array(maker.String()))),
    Record: maker.Record(maker.String(), maker.Number(), { description: 'x' }),
    RecordOfPattern: maker.Record(maker.String({ pattern: '^[a-z]+$' }), words, { default: {} }),
    String: maker.String({ format: 'duration', examples: ['15m'] }),
    Union: words,
    Unsafe: maker.Unsafe<string>({ 'x-secret': true, anyOf: [{ type: 'string' }] }),
    UnsafeOptional: maker.Optional(maker.Unsafe<string>({ type: 'string' })),
  }
}

const ours = makeEach(Type)
const theirs = makeEach(TypeBox)

t.test('each form is as typebox makes it, in the order in which it is written to files', async t => {
  t.same(Object.keys(Type).filter(name => !(name in ours)), [], 'every form is compared')
  for (const name of Object.keys(ours) as (keyof typeof ours)[]) {
    t.strictSame(show(ours[name]), show(theirs[name]), name)
    t.equal(JSON.stringify(ours[name]), JSON.stringify(theirs[name]), name)
  }
})

t.test('what is made is what it was made from, unchanged', async t => {
  const given = Object.freeze({ type: 'string' })
  t.not(Type.Unsafe<string>(given), given)
  t.not(Type.Optional(ours.String), ours.String)
  t.strictSame(show(ours.String), show(theirs.String), 'a schema that was made optional elsewhere is needed where it stood before')
})

t.test("typebox's own functions take them for their own", async t => {
  for (const schema of [ours.Object, theirs.Object]) {
    t.ok(Value.Check(schema, { needed: 'x', words: 1 }))
    t.notOk(Value.Check(schema, { words: 'a' }))
    t.notOk(Value.Check(schema, { needed: 'x', words: 'a', more: 1 }))
    t.same(Value.Default(schema, { needed: 'x' }), { needed: 'x', words: 'a' })
  }
})
